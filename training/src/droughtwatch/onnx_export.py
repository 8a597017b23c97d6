"""The network as ONNX, layer by layer: it has five kinds of them (docs/decisions/0032 says why no converter does this)."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import onnx
from keras import layers
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

INPUT = "input"
OUTPUT = "probabilities"
OPSET = 17
IR_VERSION = 8
"""Of ONNX 1.12, which has that opset: newer ones would keep older runtimes from reading what they can run."""

ACTIVATIONS = {"relu": "Relu", "softmax": "Softmax"}
CHANNELS_FIRST = [0, 3, 1, 2]
"""ONNX convolves [batch, channels, height, width]; Keras's own order is [batch, height, width, channels]."""
CHANNELS_LAST = [0, 2, 3, 1]


class _Graph:
    """Nodes one after the other, each of which takes what the last one gave."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.weights: list[TensorProto] = []
        self.last = INPUT

    def add(self, operator: str, *constants: NDArray[np.generic], **attributes: Any) -> None:  # noqa: ANN401 — as make_node has them
        name = f"{operator.lower()}_{len(self.nodes)}"
        named = [f"{name}:{i}" for i in range(len(constants))]
        self.weights += [numpy_helper.from_array(value, of) for value, of in zip(constants, named, strict=True)]
        self.nodes.append(helper.make_node(operator, [self.last, *named], [name], name=name, **attributes))
        self.last = name

    def activate(self, layer: keras.Layer) -> None:
        name = layer.activation.__name__
        if name not in ACTIVATIONS:
            raise TypeError(f"layer {layer.name}: found the activation {name}, allowed are {', '.join(ACTIVATIONS)}")
        self.add(ACTIVATIONS[name])


def _convolution(graph: _Graph, layer: layers.Conv2D) -> None:
    _check(layer, padding="valid", strides=(1, 1), dilation_rate=(1, 1), groups=1, data_format="channels_last")
    kernel, bias = layer.get_weights()
    graph.add("Conv", kernel.transpose(3, 2, 0, 1), bias)
    graph.activate(layer)


def _pooling(graph: _Graph, layer: layers.MaxPooling2D) -> None:
    _check(layer, padding="valid", strides=layer.pool_size, data_format="channels_last")
    graph.add("MaxPool", kernel_shape=list(layer.pool_size), strides=list(layer.strides))


def _flattening(graph: _Graph, _: layers.Flatten) -> None:
    graph.add("Transpose", perm=CHANNELS_LAST)
    graph.add("Flatten")


def _dense(graph: _Graph, layer: layers.Dense) -> None:
    graph.add("Gemm", *layer.get_weights())
    graph.activate(layer)


KINDS: dict[type[keras.Layer], Callable[[_Graph, keras.Layer], None]] = {
    layers.Conv2D: _convolution,
    layers.MaxPooling2D: _pooling,
    layers.Dropout: lambda _, __: None,  # it drops only while it is trained
    layers.Flatten: _flattening,
    layers.Dense: _dense,
}


def onnx_of(network: keras.Sequential) -> bytes:
    """The network as an ONNX model of any batch: float32 [batch, height, width, bands] to [batch, classes].

    The same weights give the same bytes. Raises TypeError for a layer, or a setting of one, that is none of these.
    """
    graph = _Graph()
    graph.add("Transpose", perm=CHANNELS_FIRST)
    for layer in network.layers:
        if type(layer) not in KINDS:
            raise TypeError(f"layer {layer.name}: found a {type(layer).__name__}, allowed are {', '.join(kind.__name__ for kind in KINDS)}")
        KINDS[type(layer)](graph, layer)
    graph.nodes[-1].output[0] = OUTPUT
    shapes = {INPUT: ["batch", *network.input_shape[1:]], OUTPUT: ["batch", *network.output_shape[1:]]}
    values = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()}
    model = helper.make_model(
        helper.make_graph(graph.nodes, "droughtwatch", [values[INPUT]], [values[OUTPUT]], graph.weights),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="swath-training",
    )
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _check(layer: keras.Layer, **allowed: object) -> None:
    for name, value in allowed.items():
        if getattr(layer, name) != value:
            raise TypeError(f"layer {layer.name}: {name}: found {getattr(layer, name)!r}, allowed is {value!r}")

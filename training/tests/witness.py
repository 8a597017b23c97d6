"""A model package that sees what Swath gives to a model: which of some expected chips it is, to the last bit of the last pixel."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from droughtwatch.package import Trained, item_of, write_json


def write_witness(folder: Path, trained: Trained, expected: NDArray[np.float32]) -> None:
    """Writes a package with a class for each of the expected chips, [chips, height, width, bands], and one for none of them.

    A chip is of the first class whose pixels all equal its own. NaN equals nothing, and 0 equals -0.
    """
    folder.mkdir()
    model = witness_of(expected)
    item = item_of(replace(trained, onnx=model))
    properties = item["properties"]
    names = [*(f"expected-{i}" for i in range(len(expected))), "none"]
    (output,) = properties["mlm:output"]
    output["classification:classes"] = [{"value": value, "name": name} for value, name in enumerate(names)]
    output["result"]["shape"] = [-1, len(names)]
    properties["mlm:name"] = "witness"
    properties["mlm:batch_size_suggestion"] = 4  # each chip is compared with all of them
    (folder / "model.onnx").write_bytes(model)
    write_json(folder / "item.json", item)
    write_json(folder / "reference.json", {"classes": dict.fromkeys(names, 1)})


def witness_of(expected: NDArray[np.float32]) -> bytes:
    """The graph: `input` [batch, height, width, bands] to `probabilities` [batch, chips + 1], of which one is 1."""
    chips, *shape = expected.shape
    constants: dict[str, NDArray[np.generic]] = {
        "expected": expected.reshape(1, chips, -1),
        "flat": np.array([-1, 1, expected[0].size], np.int64),
        "pixels": np.array([2], np.int64),
        "classes": np.array([1], np.int64),
        "zero": np.array(0, np.float32),
        "one": np.array(1, np.float32),
        "depth": np.array(chips + 1, np.int64),
        "off_and_on": np.array([0, 1], np.float32),
    }
    nodes = [
        helper.make_node("Reshape", ["input", "flat"], ["chip"]),
        helper.make_node("Equal", ["chip", "expected"], ["is_equal"]),
        helper.make_node("Not", ["is_equal"], ["differs"]),
        helper.make_node("Cast", ["differs"], ["difference"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["difference", "pixels"], ["differences"], keepdims=0),
        helper.make_node("Equal", ["differences", "zero"], ["is_chip"]),
        helper.make_node("Cast", ["is_chip"], ["found"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["found", "classes"], ["any"], keepdims=1),
        helper.make_node("Sub", ["one", "any"], ["none"]),
        helper.make_node("Concat", ["found", "none"], ["all"], axis=1),
        helper.make_node("ArgMax", ["all"], ["first"], axis=1, keepdims=0),
        helper.make_node("OneHot", ["first", "depth", "off_and_on"], ["probabilities"], axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "witness",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *shape])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", chips + 1])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content

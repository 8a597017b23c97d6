import { GRAPH, MODEL, NODE } from './onnxMessages.ts';
import { eachField, last, textOf } from './protobuf.ts';

/**
 * Operators whose time depends on the shapes of their inputs alone, and whose outputs' shapes do as well: none loops, and none
 * makes as many values as its input's values say, as Range, Expand, Tile, Pad and Resize do.
 */
const STEADY = new Set(
  `Add ArgMax AveragePool BatchNormalization Cast Clip Concat Constant Conv DequantizeLinear Div Dropout Elu Erf Exp Flatten Gelu
  Gemm GlobalAveragePool GlobalMaxPool Greater HardSigmoid HardSwish Identity InstanceNormalization LRN LayerNormalization
  LeakyRelu LinearClassifier LinearRegressor Log LogSoftmax MatMul MaxPool Mul Neg Normalizer PRelu Pow QLinearConv QLinearMatMul
  QuantizeLinear ReduceMean Relu Reshape Scaler Shape Sigmoid Softmax Sqrt Squeeze Sub Tanh Transpose TreeEnsembleClassifier
  TreeEnsembleRegressor Unsqueeze ZipMap`.split(/\s+/),
);

/** Returns whether an ONNX model that `checkOnnxFile` takes needs about the same time for all inputs of one shape. */
export function isSteady(onnx: Uint8Array): boolean {
  for (const { number, content } of eachField(last(onnx, MODEL.graph)?.content ?? onnx))
    if (number === GRAPH.node && !STEADY.has(textOf(last(content, NODE.operator)))) return false;
  return true;
}

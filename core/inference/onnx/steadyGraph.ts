import { GRAPH, MODEL, NODE } from './onnxMessages.ts';
import { eachField, last, type ReadField, textOf, textsIn } from './protobuf.ts';

/**
 * Operators whose time depends on the shapes of their inputs alone, and whose outputs' shapes do as well: none loops, and none
 * makes as many values as its input's values say, as Range, Expand, Tile, Pad and Resize do.
 */
const STEADY = new Set(
  `Add ArgMax AveragePool BatchNormalization Cast Clip Concat Constant Conv DequantizeLinear Div Dropout Elu Erf Exp Flatten Gelu
  Gemm GlobalAveragePool GlobalMaxPool Greater HardSigmoid HardSwish Identity InstanceNormalization LRN LayerNormalization
  LeakyRelu LinearClassifier LinearRegressor Log LogSoftmax MatMul MaxPool Mul Neg Normalizer PRelu Pow QLinearConv QLinearMatMul
  QuantizeLinear ReduceMean Relu Scaler Sigmoid Softmax Sqrt Sub Tanh Transpose ZipMap`.split(/\s+/),
);
/** The same, if their second input, which says the output's shape, is a constant or absent. */
const STEADY_BY_CONSTANT = ['Reshape', 'Squeeze', 'Unsqueeze'];
const DOMAINS = ['', 'ai.onnx', 'ai.onnx.ml'];

/** Returns whether an ONNX model that `checkOnnxFile` takes needs about the same time for all inputs of one shape. */
export function isSteady(onnx: Uint8Array): boolean {
  const model = [...eachField(onnx)];
  const graphs = model.filter(({ number }) => number === MODEL.graph);
  if (graphs.length !== 1 || model.some(({ number }) => number === MODEL.function)) return false;
  const fields = [...eachField(graphs[0]!.content)];
  const nodes = fields.filter(({ number }) => number === GRAPH.node);
  const operatorOf = ({ content }: ReadField) => textOf(last(content, NODE.operator));
  const constants = new Set([
    ...fields.filter(({ number }) => number === GRAPH.constant).map(({ content }) => textOf(last(content, 8))),
    ...nodes.filter((node) => operatorOf(node) === 'Constant').flatMap(({ content }) => textsIn(content, NODE.output)),
  ]);
  return nodes.every((node) => {
    const [operator, [, shape = '']] = [operatorOf(node), textsIn(node.content, NODE.input)];
    const isByConstant = STEADY_BY_CONSTANT.includes(operator) && (shape === '' || constants.has(shape));
    return (STEADY.has(operator) || isByConstant) && DOMAINS.includes(textOf(last(node.content, NODE.domain)));
  });
}

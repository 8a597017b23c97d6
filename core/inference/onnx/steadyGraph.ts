import { eachField, last, textOf, textsIn } from '../../base/protobuf.ts';
import { GRAPH, MODEL, NODE } from './onnxMessages.ts';

/**
 * Operators whose time depends on the shapes of their inputs alone, and whose outputs' shapes do as well: none loops, and none
 * makes as many values as its input's values say, as Tile, Pad and Resize do.
 */
const STEADY = new Set(
  `Add And ArgMax AveragePool BatchNormalization Cast Clip Concat Constant Conv DequantizeLinear Div Dropout Elu Equal Erf Exp Flatten
  Gather Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual HardSigmoid HardSwish Identity InstanceNormalization LRN
  LayerNormalization LeakyRelu LinearClassifier LinearRegressor Log LogSoftmax MatMul MaxPool Mul Neg Normalizer PRelu Pow QLinearConv
  QLinearMatMul QuantizeLinear ReduceMean Relu Scaler Shape Sigmoid Softmax Sqrt Sub Tanh Transpose Where ZipMap`.split(
    /\s+/,
  ),
);
/** The same, if the inputs that say the output's shape follow from constants and shapes: those from this one on. */
const STEADY_BY_SHAPE = new Map(
  Object.entries({ ConstantOfShape: 0, Expand: 1, Range: 0, Reshape: 1, Slice: 1, Squeeze: 1, Unsqueeze: 1 }),
);
const DOMAINS = ['', 'ai.onnx', 'ai.onnx.ml'];

/** Returns whether an ONNX model that `checkOnnxFile` takes needs about the same time for all inputs of one shape. */
export function isSteady(onnx: Uint8Array): boolean {
  const model = [...eachField(onnx)];
  const graphs = model.filter(({ number }) => number === MODEL.graph);
  if (graphs.length !== 1 || model.some(({ number }) => number === MODEL.function)) return false;
  const fields = [...eachField(graphs[0]!.content)];
  const constants = fields
    .filter(({ number }) => number === GRAPH.constant)
    .map(({ content }) => textOf(last(content, 8)));
  const known = new Set(['', ...constants]);
  return fields.every(({ number, content }) => {
    if (number !== GRAPH.node) return true;
    const [operator, inputs] = [textOf(last(content, NODE.operator)), textsIn(content, NODE.input)];
    const areKnown = (from: number) => inputs.slice(from).every((input) => known.has(input));
    if (operator === 'Shape' || areKnown(0)) for (const output of textsIn(content, NODE.output)) known.add(output);
    const isSteady =
      STEADY.has(operator) || (STEADY_BY_SHAPE.has(operator) && areKnown(STEADY_BY_SHAPE.get(operator)!));
    return isSteady && DOMAINS.includes(textOf(last(content, NODE.domain)));
  });
}

import { eachField, last, packed, textOf, textsIn } from '../../base/protobuf.ts';
import { NODE } from './onnxMessages.ts';

const ATTRIBUTE = { name: 1, ints: 8, strings: 9 } as const;
const TENSOR = { type: 2, int32: 5, string: 6, int64: 7, raw: 9 } as const;
/** How raw values of TensorProto.DataType are read, by their type. */
const RAW = { 6: Int32Array, 7: BigInt64Array } as const;

/** Operators between which the meaning of an output is the same: a quantised model has them after its Softmax. */
export const PASSING = ['QuantizeLinear', 'DequantizeLinear', 'Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze'];

/** A graph's nodes by the names of their outputs, and its constants by theirs. */
export type GraphParts = { nodes: ReadonlyMap<string, Uint8Array>; constants: ReadonlyMap<string, Uint8Array> };

/**
 * Returns the names of the classes that a graph chooses its label from: an ONNX-ML classifier states them, or they are a constant
 * that ArrayFeatureExtractor chooses from. None for other graphs. Classifiers further inside, as of an ensemble, may have others.
 */
export function classLabels(outputs: readonly string[], { nodes, constants }: GraphParts): string[] {
  const left = new Map(nodes);
  for (let name of outputs)
    for (let node = left.get(name); node !== undefined; node = left.get(name)) {
      left.delete(name);
      const labels = labelsOfNode(node);
      if (labels.length > 0) return labels;
      const operator = textOf(last(node, NODE.operator));
      name = textsIn(node, NODE.input)[0] ?? '';
      if (operator === 'ArrayFeatureExtractor') return labelsOfConstant(constants.get(name));
      if (!PASSING.includes(operator)) break;
    }
  return [];
}

/** Returns the classes that a node states in its attributes. */
export function labelsOfNode(node: Uint8Array): string[] {
  const attributes = [...eachField(node)].filter(({ number }) => number === NODE.attribute);
  const stated = attributes.filter(({ content }) => LABELS.test(textOf(last(content, ATTRIBUTE.name))));
  return stated.flatMap(({ content }) =>
    [...eachField(content)].flatMap((field) => {
      if (field.number === ATTRIBUTE.strings) return [textOf(field)];
      return field.number === ATTRIBUTE.ints ? [String(BigInt.asIntN(64, field.value))] : [];
    }),
  );
}

const LABELS = /^classlabels_(strings|int64s|ints)$/;

function labelsOfConstant(tensor: Uint8Array | undefined): string[] {
  if (tensor === undefined) return [];
  const Raw = Object(RAW)[Number(last(tensor, TENSOR.type)?.value)] as (typeof RAW)[6 | 7] | undefined;
  return [...eachField(tensor)].flatMap(({ number, content }) => {
    if (number === TENSOR.string) return [new TextDecoder().decode(content)];
    if (number === TENSOR.int32 || number === TENSOR.int64)
      return packed(content).map((value) => String(BigInt.asIntN(64, value)));
    if (number !== TENSOR.raw || Raw === undefined || content.length % Raw.BYTES_PER_ELEMENT !== 0) return [];
    return [...new Raw(content.slice().buffer)].map(String);
  });
}

import { eachField, int, join, message, type ReadField, text } from '../../base/protobuf.ts';

/**
 * The few messages of onnx.proto that an inference graph needs, encoded by hand
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). Each function returns the fields of its message.
 */

/** A tensor's name and dimensions; a text is a free dimension. */
export type OnnxValue = { name: string; dimensions: readonly (number | string)[] };

export type OnnxNode = { operator: string; inputs: readonly string[]; outputs: readonly string[] };

/** The fields of some messages, by their names. */
export const MODEL = { producer: 2, graph: 7, function: 25 } as const;
export const GRAPH = { node: 1, name: 2, constant: 5, input: 11, output: 12 } as const;
export const NODE = { input: 1, output: 2, operator: 4, attribute: 5, domain: 7 } as const;

const FLOAT32 = 1;

/** Returns a model whose graph has other fields; null if the change is none, or the model has not just one graph. */
export function withGraph(onnx: Uint8Array, change: (fields: readonly ReadField[]) => readonly Uint8Array[] | null) {
  const fields = [...eachField(onnx)];
  const graphs = fields.filter(({ number }) => number === MODEL.graph);
  const others = fields.filter(({ number }) => number !== MODEL.graph);
  const changed = graphs.length === 1 ? change([...eachField(graphs[0]!.content)]) : null;
  return changed && join([...others.map(({ whole }) => whole), message(MODEL.graph, changed)]);
}

export const nodeMessage = ({ operator, inputs, outputs }: OnnxNode): Uint8Array[] => [
  ...inputs.map((name) => text(NODE.input, name)),
  ...outputs.map((name) => text(NODE.output, name)),
  text(NODE.operator, operator),
];

/** @param type of TensorProto.DataType */
export function valueMessage({ name, dimensions }: OnnxValue, type = FLOAT32): Uint8Array[] {
  const shape = dimensions.map((size) => message(1, [typeof size === 'number' ? int(1, size) : text(2, size)]));
  return [text(1, name), message(2, [message(1, [int(1, type), message(2, shape)])])];
}

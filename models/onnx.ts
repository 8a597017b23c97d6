/**
 * Writes small ONNX models without a library: the few messages of onnx.proto that an inference graph needs, encoded as
 * protobuf by hand (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */

/** A tensor's name and dimensions; a text is a dimension that any size fits. It is of float32 where it says nothing else. */
export type OnnxValue = { name: string; dimensions: readonly (number | string)[]; type?: keyof typeof TYPES };

export type OnnxNode = {
  operator: string;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Whole numbers; a graph is what an operator such as Loop repeats. */
  attributes?: Readonly<Record<string, number | readonly number[] | OnnxGraph>>;
};

export type OnnxGraph = {
  name: string;
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  constants: readonly { name: string; dimensions: readonly number[]; values: readonly number[] }[];
  nodes: readonly OnnxNode[];
};

const IR_VERSION = 8;
const OPSET_VERSION = 15;
/** TensorProto.DataType. */
const TYPES = { float32: 1, int64: 7, bool: 9 } as const;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_GRAPH = 5;
const ATTRIBUTE_INTS = 7;

/** The bytes of an ONNX model of one graph, with the operators of opset 15. */
export function encodeOnnx(model: OnnxGraph): Uint8Array {
  return join([int(1, IR_VERSION), message(7, graph(model)), message(8, [text(1, ''), int(2, OPSET_VERSION)])]);
}

function graph({ name, inputs, outputs, constants, nodes }: OnnxGraph): Uint8Array[] {
  return [
    ...nodes.map((entry) => message(1, node(entry))),
    text(2, name),
    ...constants.map(({ name, dimensions, values }) =>
      message(5, [
        ...dimensions.map((size) => int(1, size)),
        int(2, TYPES.float32),
        text(8, name),
        field(9, new Uint8Array(Float32Array.from(values).buffer)),
      ]),
    ),
    ...inputs.map((value) => message(11, valueInfo(value))),
    ...outputs.map((value) => message(12, valueInfo(value))),
  ];
}

function node({ operator, inputs, outputs, attributes = {} }: OnnxNode): Uint8Array[] {
  return [
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) => message(5, [text(1, name), ...attribute(value)])),
  ];
}

function attribute(value: number | readonly number[] | OnnxGraph): Uint8Array[] {
  if (typeof value === 'number') return [int(3, value), int(20, ATTRIBUTE_INT)];
  if ('nodes' in value) return [message(6, graph(value)), int(20, ATTRIBUTE_GRAPH)];
  return [...value.map((each) => int(8, each)), int(20, ATTRIBUTE_INTS)];
}

function valueInfo({ name, dimensions, type = 'float32' }: OnnxValue): Uint8Array[] {
  const shape = dimensions.map((size) => message(1, [typeof size === 'number' ? int(1, size) : text(2, size)]));
  return [text(1, name), message(2, [message(1, [int(1, TYPES[type]), message(2, shape)])])];
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;

const int = (number: number, value: number) => join([varint((number << 3) | VARINT), varint(value)]);
const text = (number: number, value: string) => field(number, new TextEncoder().encode(value));
const message = (number: number, fields: readonly Uint8Array[]) => field(number, join(fields));
const field = (number: number, bytes: Uint8Array) =>
  join([varint((number << 3) | LENGTH_DELIMITED), varint(bytes.length), bytes]);

/** Protobuf's base 128; a negative number is written as the unsigned one with the same 64 bits. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

import { field, int, join, message, text } from '../../core/base/protobuf.ts';
import {
  GRAPH,
  MODEL,
  NODE,
  nodeMessage,
  type OnnxNode as PlainNode,
  type OnnxValue as PlainValue,
  valueMessage,
} from '../../core/inference/onnx/onnxMessages.ts';

/** By default of float32. */
export type OnnxValue = PlainValue & { type?: keyof typeof TYPES };

export type OnnxNode = PlainNode & {
  attributes?: Readonly<Record<string, number | readonly number[]>>;
  /** The graph that an operator such as Loop repeats. */
  body?: OnnxGraph;
};

type OnnxConstant = { name: string; dimensions: readonly number[]; values: ArrayLike<number> };

export type OnnxGraph = {
  name: string;
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  constants: readonly OnnxConstant[];
  nodes: readonly OnnxNode[];
};

/** Writes small ONNX models without a library. */

const IR_VERSION = 8;
const OPSET_VERSION = 15;
const TYPES = { float32: 1, uint8: 2, int64: 7, bool: 9, float16: 10 } as const;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_GRAPH = 5;
const ATTRIBUTE_INTS = 7;

/** The bytes of an ONNX model of one graph, with the operators of opset 15. */
export function encodeOnnx(model: OnnxGraph): Uint8Array {
  const opset = message(8, [text(1, ''), int(2, OPSET_VERSION)]);
  return join([int(1, IR_VERSION), message(MODEL.graph, graphMessage(model)), opset]);
}

function graphMessage({ name, inputs, outputs, constants, nodes }: OnnxGraph): Uint8Array[] {
  return [
    ...nodes.map((node) => message(GRAPH.node, [...nodeMessage(node), ...attributesOf(node), ...bodyOf(node)])),
    text(GRAPH.name, name),
    ...constants.map((constant) => message(GRAPH.constant, constantMessage(constant))),
    ...inputs.map((value) => message(GRAPH.input, valueMessage(value, TYPES[value.type ?? 'float32']))),
    ...outputs.map((value) => message(GRAPH.output, valueMessage(value, TYPES[value.type ?? 'float32']))),
  ];
}

function constantMessage({ name, dimensions, values }: OnnxConstant): Uint8Array[] {
  return [
    ...dimensions.map((size) => int(1, size)),
    int(2, TYPES.float32),
    text(8, name),
    field(9, new Uint8Array(Float32Array.from(values).buffer)),
  ];
}

function attributesOf({ attributes = {} }: OnnxNode): Uint8Array[] {
  return Object.entries(attributes).map(([name, value]) => {
    const said =
      typeof value === 'number'
        ? [int(3, value), int(20, ATTRIBUTE_INT)]
        : [...value.map((each) => int(8, each)), int(20, ATTRIBUTE_INTS)];
    return message(NODE.attribute, [text(1, name), ...said]);
  });
}

function bodyOf({ body }: OnnxNode): Uint8Array[] {
  if (body === undefined) return [];
  return [message(NODE.attribute, [text(1, 'body'), message(6, graphMessage(body)), int(20, ATTRIBUTE_GRAPH)])];
}

import {
  constantMessage,
  GRAPH,
  MODEL,
  NODE,
  nodeMessage,
  type OnnxConstant,
  type OnnxValue,
  type OnnxNode as PlainNode,
  valueMessage,
} from '../../core/inference/onnx/onnxMessages.ts';
import { int, join, message, text } from '../../core/inference/onnx/protobuf.ts';

export type { OnnxValue };

export type OnnxNode = PlainNode & {
  /** The graph that an operator such as Loop repeats. */
  body?: OnnxGraph;
};

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
const ATTRIBUTE_GRAPH = 5;

/** The bytes of an ONNX model of one graph, with the operators of opset 15. */
export function encodeOnnx(model: OnnxGraph): Uint8Array {
  const opset = message(8, [text(1, ''), int(2, OPSET_VERSION)]);
  return join([int(1, IR_VERSION), message(MODEL.graph, graphMessage(model)), opset]);
}

function graphMessage({ name, inputs, outputs, constants, nodes }: OnnxGraph): Uint8Array[] {
  return [
    ...nodes.map((node) => message(GRAPH.node, [...nodeMessage(node), ...bodyOf(node)])),
    text(GRAPH.name, name),
    ...constants.map((constant) => message(GRAPH.constant, constantMessage(constant))),
    ...inputs.map((value) => message(GRAPH.input, valueMessage(value))),
    ...outputs.map((value) => message(GRAPH.output, valueMessage(value))),
  ];
}

function bodyOf({ body }: OnnxNode): Uint8Array[] {
  if (body === undefined) return [];
  return [message(NODE.attribute, [text(1, 'body'), message(6, graphMessage(body)), int(20, ATTRIBUTE_GRAPH)])];
}

import { graphMessage, type OnnxGraph } from '../../core/inference/onnx/onnxMessages.ts';
import { int, join, message, text } from '../../core/inference/onnx/protobuf.ts';

export type { OnnxGraph, OnnxNode, OnnxValue } from '../../core/inference/onnx/onnxMessages.ts';

/** Writes small ONNX models without a library. */

const IR_VERSION = 8;
const OPSET_VERSION = 15;

/** The bytes of an ONNX model of one graph, with the operators of opset 15. */
export function encodeOnnx(model: OnnxGraph): Uint8Array {
  return join([int(1, IR_VERSION), message(7, graphMessage(model)), message(8, [text(1, ''), int(2, OPSET_VERSION)])]);
}

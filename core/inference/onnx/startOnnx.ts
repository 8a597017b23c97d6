import './noTelemetry.ts';
import * as ort from 'onnxruntime-node';
import { int, join, message, text } from '../../base/protobuf.ts';
import { GRAPH, MODEL, nodeMessage, valueMessage } from './onnxMessages.ts';

/** A model that negates one number: IR version 8, opset 15. */
const LEAST_MODEL = join([
  int(1, 8),
  message(MODEL.graph, [
    message(GRAPH.node, nodeMessage({ operator: 'Neg', inputs: ['given'], outputs: ['turned'] })),
    text(GRAPH.name, 'least'),
    message(GRAPH.input, valueMessage({ name: 'given', dimensions: [1] })),
    message(GRAPH.output, valueMessage({ name: 'turned', dimensions: [1] })),
  ]),
  message(8, [text(1, ''), int(2, 15)]),
]);

/** Runs a minimal model: a process's first pays for the runtime's own 20 MB or so. Measurements call this first. */
export async function startOnnx(): Promise<void> {
  const session = await ort.InferenceSession.create(LEAST_MODEL, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  await session.run({ given: new ort.Tensor('float32', new Float32Array(1), [1]) });
}

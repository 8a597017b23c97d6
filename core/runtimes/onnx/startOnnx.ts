import './noTelemetry.ts';
import * as ort from 'onnxruntime-node';
import { graphMessage } from './onnxMessages.ts';
import { int, join, message, text } from './protobuf.ts';

/** A model of one number, which turns its sign: with the IR version 8 and the operators of opset 15. */
const LEAST_MODEL = join([
  int(1, 8),
  message(
    7,
    graphMessage({
      name: 'least',
      inputs: [{ name: 'given', dimensions: [1] }],
      outputs: [{ name: 'turned', dimensions: [1] }],
      constants: [],
      nodes: [{ operator: 'Neg', inputs: ['given'], outputs: ['turned'] }],
    }),
  ),
  message(8, [text(1, ''), int(2, 15)]),
]);

/**
 * Has onnxruntime load and run the least model that there is. The first model of a process pays what the runtime takes for itself, some 20 MB:
 * whoever measures a model pays that before.
 */
export async function startOnnx(): Promise<void> {
  const session = await ort.InferenceSession.create(LEAST_MODEL, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  await session.run({ given: new ort.Tensor('float32', new Float32Array(1), [1]) });
}

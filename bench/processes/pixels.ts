import '../../core/inference/onnx/noTelemetry.ts';
import * as ort from 'onnxruntime-node';
import { answerQuestions } from '../child.ts';
import { coresHere } from '../cores.ts';
import { startTaking, type Taken } from '../taken.ts';

/** The limit of a model of pixels: onnxruntime alone, on all of our cores, in full batches of tensors that are ready. */

const [path = '', batchSize = '', bands = '', side = ''] = process.argv.slice(2);
const shape = [batchSize, bands, side, side].map(Number);

export type Question = { chips: number };

const session = await ort.InferenceSession.create(path, {
  intraOpNumThreads: coresHere().length,
  interOpNumThreads: 1,
  enableMemPattern: false,
});
const values = Float32Array.from(
  { length: shape.reduce((product, size) => product * size, 1) },
  (_, i) => (i % 400) / 1000,
);
const feeds = { [session.inputNames[0]!]: new ort.Tensor('float32', values, shape) };
await session.run(feeds);

answerQuestions<Question, Taken>(async ({ chips }) => {
  const take = startTaking();
  for (let done = 0; done < chips; done += shape[0]!) await session.run(feeds);
  return take(chips);
});

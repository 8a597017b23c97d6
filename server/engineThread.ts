import { parentPort } from 'node:worker_threads';
import { runtimesOf } from '../aws/runtimes.ts';
import type { Plane } from '../core/arrays/dataTypes.ts';
import { InvalidSceneFile, insteadOf } from '../core/base/errors.ts';
import { notLoaded } from '../core/doors/online/engine.ts';
import { makeInputReader } from '../core/doors/online/inputReader.ts';
import { type Inference, openModel } from '../core/inference/predict.ts';
import type { ModelPackage } from '../core/package/package.ts';
import { fromPlain } from '../core/tasks/plainPackage.ts';
import type { FromEngine, ToEngine } from './engineMessages.ts';

/** A thread that runs models, or reads inputs: native code and decoders block only this thread. */

const port = parentPort!;
const inferences = new Map<number, Promise<Inference>>();
const models = new Map<number, ModelPackage>();

port.on('message', (message: ToEngine) => {
  if ('stop' in message) return port.close();
  if ('close' in message) {
    const closed = inferences.get(message.close);
    inferences.delete(message.close);
    closed?.then(({ close }) => close?.()).catch(() => {}); // whoever runs it has heard of it
    models.delete(message.close);
    return;
  }
  if ('open' in message) {
    const model = fromPlain(message.model);
    models.set(message.open, model);
    if (message.bytes === null) return;
    const { bytes } = message;
    const device = process.env['SWATH_DEVICE'] === 'cuda' ? 'cuda' : 'cpu';
    const opened = openModel(model, async () => bytes, { runtimes: runtimesOf(process.env), threads: 1, device });
    const opening = opened.catch(insteadOf(Error, (error) => notLoaded(model, error)));
    opening.catch(() => {}); // whoever runs it hears of it
    inferences.set(message.open, opening);
    return;
  }
  void answer(message);
});

async function answer({ run, model, ...work }: Extract<ToEngine, { run: number }>): Promise<void> {
  try {
    if ('job' in work) {
      const { chip, ...about } = await makeInputReader(models.get(model)!, work.maxImageBytes)(work.job);
      if (chip instanceof InvalidSceneFile) return post({ run, read: { ...about, chip: chip.message } });
      return post({ run, read: { ...about, chip } }, chip.planes.flatMap(ownBuffer));
    }
    const { scores, runTensors } = await inferences.get(model)!;
    if ('tensors' in work) return post({ run, tensors: await runTensors!(work.tensors) });
    const outputs = await scores(work.batch, 0, work.batch.chips);
    post({ run, outputs }, ownBuffer(outputs));
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    post({ run, error: { name, message } });
  }
}

/** The buffer that an array fills alone: one that is a part of a larger one, such as Node's pool, can only be copied. */
const ownBuffer = ({ buffer, byteLength }: Plane): ArrayBuffer[] =>
  byteLength === buffer.byteLength ? [buffer as ArrayBuffer] : [];

function post(message: FromEngine, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, [...new Set(transfer)]);
}

import { parentPort } from 'node:worker_threads';
import { runtimesOf } from '../aws/runtimes.ts';
import type { Plane } from '../core/arrays/dataTypes.ts';
import { InvalidSceneFile, insteadOf } from '../core/base/errors.ts';
import { notLoaded } from '../core/doors/online/engine.ts';
import { type InputJob, type InputRead, makeInputReader } from '../core/doors/online/inputReader.ts';
import type { ChipBatch } from '../core/inference/feed.ts';
import { type Inference, openModel } from '../core/inference/predict.ts';
import type { Tensors } from '../core/inference/runtime.ts';
import type { Chip, ModelPackage } from '../core/package/package.ts';
import { fromPlain, type PlainPackage } from '../core/tasks/plainPackage.ts';

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

/** The messages between the server and a thread that runs models. */
export type ToEngine =
  /** Loads a model, under a number by which batches name it; without bytes, only to read its inputs. */
  | { open: number; model: PlainPackage; bytes: Uint8Array | null }
  | { close: number }
  | ({ run: number; model: number } & Work)
  /** To end when what is under way is done. */
  | { stop: true };

/** A batch to be predicted, tensors as the graph takes them, or an input to be read whose image has so many bytes at most. */
export type Work = { batch: ChipBatch } | { tensors: Tensors } | { job: InputJob; maxImageBytes: number };

/** Of an input that was refused, its chip is the message: an error's class gets lost between threads. */
export type ReadOrRefused = Omit<InputRead, 'chip'> & { chip: Chip | string };
export type FromEngine = { run: number } & (
  | { outputs: Plane }
  | { tensors: Tensors }
  | { read: ReadOrRefused }
  | { error: { name: string; message: string } }
);

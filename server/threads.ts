import { errorNamed } from '../core/base/errors.ts';
import { toPlain } from '../core/tasks/plainPackage.ts';
import '../core/inference/onnx/noTelemetry.ts';
import { Worker } from 'node:worker_threads';
import { type Engine, NOT_LOADED } from '../core/doors/online/engine.ts';
import { TooBusy } from '../core/doors/online/http.ts';
import type { ModelPackage } from '../core/package/package.ts';
import type { FromEngine, ToEngine, Work } from './engineThread.ts';

export const THREAD = new URL('./engineThread.ts', import.meta.url);

/** A thread has ended during a batch. */
export class EngineLost extends errorNamed('EngineLost') {}
/** A thread has timed out during a batch. */
export class EngineLate extends errorNamed('EngineLate') {}

type Answer = Exclude<FromEngine, { error: unknown }>;
type Running = { resolve(answer: Answer): void; reject(error: Error): void; timer: NodeJS.Timeout };

/**
 * A thread that runs models. One that ends is replaced with the next batch; so is one that takes longer than `seconds` for a batch,
 * which ends by itself if it ever returns: native code cannot be stopped without the process.
 */
export function startThread(seconds: number, makeWorker = () => new Worker(THREAD)) {
  type Live = ReturnType<typeof begin>;
  let live: Live | undefined;
  let runs = 0;
  let models = 0;
  let isOver = false;

  function begin() {
    const worker = makeWorker();
    const { promise: over, resolve: gone } = Promise.withResolvers<void>(); // ended, or waited for no longer
    const begun = { worker, opened: new Set<number>(), running: new Map<number, Running>(), over, gone };
    worker.on('message', (message: FromEngine) => {
      const found = begun.running.get(message.run);
      if (found === undefined) return;
      begun.running.delete(message.run);
      clearTimeout(found.timer);
      if (!('error' in message)) found.resolve(message);
      else found.reject(Object.assign(new Error(message.error.message), { name: message.error.name }));
    });
    worker.once('error', (error) => lose(begun, new EngineLost(`The model's thread has ended: ${error.message}`)));
    worker.once('exit', () => lose(begun, new EngineLost("The model's thread has ended.")));
    worker.unref();
    return begun;
  }

  function lose(lost: Live, why: Error): void {
    if (live === lost) live = undefined;
    for (const { reject, timer } of lost.running.values()) {
      clearTimeout(timer);
      reject(why);
    }
    lost.running.clear();
    lost.worker.unref();
    lost.gone();
  }

  function opened(number: number, model: ModelPackage, bytes: Uint8Array | null): Live {
    live ??= begin();
    if (!live.opened.has(number)) send(live.worker, { open: number, model: toPlain(model), bytes });
    live.opened.add(number);
    return live;
  }

  /** Gives a model a number in this thread, which loads it now. */
  function open(model: ModelPackage, bytes: Uint8Array | null) {
    models += 1;
    const number = models;
    if (!isOver) opened(number, model, bytes);
    const close = () => {
      if (live?.opened.delete(number)) send(live.worker, { close: number });
    };
    const work = (what: Work, transfer: ArrayBuffer[]) =>
      new Promise<Answer>((resolve, reject) => {
        if (isOver) return reject(new TooBusy('The server is stopping.'));
        const asked = opened(number, model, bytes);
        const { worker, running } = asked;
        runs += 1;
        const run = runs;
        const timer = setTimeout(() => {
          send(worker, { stop: true });
          noteStuck(worker);
          lose(asked, new EngineLate(`The model had no answer within ${seconds} s.`));
        }, seconds * 1000);
        const failed = (error: Error) => {
          if (error.name === NOT_LOADED) asked.opened.delete(number); // the next batch has it loaded again
          reject(error);
        };
        running.set(run, { resolve, reject: failed, timer });
        send(worker, { run, model: number, ...what }, transfer);
      });
    return { close, work };
  }

  function engineOf(model: ModelPackage, bytes: Uint8Array): Engine {
    const { close, work } = open(model, bytes);
    return {
      close,
      run: async (batch) => {
        const buffers = new Set(batch.bands.map(({ values }) => values.buffer as ArrayBuffer));
        return ((await work({ batch }, [...buffers])) as Extract<Answer, { outputs: unknown }>).outputs;
      },
      runTensors: async (tensors) => ((await work({ tensors }, [])) as Extract<Answer, { tensors: unknown }>).tensors,
    };
  }

  /** Ends it after the batch in progress; one that does not return is not awaited. */
  async function stop(): Promise<void> {
    isOver = true;
    if (live === undefined) return;
    const { worker, over } = live;
    worker.ref(); // nothing else may keep the process
    send(worker, { stop: true });
    await over;
  }

  return { engineOf, open, stop };
}

/** Threads whose native code has not come back in time, and may never do. */
const stuck = new Set<Worker>();

function noteStuck(worker: Worker): void {
  if (stuck.size === 0) process.off('exit', killIfStuck).on('exit', killIfStuck);
  stuck.add(worker);
  worker.once('exit', () => stuck.delete(worker));
}

/** Before it ends, Node waits for its threads: of one that never comes back, for ever. */
function killIfStuck(): void {
  if (stuck.size > 0) process.kill(process.pid, 'SIGKILL');
}

function send(worker: Worker, message: ToEngine, transfer: ArrayBuffer[] = []): void {
  worker.postMessage(message, transfer);
}

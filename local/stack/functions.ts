import pLimit from 'p-limit';
import { inTime } from '../../core/base/concurrency/inTime.ts';
import { Interrupted, insteadOf, ModelTooSlow } from '../../core/base/errors.ts';
import type { EmbeddedFunction } from '../../core/base/functions.ts';
import { inferCallSchema, modelId, modelOfCall } from '../../core/base/messages.ts';
import { FunctionError, type Instance } from './workerProcess.ts';
import type { Workers } from './workers.ts';

export type OnCalled = (call: {
  name: EmbeddedFunction;
  milliseconds: number;
  hasFailed: boolean;
  /** Concurrent calls of the function, including this one. */
  concurrent: number;
}) => void;

type Given = {
  name: EmbeddedFunction;
  seconds: number;
  size: number;
  /** How many seconds a call may be in native code, which is a model's. */
  native?: number;
};

/** Lambda on a laptop: up to `size` calls at once in workers. After `seconds` one fails as `States.Timeout`, and its worker ends. */
export function startFunction({ name, seconds, size, native }: Given, workers: Workers, onCalled: OnCalled = () => {}) {
  const inTurn = pLimit({ concurrency: size, rejectOnClear: true });
  const busy = new Set<Instance>();
  /** Workers whose call has timed out, and that have not ended yet. */
  const late = new Set<Instance>();
  let isStopping = false;

  async function invoke(message: unknown): Promise<unknown> {
    if (isStopping) throw interrupted();
    return inTurn(call, message).catch(insteadOf('AbortError', interrupted)); // what was cleared of the queue
  }

  async function call(message: unknown): Promise<unknown> {
    if (isStopping) throw interrupted(); // it came between its turn and this
    const instance = workers.take(name);
    busy.add(instance);
    const started = performance.now();
    let hasFailed = true;
    const timeOut = (): never => {
      const error = new FunctionError('States.Timeout', `${name} did not finish within ${seconds} s.`);
      late.add(instance);
      void instance.ended.then(() => late.delete(instance));
      instance.stop(error);
      throw error;
    };
    const silence = native === undefined ? native : { seconds: native, error: () => modelTooSlow(native, message) };
    try {
      const result = await inTime(instance.call({ name, message, seconds }, silence), seconds, timeOut);
      hasFailed = false;
      return result;
    } finally {
      onCalled({ name, milliseconds: performance.now() - started, hasFailed, concurrent: busy.size });
      busy.delete(instance);
      workers.giveBack(instance);
    }
  }

  /** Tells calls to stop after the batch in progress, refuses waiting ones, and waits until each worker has ended. */
  async function stop(): Promise<void> {
    isStopping = true;
    inTurn.clearQueue();
    for (const instance of busy) instance.stop(interrupted());
    await Promise.all([...busy, ...late].map((instance) => instance.ended));
  }

  return { invoke, stop };
}

export const interrupted = (): Interrupted =>
  new Interrupted('The stack was stopped while this was in progress. The next start continues it.');

/** What is said of a call of infer, by its message, whose model was in one of its own calls for more than so many seconds. */
function modelTooSlow(seconds: number, message: unknown): ModelTooSlow {
  const { data } = inferCallSchema.safeParse(message);
  const model = data && modelOfCall(data);
  return new ModelTooSlow(
    `The model${model === undefined ? '' : ` ${modelId(model).replace('/', ' ')}`} took more than ${seconds} seconds for one call, to load or to classify a batch, so it was stopped. Make the model smaller, or its batches, with mlm:batch_size_suggestion, under a new version; or promote another one.`,
  );
}

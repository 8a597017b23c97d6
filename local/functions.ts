import { Interrupted } from '../functions/shared/errors.ts';
import { FunctionError, type Instance, type Workers } from './workers.ts';

/** The functions by name, as serverless.yml has them. */
export const FUNCTIONS = ['preprocess', 'infer', 'drift', 'discover', 'settle', 'report'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Hears of every call that came to its end. */
export type OnCalled = (call: {
  name: FunctionName;
  milliseconds: number;
  hasFailed: boolean;
  /** Calls of the function that were under way, this one included. */
  concurrent: number;
}) => void;

/**
 * Lambda on a laptop: the same handlers in worker threads, at most `size` calls of a function at once. A call that exceeds
 * the function's time-out (`seconds`) fails as `States.Timeout`; its worker is told to stop and gets no more work.
 */
export function startFunction(
  { name, seconds, size }: { name: FunctionName; seconds: number; size: number },
  workers: Workers,
  onCalled: OnCalled = () => {},
) {
  const busy = new Set<Instance>();
  /** Those whose call has timed out, and that are at it still. */
  const late = new Set<Instance>();
  const waiting: PromiseWithResolvers<Instance>[] = [];
  let isStopping = false;

  async function invoke(message: unknown): Promise<unknown> {
    if (isStopping) throw interrupted();
    const instance = await borrow();
    const started = performance.now();
    let hasFailed = true;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        instance.stop();
        late.add(instance);
        void instance.ended.then(() => late.delete(instance));
        reject(new FunctionError('States.Timeout', `${name} did not finish within ${seconds} s.`));
      }, seconds * 1000);
    });
    try {
      const result = await Promise.race([instance.call({ name, message, seconds }), timeout]);
      hasFailed = false;
      return result;
    } finally {
      clearTimeout(timer);
      onCalled({ name, milliseconds: performance.now() - started, hasFailed, concurrent: busy.size });
      giveBack(instance);
    }
  }

  function borrow(): Promise<Instance> {
    if (busy.size >= size) {
      const turn = Promise.withResolvers<Instance>();
      waiting.push(turn);
      return turn.promise;
    }
    const instance = workers.take(name);
    busy.add(instance);
    return Promise.resolve(instance);
  }

  function giveBack(instance: Instance): void {
    busy.delete(instance);
    const next = waiting.shift();
    if (next === undefined) {
      workers.giveBack(instance);
      return;
    }
    const lent = instance.isUsable() ? instance : workers.take(name);
    busy.add(lent);
    next.resolve(lent);
  }

  /** Tells every call to stop after the batch in progress, and waits until its worker has ended; who waits is refused. */
  async function stop(): Promise<void> {
    isStopping = true;
    for (const turn of waiting.splice(0)) turn.reject(interrupted());
    for (const instance of busy) instance.stop();
    await Promise.all([...busy, ...late].map((instance) => instance.ended));
  }

  return { invoke, stop };
}

function interrupted(): Interrupted {
  return new Interrupted('The stack was stopped while this was on its way. The next start takes it up again.');
}

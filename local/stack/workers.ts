import type { EmbeddedFunction } from '../../core/base/functions.ts';
import type { Answers } from './control.ts';
import type { WorkerData } from './workerMessages.ts';
import { FunctionError, type Instance, startWorkerProcess } from './workerProcess.ts';

const IDLE_MILLISECONDS = 60_000;

export type Workers = ReturnType<typeof startWorkers>;

/** Workers for any function, one call at a time, each a process: docs/decisions/0015-a-worker-is-a-process.md. */
export function startWorkers(data: WorkerData, answers: Answers, onLog: (line: string) => void) {
  const all = new Set<Instance>();
  /** The one that was given back last is the last. */
  const idle = new Set<Instance>();
  const endings = new Map<Instance, NodeJS.Timeout>();

  function take(name: EmbeddedFunction): Instance {
    const usable = [...idle].filter((one) => one.isUsable()); // one may have ended while it was idle
    const { taken: found, ending } = chooseWorker(usable, name);
    for (const one of ending) one.stop(stopped());
    if (found === undefined) return begin();
    idle.delete(found);
    clearTimeout(endings.get(found));
    return found;
  }

  /** One that nobody needs any more gives its memory back, as Lambda's containers do. */
  function giveBack(instance: Instance): void {
    if (!instance.isUsable()) return;
    idle.add(instance);
    endings.set(instance, setTimeout(() => instance.stop(stopped()), IDLE_MILLISECONDS).unref());
  }

  /** Starts one where none is idle, for a call that will come soon and must not wait. */
  function prepare(): void {
    if (![...idle].some((one) => one.isUsable())) giveBack(begin());
  }

  function begin(): Instance {
    const instance = startWorkerProcess(data, answers, onLog);
    all.add(instance);
    void instance.ended.then(() => {
      all.delete(instance);
      clearTimeout(endings.get(instance));
      endings.delete(instance);
      idle.delete(instance);
    });
    return instance;
  }

  async function end(some: Iterable<Instance>, how: 'stop' | 'kill'): Promise<void> {
    const ending = [...some];
    for (const instance of ending) instance[how](stopped());
    await Promise.all(ending.map((instance) => instance.ended));
  }

  return { take, giveBack, prepare, stop: () => end(idle, 'stop'), kill: () => end(all, 'kill') };
}

const stopped = (): FunctionError => new FunctionError('Runtime.ExitError', 'The worker was stopped.');

/**
 * Chooses the idle worker for a call, if there is one, at best with the same function last; and those to end, as another
 * function left much in their memory, unless another worker takes this call and they are small enough to wait.
 */
export function chooseWorker<One extends Pick<Instance, 'isLargeFor' | 'isTooLargeToWait' | 'did' | 'knows'>>(
  idle: readonly One[],
  name: EmbeddedFunction,
): { taken: One | undefined; ending: One[] } {
  const fits = idle.filter((one) => !one.isLargeFor(name));
  const taken = fits.findLast((one) => one.did(name)) ?? fits.findLast((one) => one.knows(name)) ?? fits.at(-1);
  const isToEnd = (one: One) => one.isLargeFor(name) && (taken === undefined || one.isTooLargeToWait());
  return { taken, ending: idle.filter(isToEnd) };
}

import type { EmbeddedFunction } from '../../core/base/functions.ts';
import type { Instance } from './workerProcess.ts';

type Choosable = Pick<Instance, 'isLargeFor' | 'isTooLargeToWait' | 'did' | 'knows'>;

/**
 * Chooses the idle worker for a call of a function, preferring one that ran the same function before, at best in its last call, and
 * the one returned last; none if a new worker has to be started. Also chooses the workers to end: those in whose memory another
 * function has left much, unless another worker takes this call. Then they wait for their own function, if they are not too
 * large, as the steps of many batches alternate.
 */
export function chooseWorker<One extends Choosable>(
  idle: readonly One[],
  name: EmbeddedFunction,
): { taken: One | undefined; ending: One[] } {
  const fitting = idle.filter((one) => !one.isLargeFor(name));
  const taken =
    fitting.findLast((one) => one.did(name)) ?? fitting.findLast((one) => one.knows(name)) ?? fitting.at(-1);
  const isToEnd = (one: One) => one.isLargeFor(name) && (taken === undefined || one.isTooLargeToWait());
  return { taken, ending: idle.filter(isToEnd) };
}

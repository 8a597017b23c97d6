import type { EmbeddedFunction } from '../core/functions.ts';
import type { Instance } from './workerProcess.ts';

type Choosable = Pick<Instance, 'isLargeFor' | 'isTooLargeToWait' | 'did' | 'knows'>;

/**
 * Which of the idle workers takes a call of a function, the one that was given back last being the last: if there is, one that did the same before, its
 * last call at best; none where a new one has to be started. And which are to end: those in which another function has left much, but where there is one for this
 * call all the same. Then they wait for their own function, if it is not too much, as the steps of many batches come in turns.
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

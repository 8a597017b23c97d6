import meanings from './meanings.json' with { type: 'json' };

/** States of a run in progress. Within an attempt, a run moves only in this order. */
export const RUNNING = ['CLAIMED', 'PREPARED', 'PREDICTED'] as const;
/** End states. Only `FAILED` can be retried, as a new attempt. */
export const SETTLED = ['DONE', 'EMPTY', 'DUPLICATE', 'INVALID', 'FAILED'] as const;
export const STATES = [...RUNNING, ...SETTLED] as const;
export type State = (typeof STATES)[number];

export const MEANINGS: Readonly<Record<State, string>> = meanings;

/**
 * Every move within an attempt: the states from which a run comes into a state. A state includes itself, because a step may
 * be repeated. A prepared run owns its content, so it is no duplicate any more.
 *
 * What begins a new attempt is `claim` (from no row, FAILED, a running state whose lease is over, or a DUPLICATE whose owner
 * has failed) and `withdraw` (from any state, for a file that has grown).
 */
export const MOVES: Readonly<Record<State, readonly State[]>> = {
  CLAIMED: ['CLAIMED'],
  PREPARED: ['CLAIMED', 'PREPARED'],
  PREDICTED: ['CLAIMED', 'PREPARED', 'PREDICTED'],
  DONE: [...RUNNING, 'DONE'],
  EMPTY: [...RUNNING, 'EMPTY'],
  DUPLICATE: ['CLAIMED', 'DUPLICATE'],
  INVALID: [...RUNNING, 'INVALID'],
  FAILED: [...RUNNING, 'FAILED'],
};

export const isRunning = (state: State): boolean => RUNNING.some((running) => running === state);

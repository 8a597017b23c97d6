/** States of a run in progress. Within an attempt, a run moves only in this order. */
export const RUNNING = ['CLAIMED', 'PREPARED', 'PREDICTED'] as const;
/** End states. Only `FAILED` can be retried, as a new attempt. */
export const SETTLED = ['DONE', 'EMPTY', 'DUPLICATE', 'INVALID', 'FAILED'] as const;
export const STATES = [...RUNNING, ...SETTLED] as const;
export type State = (typeof STATES)[number];

export const MEANINGS: Readonly<Record<State, string>> = {
  CLAIMED: 'Its chips are being prepared.',
  PREPARED: 'Its chips are prepared and are being classified.',
  PREDICTED: 'Its chips are classified; the comparison with the reference follows.',
  DONE: 'Classified, and compared with the reference.',
  EMPTY: 'All of its chips are blank or outside of its area: there was nothing to classify.',
  DUPLICATE: 'The same bytes arrived under another name before, and count once.',
  INVALID: 'It can never be classified. A corrected file gets its own run.',
  FAILED: 'Something went wrong. While attempts are left, the next sweep retries it; after that, only you can.',
};

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

import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work may keep others waiting: a thousand images in one request take seconds to decode, and a large one takes one. */
const MOST_AT_ONCE_MILLISECONDS = 10;

/** When this turn of the event loop began. */
let began = Number.NEGATIVE_INFINITY;
let next: Promise<void> | undefined;
/** Resolves when all work in turn so far is done. */
let last: Promise<unknown> = Promise.resolve();

/** Whether this turn has lasted so long that more work should wait for the next one. */
export function isTurnOver(): boolean {
  return performance.now() - began > MOST_AT_ONCE_MILLISECONDS;
}

/** Waits for the next turn. */
export function anotherTurn(): Promise<void> {
  next ??= nextTurn().then(() => {
    began = performance.now();
    next = undefined;
  });
  return next;
}

/**
 * Does work that keeps the thread busy, one piece after the other in the order of the calls. After long pieces, the event loop gets a
 * turn for others.
 */
export function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const done = last.then(async () => {
    if (isTurnOver()) await anotherTurn();
    return work();
  });
  last = done.catch(() => {});
  return done;
}

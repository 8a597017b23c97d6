import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work may keep others waiting: a thousand images in one request take seconds to decode, and a large one takes one. */
const MOST_AT_ONCE_MILLISECONDS = 10;

let began = Number.NEGATIVE_INFINITY;
let next: Promise<void> | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Whether this turn has lasted so long that more work should wait for the next one. */
export const isTurnOver = (): boolean => performance.now() - began > MOST_AT_ONCE_MILLISECONDS;

export function anotherTurn(): Promise<void> {
  next ??= nextTurn().then(() => {
    began = performance.now();
    next = undefined;
  });
  return next;
}

/** Does work that keeps the thread busy, in the order of the calls; after long pieces, others get a turn. */
export function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const done = last.then(async () => {
    if (isTurnOver()) await anotherTurn();
    return work();
  });
  last = done.catch(() => {});
  return done;
}

import { setImmediate as nextTurn } from 'node:timers/promises';

/** After so long, others have their turn: a thousand images in one request take seconds to decode, and a large one takes one. */
const MOST_AT_ONCE_MILLISECONDS = 10;

/** This turn of the event loop, whoever has it. */
let began = Number.NEGATIVE_INFINITY;
let next: Promise<void> | undefined;
/** What is done in turn, until it is done. */
let busy: Promise<void> | undefined;

/** Whether this turn has lasted so long that work of which there is much had better wait for another. */
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

/** Does work that takes the thread, of nobody else's at the same time: what takes long leaves the others to a turn of their own. */
export async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  while (busy !== undefined || isTurnOver()) await (busy ?? anotherTurn());
  const { promise, resolve } = Promise.withResolvers<void>();
  busy = promise;
  try {
    return await work();
  } finally {
    busy = undefined;
    resolve();
  }
}

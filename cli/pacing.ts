/** How much a command has on its way at once: requests of its own, and executions of whoever started them. */

/** So long it is waited where there is no room for more. */
const FULL_MILLISECONDS = 1000;

export type Wait = (milliseconds: number) => Promise<unknown>;

/** Starts one when fewer than `most` are on their way; how many are is asked anew only when all room is taken. */
export function startWithinLimit(most: number, onTheirWay: () => Promise<number>, wait: Wait) {
  let room = 0;
  let starting = 0;
  let looking: Promise<void> | undefined;
  const look = async () => {
    const unseen = starting; // they may be among those on their way by now, or not yet
    room = most - unseen - (await onTheirWay());
    if (room <= 0) await wait(FULL_MILLISECONDS);
  };
  return async <Result>(start: () => Promise<Result>): Promise<Result> => {
    while (room <= 0) {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      await looking;
    }
    room -= 1;
    starting += 1;
    return start().finally(() => {
      starting -= 1;
    });
  };
}

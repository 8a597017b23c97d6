export type Wait = (milliseconds: number) => Promise<unknown>;

/** Starts an execution when fewer than `most` are running. The number running is read again only when all free slots are used. */
export function startWithinLimit(most: number, onTheirWay: () => Promise<number>, wait: Wait) {
  let room = 0;
  let starting = 0;
  let looking: Promise<void> | undefined;
  const look = async () => {
    const unseen = starting; // those being started may or may not be counted as running yet
    room = most - unseen - (await onTheirWay());
    if (room <= 0) await wait(1000);
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

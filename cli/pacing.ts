/** How much a command has on its way at once: requests of its own, and executions of whoever started them. */

/** So long it is waited where there is no room for more. */
const FULL_MILLISECONDS = 1000;

export type Wait = (milliseconds: number) => Promise<void>;

/**
 * A few at once; each takes the next item when it is done with one. After an error none is begun any more, and it is
 * thrown when none is under way.
 */
export async function forEach<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = shared(items);
  let isBroken = false;
  const worker = async () => {
    for (let next = await rest(); next.done !== true && !isBroken; next = await rest()) await work(next.value);
  };
  const ended = await Promise.allSettled(
    Array.from({ length: atOnce }, () =>
      worker().catch((error: unknown) => {
        isBroken = true;
        throw error;
      }),
    ),
  );
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

/** The next of some items, for whoever asks first: an iterator may be asked anew only when it has answered. */
function shared<Item>(items: Iterable<Item> | AsyncIterable<Item>): () => Promise<IteratorResult<Item>> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(() => iterator.next());
    last = next.catch(() => {});
    return next;
  };
}

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

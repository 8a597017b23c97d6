import pLimit from 'p-limit';

/**
 * Processes items with a few concurrent workers; each takes the next item when it is done with one. After an error no
 * further item is started, and the error is thrown once none is in progress.
 */
export async function forEach<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const inTurn = pLimit(1); // it may only be asked again after it has answered
  const rest = () => inTurn(() => iterator.next());
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

/** Processes items with a few concurrent workers. After an error no item is started; it is thrown when none is in progress. */
export async function forEach<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = (async function* () {
    yield* items; // a generator answers in turn, however many ask at once
  })();
  let isBroken = false;
  const worker = async () => {
    for await (const item of rest) {
      if (isBroken) return;
      await work(item).catch((error: unknown) => {
        isBroken = true;
        throw error;
      });
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

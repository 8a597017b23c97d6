export function* slices<Item>(items: readonly Item[], size: number): Generator<Item[], void, void> {
  for (let first = 0; first < items.length; first += size) yield items.slice(first, first + size);
}

/** Yields the items as long as there is time for another one. */
export function* whileTime<Item>(items: Iterable<Item>, hasTime: () => boolean): Generator<Item, void, void> {
  for (const item of items) {
    if (!hasTime()) return;
    yield item;
  }
}

/** Does the work on up to `atOnce` items concurrently, and yields the results in the items' order. */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  for (const item of items) {
    const result = work(item);
    result.catch(() => {}); // thrown when its turn comes, which may be later
    underWay.push(result);
    if (underWay.length === atOnce) yield await underWay.shift()!;
  }
  for (const result of underWay) yield await result;
}

/** So many of the items at a time, in their order. */
export function* slices<Item>(items: readonly Item[], size: number): Generator<Item[], void, void> {
  for (let first = 0; first < items.length; first += size) yield items.slice(first, first + size);
}

/** Does the work on each item, `atOnce` of them at the same time, and hands the results out in the items' order. */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  for (const item of items) {
    const result = work(item);
    result.catch(() => {}); // it is thrown where its turn comes, which may be later than it happens
    underWay.push(result);
    if (underWay.length === atOnce) yield await underWay.shift()!;
  }
  for (const result of underWay) yield await result;
}

/** Returns whether an item of these sizes fits into the group in progress; if not, it begins the next one. */
export function makeFits(limits: readonly number[]) {
  let room: readonly number[] = [-1];
  return (sizes: readonly number[]): boolean => {
    const left = room.map((one, i) => one - sizes[i]!);
    const fits = left.every((one) => one >= 0);
    room = fits ? left : limits.map((limit, i) => limit - sizes[i]!);
    return fits;
  };
}

/** Groups items in their order. An item that exceeds a limit by itself has a group of its own. */
export function inGroups<Item>(
  items: Iterable<Item>,
  limits: readonly number[],
  sizesOf: (item: Item) => readonly number[],
): Item[][] {
  const groups: Item[][] = [];
  const fits = makeFits(limits);
  for (const item of items)
    if (fits(sizesOf(item))) groups.at(-1)!.push(item);
    else groups.push([item]);
  return groups;
}

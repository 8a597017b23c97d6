/** Groups items in their order. An item that exceeds a limit by itself has a group of its own. */
export function inGroups<Item>(
  items: Iterable<Item>,
  limits: readonly number[],
  sizesOf: (item: Item) => readonly number[],
): Item[][] {
  const groups: Item[][] = [];
  let room: readonly number[] = [];
  for (const item of items) {
    const sizes = sizesOf(item);
    const left = room.map((one, i) => one - sizes[i]!);
    const fits = groups.length > 0 && left.every((one) => one >= 0);
    if (fits) groups.at(-1)!.push(item);
    else groups.push([item]);
    room = fits ? left : limits.map((limit, i) => limit - sizes[i]!);
  }
  return groups;
}

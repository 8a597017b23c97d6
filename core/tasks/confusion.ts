/** How often the first version said the row's name while the second said the column's. */
export type Confusion = readonly (readonly number[])[];

/** How often both said the same. */
export function agreedIn(table: Confusion): number {
  return table.reduce((all, row, i) => all + row[i]!, 0);
}

/** How many of each name each version has said. */
export function countsIn(
  table: Confusion,
  names: readonly string[],
): { name: string; first: number; second: number }[] {
  return names.map((name, i) => ({
    name,
    first: table[i]!.reduce((all, count) => all + count, 0),
    second: table.reduce((all, row) => all + row[i]!, 0),
  }));
}

/** How often one name was said where the other version says another; the most frequent first. */
export function changesIn(table: Confusion, names: readonly string[]) {
  return table
    .flatMap((row, i) => row.map((count, j) => ({ first: names[i]!, second: names[j]!, count, isChange: i !== j })))
    .filter(({ count, isChange }) => isChange && count > 0)
    .sort((a, b) => b.count - a.count)
    .map(({ isChange: _, ...change }) => change);
}

/**
 * The Jaccard index: of what at least one of two says, the share that both say (P. Jaccard, New Phytologist 11 (1912) 37); of pixels, the
 * intersection over the union. Null where neither says anything. Equal to scikit-learn's `jaccard_score`.
 *
 * @example jaccard(2, 3, 4) // 0.4
 */
export function jaccard(both: number, first: number, second: number): number | null {
  const either = first + second - both;
  return either === 0 ? null : both / either;
}

/** The mean of those that there are; null where there is none. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((all, value) => all + value, 0) / known.length;
}

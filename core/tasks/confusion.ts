/** How often the first version predicted the row's name while the second predicted the column's. */
export type Confusion = readonly (readonly number[])[];

/** Returns how often both predicted the same. */
export function agreedIn(table: Confusion): number {
  return table.reduce((all, row, i) => all + row[i]!, 0);
}

/** Returns how often each version predicted each name. */
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

/** Returns how often the versions differed, for each pair of names, most frequent first. */
export function changesIn(table: Confusion, names: readonly string[]) {
  return table
    .flatMap((row, i) => row.map((count, j) => ({ first: names[i]!, second: names[j]!, count, isChange: i !== j })))
    .filter(({ count, isChange }) => isChange && count > 0)
    .sort((a, b) => b.count - a.count)
    .map(({ isChange: _, ...change }) => change);
}

/**
 * Returns the Jaccard index: of what at least one of two predicts, the share that both predict (P. Jaccard, New Phytologist
 * 11 (1912) 37); for pixels, intersection over union. Null if neither predicts anything. Equals scikit-learn's
 * `jaccard_score`.
 *
 * @example jaccard(2, 3, 4) // 0.4
 */
export function jaccard(both: number, first: number, second: number): number | null {
  const either = first + second - both;
  return either === 0 ? null : both / either;
}

/** Returns the mean of the values that are not null; null if there are none. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((all, value) => all + value, 0) / known.length;
}

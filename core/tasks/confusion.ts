/** How often the first version predicted the row's name while the second predicted the column's. */
export type Confusion = readonly (readonly number[])[];

export const agreedIn = (table: Confusion): number => table.reduce((all, row, i) => all + row[i]!, 0);

export const countsIn = (table: Confusion, names: readonly string[]) =>
  names.map((name, i) => ({ name, first: total(table[i]!), second: total(table.map((row) => row[i]!)) }));

/** Returns how often the versions differed, for each pair of names, most frequent first. */
export const changesIn = (table: Confusion, names: readonly string[]) =>
  table
    .flatMap((row, i) => row.map((count, j) => ({ first: names[i]!, second: names[j]!, count })))
    .filter(({ first, second, count }) => first !== second && count > 0)
    .sort((a, b) => b.count - a.count);

/**
 * Returns the Jaccard index: of what at least one of two predicts, the share that both do (P. Jaccard, New Phytologist
 * 11 (1912) 37); for pixels, intersection over union. Null if neither predicts any. scikit-learn's `jaccard_score`.
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

/**
 * Returns Cohen's kappa of two raters (J. Cohen, Educational and Psychological Measurement 20 (1960) 37): how much more
 * often they agree than two independent raters with the same shares would. 1 means always, 0 no more often than by
 * chance; null if both only predict one class, which chance explains. Equals scikit-learn's `cohen_kappa_score`.
 * @param table how often the first predicted the row's class while the second predicted the column's: a square of integers
 * @example cohenKappa([[20, 5], [10, 15]]) // 0.4
 */
export function cohenKappa(table: readonly (readonly number[])[]): number | null {
  const rows = table.map((row) => total(row));
  const columns = table.map((_, column) => total(table.map((row) => row[column]!)));
  const n = total(rows);
  const agreed = n * total(table.map((row, i) => row[i]!));
  const byChance = total(rows.map((row, i) => row * columns[i]!));
  return n * n === byChance ? null : (agreed - byChance) / (n * n - byChance);
}

export const total = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** How often chips or pixels are of a name, are predicted to be, and both; and the recall and precision that follow. */
export const hitsOf = (truth: number, predicted: number, correct: number) => ({
  ...{ truth, predicted, correct },
  recall: shareOf(correct, truth),
  precision: shareOf(correct, predicted),
});

/** Returns a part's share of a whole; null instead of a division by 0. */
export const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

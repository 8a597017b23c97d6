/**
 * Returns Cohen's kappa of two raters (J. Cohen, Educational and Psychological Measurement 20 (1960) 37): how much more
 * often they agree than two independent raters with the same shares would. 1 means always, 0 no more often than by chance;
 * null if both only ever predict one and the same class, which chance explains entirely. Equals scikit-learn's
 * `cohen_kappa_score`.
 *
 * @param table how often the first predicted the row's class while the second predicted the column's: a square of integers
 * @example cohenKappa([[20, 5], [10, 15]]) // 0.4
 */
export function cohenKappa(table: readonly (readonly number[])[]): number | null {
  const rows = table.map((row) => sum(row));
  const columns = table.map((_, column) => sum(table.map((row) => row[column]!)));
  const n = sum(rows);
  const agreed = n * sum(table.map((row, i) => row[i]!));
  const byChance = sum(rows.map((row, i) => row * columns[i]!));
  return n * n === byChance ? null : (agreed - byChance) / (n * n - byChance);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

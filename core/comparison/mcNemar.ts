/**
 * McNemar's test, exact (Q. McNemar, Psychometrika 12 (1947) 153; the p-value is the two-sided one of a binomial test with 1/2):
 * whether of two versions one is right more often than the other, by the chips of which just one is right. The p-value is how probable a
 * difference of this size or more is where both are equally good. Equal to statsmodels' `mcnemar(exact=True)`.
 *
 * @param onlyFirst chips of which only the first version is right
 * @param onlySecond chips of which only the second one is
 * @example mcNemar(2, 10) // 0.0386
 */
export function mcNemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  if (2 * fewer === n) return 1;
  let term = Math.exp(logBinomial(n, fewer) - n * Math.LN2);
  let p = 0;
  for (let k = fewer; k >= 0 && term > p * Number.EPSILON; k -= 1) {
    p += term;
    term *= k / (n - k + 1);
  }
  return Math.min(1, 2 * p);
}

/** Of n things, in how many ways to take k, as a logarithm. */
function logBinomial(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i += 1) sum += Math.log((n - k + i) / i);
  return sum;
}

/**
 * McNemar's exact test (Q. McNemar, Psychometrika 12 (1947) 153; the p-value is the two-sided one of a binomial test with
 * 1/2): whether one of two versions is right more often, judged by the chips that exactly one has right. The p-value is the
 * probability of a difference at least this large if both are equally good. Equals statsmodels' `mcnemar(exact=True)`.
 *
 * @param onlyFirst chips that only the first version has right
 * @param onlySecond chips that only the second version has right
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

/** Returns the logarithm of the binomial coefficient n over k. */
function logBinomial(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i += 1) sum += Math.log((n - k + i) / i);
  return sum;
}

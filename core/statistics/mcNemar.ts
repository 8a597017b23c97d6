import { regularisedBeta } from './fQuantile.ts';

/**
 * McNemar's exact test (Q. McNemar, Psychometrika 12 (1947) 153; the p-value is the two-sided one of a binomial test with
 * 1/2): whether one of two is right more often, judged by the chips that exactly one has right. The p-value is the
 * probability of a difference at least this large if both are equally good. Equals statsmodels' `mcnemar(exact=True)`.
 * @example mcNemar(2, 10) // 0.0386
 */
export function mcNemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  return 2 * fewer === n ? 1 : Math.min(1, 2 * regularisedBeta(0.5, n - fewer, fewer + 1)); // the binomial distribution at `fewer`
}

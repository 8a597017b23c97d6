/** The 97.5th percentile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * Returns Wilson's score interval of a share at 95 % (E. B. Wilson, JASA 22 (1927) 209), which also holds for small n and
 * for shares near 0 and 1. Equals statsmodels' `proportion_confint(correct, n, method='wilson')`.
 *
 * @param n above 0
 * @example wilsonInterval(8, 10) // [0.4902, 0.9433]
 */
export function wilsonInterval(correct: number, n: number): [low: number, high: number] {
  const share = correct / n;
  const middle = (share + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

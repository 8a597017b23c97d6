import { gammaln } from 'simple-statistics';

/** The fraction has converged when successive values differ by less. */
const CLOSE = 1e-15;

/**
 * Returns the quantile of Student's t at probability p: scipy.stats.t.ppf(p, degrees), to a relative 1e-8 for up to a
 * million degrees of freedom.
 *
 * @param p at least 0.5 and below 1
 * @param degrees 1 or more
 * @example studentT(0.95, 10) // 1.8125
 */
export function studentT(p: number, degrees: number): number {
  if (p <= 0.5) return 0;
  let [low, high] = [0, 1];
  while (upperTail(high, degrees) > 1 - p) [low, high] = [high, 2 * high];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (upperTail(middle, degrees) > 1 - p) low = middle;
    else high = middle;
  }
}

/** Returns the probability of a larger t, for t ≥ 0: half of I(ν/(ν + t²); ν/2, 1/2) (DLMF 8.17). */
function upperTail(t: number, degrees: number): number {
  const [a, b] = [degrees / 2, 0.5];
  const [x, rest] = [degrees / (degrees + t * t), (t * t) / (degrees + t * t)];
  const scale = Math.exp(gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log(rest));
  if (rest === 0) return 0.5;
  // For x or 1 − x, one of the fractions converges fast.
  return x < (a + 1) / (a + b + 2)
    ? (scale * betaFraction(a, b, x)) / a / 2
    : (1 - (scale * betaFraction(b, a, rest)) / b) / 2;
}

/** 1 / (1 + d₁ / (1 + d₂ / …)) of the incomplete beta function (DLMF 8.17.22), by Lentz's method. */
function betaFraction(a: number, b: number, x: number): number {
  let denominator = 1 / (1 - ((a + b) * x) / (a + 1));
  let [numerator, value] = [1, denominator];
  for (let m = 1; ; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    denominator = 1 / (1 + even * denominator);
    numerator = 1 + even / numerator;
    value *= denominator * numerator;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    denominator = 1 / (1 + odd * denominator);
    numerator = 1 + odd / numerator;
    const change = denominator * numerator;
    value *= change;
    if (Math.abs(change - 1) < CLOSE) return value;
  }
}

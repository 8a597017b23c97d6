import { gammaln } from 'simple-statistics';
import { inverseUpperGamma } from './incompleteGamma.ts';
import { turningPoint } from './turningPoint.ts';

/**
 * Returns the value that the F distribution with `d1` and `d2` degrees of freedom exceeds with probability `q`, for 0 < q < 1.
 * The degrees of freedom may be fractions, or infinitely many. Equals scipy.stats.f.isf to a relative 1e-9, of more than 10⁷ degrees of freedom to 3e-8.
 * @example fQuantile(3, 10, 0.01) // 6.5523
 */
export function fQuantile(d1: number, d2: number, q: number): number {
  if (d2 > 1e8) return (2 * inverseUpperGamma(d1 / 2, q)) / d1; // chi-square: rounding spoils F by more than they differ
  const exceeds = (x: number) => regularisedBeta(d2 / (d2 + d1 * x), d2 / 2, d1 / 2);
  let high = 1;
  while (exceeds(high) > q) high *= 2;
  return turningPoint((x) => exceeds(x) > q, 0, high);
}

/** Student's t at a probability from 0.5 to below 1: scipy.stats.t.ppf(p, degrees). studentT(0.95, 10) is 1.8125; infinite for 0.002 degrees, or none. */
export function studentT(p: number, degrees: number): number {
  if (p <= 0.5) return 0;
  return degrees > 0 ? Math.sqrt(fQuantile(1, degrees, 2 * (1 - p))) : Infinity;
}

/** The regularised incomplete beta function Iₓ(a, b): DLMF 8.17.22, on the side where its fraction converges fast. */
export const regularisedBeta = (x: number, a: number, b: number): number =>
  x > (a + 1) / (a + b + 2) ? 1 - lowerBeta(1 - x, b, a) : lowerBeta(x, a, b);

function lowerBeta(x: number, a: number, b: number): number {
  if (x === 0) return 0;
  const scale = Math.exp(gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x));
  return (scale / a) * betaFraction(x, a, b);
}

/** 1 / (1 + d₁ / (1 + d₂ / (1 + …))), by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  let ratio = 1;
  let inverse = 1 / (1 - ((a + b) * x) / (a + 1));
  let value = inverse;
  const step = (numerator: number): number => {
    inverse = 1 / (1 + numerator * inverse);
    ratio = 1 + numerator / ratio;
    return inverse * ratio;
  };
  for (let m = 1; ; m += 1) {
    value *= step((m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)));
    const change = step((-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)));
    value *= change;
    if (Math.abs(change - 1) <= Number.EPSILON) return value;
  }
}

/** The mean of n values, and the sum of their squared differences from it. Both are 0 without values. */
export type Moments = { mean: number; squares: number };

/** Adds the nth value (B. P. Welford, Technometrics 4 (1962) 419): a difference of large numbers would lose digits. */
export function addValue(moments: Moments, value: number, n: number): void {
  const before = value - moments.mean;
  moments.mean += before / n;
  moments.squares += before * (value - moments.mean);
}

/** Adds the moments of na and of nb values (T. F. Chan, G. H. Golub, R. J. LeVeque, The American Statistician 37 (1983) 242). */
export function addMoments(a: Moments, na: number, b: Moments, nb: number): Moments {
  const n = na + nb;
  if (n === 0) return { mean: 0, squares: 0 };
  const apart = b.mean - a.mean;
  return { mean: a.mean + (apart * nb) / n, squares: a.squares + b.squares + (apart * apart * na * nb) / n };
}

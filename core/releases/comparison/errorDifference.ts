import { gammaln } from 'simple-statistics';

/** The errors of two versions that predict values, over the same chips with a known truth, in the unit of the values. */
export type ErrorsOfBoth = {
  chips: number;
  /** The mean absolute error of each. */
  first: number;
  second: number;
  /** The mean difference of the absolute errors, second minus first, chip by chip: above 0 if the second is worse. */
  difference: number;
  /** The standard deviation of these differences, with n − 1; null for one chip. */
  deviation: number | null;
};

/** Adds up chips one by one (B. P. Welford, Technometrics 4 (1962) 419), in the memory of five numbers. */
export function makeErrorsOfBoth() {
  let [chips, first, second, mean, squares] = [0, 0, 0, 0, 0];
  return {
    /** Adds the absolute errors of one chip. */
    add(one: number, other: number): void {
      chips += 1;
      first += one;
      second += other;
      const before = other - one - mean;
      mean += before / chips;
      squares += before * (other - one - mean);
    },
    /** Null without chips. */
    summary(): ErrorsOfBoth | null {
      if (chips === 0) return null;
      const deviation = chips < 2 ? null : Math.sqrt(squares / (chips - 1));
      return { chips, first: first / chips, second: second / chips, difference: mean, deviation };
    },
  };
}

/**
 * Returns the upper confidence limit of the difference of mean absolute errors: the end of the one-sided interval of
 * Student's paired t (Student, Biometrika 6 (1908) 1), mean + t s / √n with n − 1 degrees of freedom. Equals scipy's
 * `ttest_rel(second, first, alternative="less").confidence_interval(confidence).high`. A version whose limit is at or below
 * x is not worse by more than x: a test of non-inferiority. Null for fewer than two chips, whose scatter is unknown.
 *
 * @param confidence at least 0.5 and below 1
 */
export function mostWorse({ chips, difference, deviation }: ErrorsOfBoth, confidence: number): number | null {
  if (deviation === null) return null;
  return difference + (studentT(confidence, chips - 1) * deviation) / Math.sqrt(chips);
}

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

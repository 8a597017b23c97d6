import { studentT } from './studentT.ts';

/** How far two versions of a model of values are off, over the same chips, those whose truth is known. In the unit of the values. */
export type ErrorsOfBoth = {
  chips: number;
  /** The mean absolute error of each. */
  first: number;
  second: number;
  /** The mean of the second's absolute error less the first's, chip by chip: above 0 where the second is off by more. */
  difference: number;
  /** The standard deviation of these differences, with n − 1; null of one chip. */
  deviation: number | null;
};

/** Adds chips up as they come (B. P. Welford, Technometrics 4 (1962) 419), so that any number of them takes the room of five numbers. */
export function makeErrorsOfBoth() {
  let [chips, first, second, mean, squares] = [0, 0, 0, 0, 0];
  return {
    /** The absolute errors of one chip. */
    add(one: number, other: number): void {
      chips += 1;
      first += one;
      second += other;
      const before = other - one - mean;
      mean += before / chips;
      squares += before * (other - one - mean);
    },
    /** Null of no chip. */
    summary(): ErrorsOfBoth | null {
      if (chips === 0) return null;
      const deviation = chips < 2 ? null : Math.sqrt(squares / (chips - 1));
      return { chips, first: first / chips, second: second / chips, difference: mean, deviation };
    },
  };
}

/**
 * The limit below which the difference of mean absolute errors lies with the confidence that is asked for: the upper end of the one-sided
 * interval of Student's paired t (Student, Biometrika 6 (1908) 1), mean + t s / √n with n − 1 degrees of freedom. It is scipy's
 * `ttest_rel(second, first, alternative="less").confidence_interval(confidence).high`. A version whose limit lies at or below x is not worse by
 * more than x: a test of non-inferiority. Null of fewer than two chips, of which nobody knows how far they scatter.
 *
 * @param confidence at least 0.5 and below 1
 */
export function mostWorse({ chips, difference, deviation }: ErrorsOfBoth, confidence: number): number | null {
  if (deviation === null) return null;
  return difference + (studentT(confidence, chips - 1) * deviation) / Math.sqrt(chips);
}

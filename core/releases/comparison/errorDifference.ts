import { studentT } from '../../statistics/fQuantile.ts';
import { type MeanOfScenes, marginOfScenes } from '../../statistics/meanOfScenes.ts';
import { addValue } from '../../statistics/moments.ts';

/** The errors of two versions over the same chips with a known truth: in the unit of the values, or of maps the share of wrong pixels. */
export type ErrorsOfBoth = {
  chips: number;
  /** The mean error of each. */
  first: number;
  second: number;
  /** The mean difference of the errors, second minus first, chip by chip: above 0 if the second is worse. */
  difference: number;
  /** The standard deviation of these differences, with n − 1; null for one chip. */
  deviation: number | null;
  /** The mean difference by scenes; absent if each chip is independent. */
  byScenes?: MeanOfScenes;
};

/** Adds up chips one by one, in the memory of five numbers. */
export function makeErrorsOfBoth() {
  let [chips, first, second] = [0, 0, 0];
  const differences = { mean: 0, squares: 0 };
  return {
    /** Adds the errors of one chip, from 0 on. */
    add(one: number, other: number): void {
      chips += 1;
      first += one;
      second += other;
      addValue(differences, other - one, chips);
    },
    /** Null without chips. */
    summary(): ErrorsOfBoth | null {
      if (chips === 0) return null;
      const deviation = chips < 2 ? null : Math.sqrt(differences.squares / (chips - 1));
      return { chips, first: first / chips, second: second / chips, difference: differences.mean, deviation };
    },
  };
}

/**
 * Returns the upper confidence limit of the difference of mean absolute errors: the end of the one-sided interval of
 * Student's paired t (Student, Biometrika 6 (1908) 1), mean + t s / √n with n − 1 degrees of freedom. Equals scipy's
 * `ttest_rel(second, first, alternative="less").confidence_interval(confidence).high`. A version whose limit is at or below
 * x is not worse by more than x: a test of non-inferiority. Null for fewer than two chips, whose scatter is unknown.
 * Where the chips of a scene are alike, the limit by scenes counts if it is wider; infinite for a single scene.
 * @param confidence at least 0.5 and below 1
 */
export function mostWorse(errors: ErrorsOfBoth, confidence: number): number | null {
  const { chips, difference, deviation, byScenes } = errors;
  if (deviation === null) return null;
  const margin = (studentT(confidence, chips - 1) * deviation) / Math.sqrt(chips);
  return difference + (byScenes === undefined ? margin : Math.max(margin, marginOfScenes(byScenes, confidence)));
}

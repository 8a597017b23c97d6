import { classesInUse } from './classesInUse.ts';
import { upperGamma } from './incompleteGamma.ts';

export type ChiSquare = {
  /** Null where it would be infinite: a class was observed that the reference never held. */
  readonly statistic: number | null;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
};

/**
 * Pearson's chi-square test of goodness of fit: how likely counts as far from the reference as these are by chance.
 * The reference, scaled to as many as were observed, is what was expected, as in Evidently's `chisquare`:
 * scipy.stats.chisquare(observed, reference * n / N). The p-value has a relative error under 1e-9 down to 1e-300.
 *
 * Edge cases: a class absent on both sides is left out, of the degrees of freedom too; one class in use, so that nothing
 * can differ, has statistic 0 and p-value 1; an observed class the reference never held has statistic null, p-value 0.
 *
 * @throws RangeError as `classesInUse` does
 * @example chiSquareTest([16, 4], [50, 50]) // { statistic: 7.2, degreesOfFreedom: 1, pValue: 0.00729 }
 */
export const chiSquareTest = (observedCounts: readonly number[], referenceCounts: readonly number[]): ChiSquare => {
  const { observed, reference } = classesInUse(observedCounts, referenceCounts);
  const degreesOfFreedom = observed.counts.length - 1;
  if (reference.counts.includes(0)) return { statistic: null, degreesOfFreedom, pValue: 0 };
  if (degreesOfFreedom === 0) return { statistic: 0, degreesOfFreedom, pValue: 1 };

  const scale = observed.total / reference.total;
  const statistic = observed.counts.reduce((sum, count, index) => {
    const expected = reference.counts[index]! * scale;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  return { statistic, degreesOfFreedom, pValue: upperGamma(degreesOfFreedom / 2, statistic / 2) };
};

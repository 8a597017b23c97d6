import { classesInUse } from './classesInUse.ts';
import { upperGamma } from './incompleteGamma.ts';

/**
 * Pearson's chi-square test of goodness of fit: how likely counts at least this far from the reference are by chance. The
 * expectation is the reference, scaled to the number of observations, as in Evidently's `chisquare`:
 * scipy.stats.chisquare(observed, reference * n / N). The p-value has a relative error under 1e-9 down to 1e-300.
 *
 * Edge cases: a class absent on both sides is ignored, also in the degrees of freedom; with a single class in use, where
 * nothing can differ, the statistic is 0 and the p-value 1; with an observed class that the reference does not have, the
 * statistic is null and the p-value 0.
 *
 * @example chiSquareTest([16, 4], [50, 50]) // { statistic: 7.2, degreesOfFreedom: 1, pValue: 0.00729 }
 */
export const chiSquareTest = (observedCounts: readonly number[], referenceCounts: readonly number[]) => {
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

import { classesInUse } from './classesInUse.ts';

/** Evidently's: a zero share becomes this, … */
const ZERO_SHARE = 1e-4;
/** … or the smallest other share of its side over this, where that share is no larger than `ZERO_SHARE`. */
const RARE_TO_ZERO = 1e6;

/**
 * Returns the population stability index: Σ (r − o) · ln(r / o) over the shares of the reference and of the observation.
 *
 * Equals Evidently's `psi` for categories, with its zero fill (`get_binned_data`, 0.7.23): each side is filled by its own
 * smallest non-zero share, and is not normalised again. Classes absent on both sides are ignored.
 *
 * @example populationStabilityIndex([1, 3], [2, 2]) // 0.2747
 */
export const populationStabilityIndex = (observedCounts: readonly number[], referenceCounts: readonly number[]) => {
  const { observed, reference } = classesInUse(observedCounts, referenceCounts);
  const observedShares = fillZeros(observed.shares);
  return fillZeros(reference.shares).reduce((sum, share, index) => {
    const other = observedShares[index]!;
    return sum + (share - other) * Math.log(share / other);
  }, 0);
};

const fillZeros = (shares: readonly number[]): number[] => {
  const smallest = Math.min(...shares.filter((share) => share > 0));
  const fill = smallest <= ZERO_SHARE ? smallest / RARE_TO_ZERO : ZERO_SHARE;
  return shares.map((share) => share || fill);
};

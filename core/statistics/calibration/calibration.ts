import { BINS, type ReliabilityBins } from './reliabilityBins.ts';

/** How well probabilities predict accuracy, over the chips with a known truth; with the bins that have chips, ascending. */
export type Calibration = NonNullable<ReturnType<typeof calibrationOf>>;
export type ReliabilityBin = Calibration['bins'][number];

/**
 * Returns the expected calibration error after Guo et al., ICML 2017: Σ |B|/n · |accuracy in B − mean probability in B|
 * over bins of equal width. Equals the same sum over scikit-learn's `calibration_curve(n_bins=15, strategy='uniform')`.
 * @returns null if no chip has a known truth; an error of 0 if a share p of the predictions with probability p is right
 */
export function calibrationOf(counted: ReliabilityBins) {
  const n = counted.reduce((sum, [, chips]) => sum + chips, 0);
  if (n === 0) return null;
  const error = counted.reduce((sum, [, , right, probabilities]) => sum + Math.abs(right - probabilities), 0) / n;
  const bins = counted.map(([bin, chips, right, probabilities]) => ({
    from: bin / BINS,
    to: (bin + 1) / BINS,
    chips,
    /** The mean probability of the predicted classes, and the share of right predictions. */
    probability: probabilities / chips,
    share: right / chips,
  }));
  return { chips: n, error, bins };
}

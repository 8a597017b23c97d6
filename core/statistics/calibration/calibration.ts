import { BINS, type ReliabilityBins } from './reliabilityBins.ts';

/** How well probabilities predict accuracy, over the chips with a known truth. */
export type Calibration = {
  chips: number;
  /** The expected calibration error: 0 if a share p of the predictions with probability p is right. */
  error: number;
  /** The bins that have chips, ascending. */
  bins: ReliabilityBin[];
};

export type ReliabilityBin = {
  from: number;
  to: number;
  chips: number;
  /** The mean probability of the predicted classes. */
  probability: number;
  /** The share of right predictions. */
  share: number;
};

/**
 * Returns the expected calibration error after Guo et al., ICML 2017: Σ |B|/n · |accuracy in B − mean probability in B|
 * over bins of equal width. Equals the same sum over scikit-learn's `calibration_curve(n_bins=15, strategy='uniform')`.
 *
 * @returns null if no chip has a known truth
 */
export function calibrationOf(counted: ReliabilityBins): Calibration | null {
  const n = counted.reduce((sum, [, chips]) => sum + chips, 0);
  if (n === 0) return null;
  const error = counted.reduce((sum, [, , right, probabilities]) => sum + Math.abs(right - probabilities), 0) / n;
  const bins = counted.map(
    ([bin, chips, right, probabilities]): ReliabilityBin => ({
      from: bin / BINS,
      to: (bin + 1) / BINS,
      chips,
      probability: probabilities / chips,
      share: right / chips,
    }),
  );
  return { chips: n, error, bins };
}

import { BINS, type ReliabilityBins } from './reliabilityBins.ts';

/** How well probabilities tell how often predictions are right, over the chips of which it is known what is true. */
export type Calibration = {
  chips: number;
  /** The expected calibration error: 0 where of predictions with a probability of p a share of p is right. */
  error: number;
  /** The bins that have chips, rising. */
  bins: ReliabilityBin[];
};

export type ReliabilityBin = {
  /** Where the bin begins and ends. */
  from: number;
  to: number;
  chips: number;
  /** The mean probability of the predicted classes. */
  probability: number;
  /** The share that is right. */
  share: number;
};

/**
 * The expected calibration error after Guo et al., ICML 2017: Σ |B|/n · |share right in B − mean probability in B| over bins of
 * equal width. Equal to the same sum over scikit-learn's `calibration_curve(n_bins=15, strategy='uniform')`.
 *
 * @returns null where of no chip it is known what is true
 */
export function calibrationOf({ chips, right, probabilities }: ReliabilityBins): Calibration | null {
  const n = chips.reduce((sum, count) => sum + count, 0);
  if (n === 0) return null;
  const error = chips.reduce((sum, _, bin) => sum + Math.abs(right[bin]! - probabilities[bin]!), 0) / n;
  const bins = chips.flatMap((count, bin): ReliabilityBin[] => {
    if (count === 0) return [];
    const [probability, share] = [probabilities[bin]! / count, right[bin]! / count];
    return [{ from: bin / BINS, to: (bin + 1) / BINS, chips: count, probability, share }];
  });
  return { chips: n, error, bins };
}

import * as z from 'zod';

/**
 * The number of bins in C. Guo, G. Pleiss, Y. Sun & K. Q. Weinberger, On Calibration of Modern Neural Networks, ICML 2017
 * (M = 15).
 */
export const BINS = 15;

/**
 * The upper edges of the bins: the first is [0, 1/15], each further one (i/15, (i + 1)/15], as in numpy's `linspace(0, 1,
 * 16)`.
 */
const ENDS = Array.from({ length: BINS }, (_, bin) => (bin + 1 === BINS ? 1 : (bin + 1) * (1 / BINS)));

const ofEachBin = <Value extends z.ZodType>(value: Value) => z.array(value).length(BINS);

export const reliabilityBinsSchema = z.object({
  /** Chips with a known truth, by the probability of the predicted class. */
  chips: ofEachBin(z.int().min(0)),
  /** Those of them that are right. */
  right: ofEachBin(z.int().min(0)),
  /** The sum of the predicted classes' probabilities. */
  probabilities: ofEachBin(z.number()),
});

/** Predicted probabilities compared with the number of right predictions, in additive bins of equal width. */
export type ReliabilityBins = z.infer<typeof reliabilityBinsSchema>;

export function noReliabilityBins(): ReliabilityBins {
  const zeros = () => new Array<number>(BINS).fill(0);
  return { chips: zeros(), right: zeros(), probabilities: zeros() };
}

/**
 * Counts a chip.
 *
 * @param probability of the predicted class; values beyond 0 and 1 from rounding count towards the outermost bins
 */
export function countChip(bins: ReliabilityBins, probability: number, isRight: boolean): void {
  const found = ENDS.findIndex((end) => probability <= end);
  const bin = found < 0 ? BINS - 1 : found;
  bins.chips[bin]! += 1;
  if (isRight) bins.right[bin]! += 1;
  bins.probabilities[bin]! += probability;
}

export function addReliabilityBins(a: ReliabilityBins, b: ReliabilityBins): ReliabilityBins {
  const added = (one: readonly number[], other: readonly number[]) => one.map((value, bin) => value + other[bin]!);
  return {
    chips: added(a.chips, b.chips),
    right: added(a.right, b.right),
    probabilities: added(a.probabilities, b.probabilities),
  };
}

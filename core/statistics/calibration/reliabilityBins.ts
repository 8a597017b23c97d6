import * as z from 'zod';

/** As many as in Guo, Pleiss, Sun & Weinberger, On Calibration of Modern Neural Networks, ICML 2017 (M = 15). */
export const BINS = 15;

/** The bins' upper edges: the first is [0, 1/15], each other (i/15, (i + 1)/15], as in numpy's `linspace(0, 1, 16)`. */
const ENDS = Array.from({ length: BINS }, (_, bin) => (bin + 1 === BINS ? 1 : (bin + 1) * (1 / BINS)));

const count = z.int().min(0);

/**
 * Of each bin that has chips, in order: its number; the chips with a known truth whose predicted class has such a
 * probability; those of them that are right; and the sum of these probabilities. Empty bins are omitted, to keep rows small.
 */
export const reliabilityBinsSchema = z.array(z.tuple([count.max(BINS - 1), count.min(1), count, z.number()])).max(BINS);

/** Predicted probabilities compared with the number of right predictions, in additive bins of equal width. */
export type ReliabilityBins = z.infer<typeof reliabilityBinsSchema>;

export const noReliabilityBins = (): ReliabilityBins => [];

/** Counts a chip. A probability beyond 0 or 1, from rounding, counts towards the outermost bin. */
export function countChip(bins: ReliabilityBins, probability: number, isRight: boolean): void {
  const found = ENDS.findIndex((end) => probability <= end);
  add(bins, [found < 0 ? BINS - 1 : found, 1, isRight ? 1 : 0, probability]);
}

export function addReliabilityBins(a: ReliabilityBins = [], b: ReliabilityBins = []): ReliabilityBins {
  const sum = structuredClone(a);
  for (const one of b) add(sum, one);
  return sum;
}

function add(bins: ReliabilityBins, [bin, chips, right, probabilities]: ReliabilityBins[number]): void {
  const at = bins.findIndex(([other]) => other >= bin);
  const there = bins[at];
  if (there?.[0] !== bin) return void bins.splice(at < 0 ? bins.length : at, 0, [bin, chips, right, probabilities]);
  there[1] += chips;
  there[2] += right;
  there[3] += probabilities;
}

import type { DriftScores } from '../ledger/ledgerRow.ts';

/** Says how far the mean of predicted numbers has moved; null for other predictions, or within chance. */
export function meanText({ mean }: Pick<DriftScores, 'mean'>): string | null {
  if (mean === undefined || mean.score === 0) return null;
  const { shift, noise } = mean;
  return `their mean is ${Math.abs(shift).toFixed(2)} standard deviations ${shift < 0 ? 'below' : 'above'} the reference's, of which chance explains ${noise.toFixed(2)}`;
}

import { percent } from '../../base/text/numbers.ts';
import type { PackageFacts } from '../../package/facts.ts';
import { estimateAccuracy } from '../../statistics/calibration/estimateAccuracy.ts';
import { total } from '../confusion.ts';
import type { Figure } from '../shown.ts';
import type { ClassCounts } from './classCounts.ts';

type Predicted = Pick<ClassCounts, 'counts' | 'probabilitySum'>;

/** Estimates a window's accuracy without truths; null if a package does not say how many held-out chips were right. */
export const estimateOf = ({ counts, probabilitySum }: Predicted, { heldOut }: Pick<PackageFacts, 'heldOut'>) =>
  heldOut === undefined ? null : estimateAccuracy({ n: total(counts), probabilitySum }, heldOut);

export function estimateFigures(sum: Predicted, model: Pick<PackageFacts, 'heldOut'>): Figure[] {
  const estimate = estimateOf(sum, model);
  if (estimate === null) return [];
  const [low, high] = estimate.interval.map(percent);
  return [{ name: 'Estimated accuracy', value: estimate.value, unit: 'share', note: `${low} to ${high}` }];
}

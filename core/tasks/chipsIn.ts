import type { ModelPackage } from '../models/package.ts';
import type { Summed, Task } from './task.ts';

/** Returns the number of chips with a prediction: the n of the drift score. */
export function chipsIn({ counts, labels }: Task, sum: Summed): number {
  return labels?.chips(sum) ?? total(counts(sum));
}

/** Returns the number of chips in the reference. */
export function chipsInReference({ reference, labels }: Task, model: ModelPackage): number {
  return labels?.inReference(model) ?? total(reference(model).map(({ count }) => count));
}

function total(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0);
}

import type { PackageFacts } from '../../core/package/facts.ts';
import type { ChipTruth, Summed, TruthCounter } from '../../core/package/task.ts';
import { accuracyOfCounts } from '../../core/tasks/classification/accuracy.ts';
import { countTruths } from '../../core/tasks/classification/classCounts.ts';
import { withTruths } from '../../core/tasks/sums.ts';

/** Makes what replaces the truths in a sum of a task, by its counter. */
export const truthsBy =
  <Model>(counter: (model: Model) => TruthCounter<object>) =>
  <Sum extends Summed>(sum: Sum, chips: Iterable<ChipTruth>, model: Model): Sum =>
    withTruths(sum, chips, counter(model) as TruthCounter<Sum>);

/** Compares classes with what is true, chip by chip. */
export function makeConfusion(classes: PackageFacts['classes']) {
  const { add, counts } = countTruths({ classes }, Infinity);
  return { add, accuracy: () => accuracyOfCounts(counts(), { classes }) };
}

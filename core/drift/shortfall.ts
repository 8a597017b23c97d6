import { chanceOfVerdict } from '../measures/chanceOfVerdict.ts';
import type { VerdictLimits } from '../measures/expected.ts';
import type { ModelPackage } from '../package/package.ts';
import { intervalOfRight, shortfallOf } from '../tasks/classification/intervalOfRight.ts';
import type { Totals } from './totals.ts';

export type KnownAccuracy = NonNullable<ReturnType<typeof accuracyOf>>;

/**
 * Returns the accuracy of a day, or of a segment: how many predictions with a known truth are right, with the 95 % interval of that share, and
 * how far it lies below what the package expects, less what chance explains: above 0 if it is missed; null without an expectation.
 * Null without known truths, or for tasks without right and wrong.
 */
export function accuracyOf(
  sum: Totals,
  model: ModelPackage,
  { falseAlarmsPerYear, share = 1 }: Pick<VerdictLimits, 'falseAlarmsPerYear' | 'share'>,
) {
  const right = model.task.right?.(sum) ?? null;
  if (right === null) return null;
  const alpha = 2 * share * chanceOfVerdict(model, falseAlarmsPerYear); // an accuracy can be missed on one side alone
  const shortfall = shortfallOf(right, intervalOfRight(right, sum, model, alpha), model, alpha);
  return { n: right.n, share: right.correct / right.n, interval: intervalOfRight(right, sum, model), shortfall };
}

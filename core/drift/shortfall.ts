import { chanceOfVerdict } from '../measures/chanceOfVerdict.ts';
import type { VerdictLimits } from '../measures/expected.ts';
import type { ModelPackage } from '../package/package.ts';
import { intervalOfRight, shortfallOf } from '../tasks/classification/intervalOfRight.ts';
import type { Totals } from './totals.ts';

/**
 * Returns how far the accuracy lies below what the package expects, less what chance explains: above 0 if it is missed. Null without
 * known truths or an expectation.
 */
export function accuracyShortfall(
  sum: Totals,
  model: ModelPackage,
  { falseAlarmsPerYear, share = 1 }: Pick<VerdictLimits, 'falseAlarmsPerYear' | 'share'>,
): number | null {
  const right = model.task.right?.(sum) ?? null;
  const alpha = 2 * share * chanceOfVerdict(model, falseAlarmsPerYear); // an accuracy can be missed on one side alone
  return right && shortfallOf(right, intervalOfRight(right, sum, model, alpha), model, alpha);
}

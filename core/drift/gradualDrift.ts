import { DAY_MILLISECONDS, daysBefore } from '../base/time/days.ts';
import type { DriftScores } from '../ledger/ledgerRow.ts';
import { chanceOfVerdict } from '../measures/chanceOfVerdict.ts';
import type { ModelPackage } from '../package/package.ts';
import { type Sizes, sizesOfScenes } from '../statistics/clustering.ts';
import { measureDrift } from '../statistics/measureDrift.ts';
import { measureLabels } from '../statistics/measureLabels.ts';
import { chipsIn, chipsInReference } from '../tasks/registry.ts';
import { gradualThreshold } from './gradualThreshold.ts';
import type { DayRow, MetricsTable } from './metricsTable.ts';
import type { Limits } from './window.ts';

/** The weight of the newest day; a day's weight falls to a tenth within a fortnight. */
const LAMBDA = 0.15;
/** Days that are looked back on: older ones would have a weight below 0.1 %. */
const DAYS = 45;
/** At least 1,000 days lie between two false alarms on average. */
const CHANCE_OF_DAY = 1 / 1000;

/** How far many days together have moved from the reference. */
export type GradualDrift = Pick<DriftScores, 'jensenShannon' | 'noiseFloor' | 'verdict'> & {
  /** Those with predictions. */
  days: number;
};

/** Returns the gradual drift up to a judged day, from the latest revisions of the days before. */
export async function gradualDriftUntil(
  metrics: Pick<MetricsTable, 'days'>,
  day: string,
  model: ModelPackage,
  limits: Limits,
): Promise<GradualDrift | null> {
  return gradualDrift(await metrics.days(model, daysBefore(DAYS - 1, day), day), day, model, limits);
}

/**
 * Finds a decay that is too slow for any single window: the exponentially weighted moving average of the days' predictions is compared with the
 * reference. S. W. Roberts, *Control chart tests based on geometric moving averages*, Technometrics 1 (1959) 239. Each day weighs as many
 * predictions as its independent chips say, so that a day with few of them adds no noise. The noise floor is that of the average; a quiet
 * stage passes it on one of a thousand days at most, and on days in succession.
 *
 * @param days of one model version
 * @param until the day from which the others' age is counted
 * @returns null without predictions
 */
export function gradualDrift(
  days: readonly Pick<DayRow, 'day' | 'judgement'>[],
  until: string,
  model: ModelPackage,
  { threshold, falseAlarmsPerYear }: Limits,
): GradualDrift | null {
  const { task } = model;
  const clustering = model.unit === 'chip' ? undefined : model.clustering;
  const reference = task.reference(model).map(({ count }) => count);
  const total = chipsInReference(task, model);
  const sum = { counts: reference.map(() => 0), n: 0, squares: 0, days: 0 };
  for (const { day, judgement: totals } of days) {
    const n = chipsIn(task, totals);
    if (n === 0) continue;
    const age = (Date.parse(until) - Date.parse(day)) / DAY_MILLISECONDS;
    const weight = (1 - LAMBDA) ** age;
    const independent = model.unit === 'chip' ? n : sizesOfScenes(n, totals.sceneSquares, total, clustering).n;
    for (const [i, count] of task.counts(totals).entries()) sum.counts[i]! += weight * independent * (count / n);
    sum.n += weight * independent;
    sum.squares += weight ** 2 * independent;
    sum.days += 1;
  }
  const { counts, n, squares } = sum;
  const sizes: Sizes = { ...sizesOfScenes(1, 1, total, clustering), n: n ** 2 / squares };
  const chance = Math.min(CHANCE_OF_DAY, chanceOfVerdict(model, falseAlarmsPerYear));
  const asked = { counts, reference, threshold: gradualThreshold(threshold), minimum: 0, sizes, alpha: chance };
  const found = sum.days === 0 ? null : task.labels ? measureLabels({ ...asked, n, total }) : measureDrift(asked);
  return (
    found && {
      jensenShannon: found.jensenShannon,
      noiseFloor: found.noiseFloor,
      verdict: found.verdict,
      days: sum.days,
    }
  );
}

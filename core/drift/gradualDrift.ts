import { DAY_MILLISECONDS, daysBefore } from '../base/time/days.ts';
import type { DriftScores } from '../ledger/ledgerRow.ts';
import { chanceOfVerdict } from '../measures/chanceOfVerdict.ts';
import { gradualThreshold } from '../metrics/metrics.ts';
import type { ModelPackage } from '../package/package.ts';
import { type Sizes, sizesOfScenes } from '../statistics/clustering.ts';
import { measureDrift, measureLabels, verdictOf } from '../statistics/measureDrift.ts';
import { chipsIn, chipsInReference } from '../tasks/registry.ts';
import { inSeason } from './inSeason.ts';
import type { DayRow, MetricsTable } from './metricsTable.ts';
import { type Limits, sharesOf } from './window.ts';

/** The weight of the newest day; a day's weight falls to a tenth within a fortnight. */
const LAMBDA = 0.15;
/** Days that are looked back on: older ones would have a weight below 0.1 %. */
const DAYS = 45;
/** Judged days that show where a version began. */
const FIRST_DAYS = 7;
/** At least 1,000 days lie between two false alarms on average. */
const CHANCE_OF_DAY = 1 / 1000;

type Day = Pick<DayRow, 'day' | 'judgement'>;

/** How far many days together, as many as are averaged, have moved away from the reference. */
export type GradualDrift = Pick<DriftScores, 'jensenShannon' | 'noiseFloor' | 'verdict'> & { days: number };

/** Returns the gradual drift up to a judged day, from the latest revisions of the days before. */
export async function gradualDriftUntil(
  metrics: Pick<MetricsTable, 'days'>,
  day: string,
  model: ModelPackage,
  limits: Limits,
): Promise<GradualDrift | null> {
  const [first, days] = await Promise.all([
    metrics.days(model, '0000-01-01', day, FIRST_DAYS),
    metrics.days(model, daysBefore(DAYS - 1, day), day),
  ]);
  return gradualDrift({ first, days }, day, model, limits);
}

/**
 * Finds a decay that is too slow for any single window: the exponentially weighted moving average of the days' predictions is compared with the
 * reference. S. W. Roberts, *Control chart tests based on geometric moving averages*, Technometrics 1 (1959) 239. Each day weighs as many
 * predictions as its independent chips say, so that a day with few of them adds no noise. The noise floor is that of the average; a quiet
 * stage passes it on one of a thousand days at most.
 *
 * Days that drift by themselves have an alarm of their own, and are left out. What never fitted the reference has not decayed: the score is at
 * most twice the distance from where the version would be if it were as far from what is expected as on its first days.
 *
 * @param until the day from which their age is counted
 * @returns null without predictions
 */
export function gradualDrift(
  { first, days }: { first: readonly Day[]; days: readonly Day[] },
  until: string,
  model: ModelPackage,
  { threshold, falseAlarmsPerYear }: Limits,
): GradualDrift | null {
  const { task } = model;
  const clustering = model.unit === 'chip' ? undefined : model.clustering;
  const total = chipsInReference(task, model);
  const average = averageOf(days, until, model);
  if (average.days === 0) return null;
  const alpha = Math.min(CHANCE_OF_DAY, chanceOfVerdict(model, falseAlarmsPerYear));
  const sizes: Sizes = { n: average.n ** 2 / average.squares, reference: average.n / average.perReference, clustering };
  const limit = gradualThreshold(threshold);
  const compared = (reference: readonly number[], of: number) => {
    const asked = { counts: average.counts, reference, threshold: limit, minimum: 0, sizes, alpha };
    return task.labels ? measureLabels({ ...asked, n: average.n, total: of })! : measureDrift(asked)!;
  };
  const expected = average.expected.map((count) => (count / average.n) * total);
  const found = compared(expected, total);
  const before = averageOf(first, first.at(-1)?.day ?? until, model);
  // As far from what their own months let expect, but in the months of now.
  const asFirst = before.counts.map((count, i) => {
    const later = average.expected[i]! / average.n - before.expected[i]! / before.n;
    return Math.min(before.n, Math.max(0, count + later * before.n));
  });
  const moved = before.days === 0 ? Infinity : compared(asFirst, before.n).jensenShannon;
  const jensenShannon = Math.min(found.jensenShannon, 2 * moved);
  const { noiseFloor } = found;
  return { jensenShannon, noiseFloor, verdict: verdictOf(jensenShannon, noiseFloor, limit), days: average.days };
}

/** Adds up the days' predictions, and what was expected of them, in independent chips with their weights. */
function averageOf(days: readonly Day[], until: string, model: ModelPackage) {
  const { task, unit } = model;
  const none = task.reference(model).map(() => 0);
  const sum = { counts: none, expected: [...none], n: 0, squares: 0, perReference: 0, days: 0 };
  for (const { day, judgement } of days) {
    const n = chipsIn(task, judgement);
    if (n === 0 || judgement.drift?.verdict === 'drift') continue;
    const weight = (1 - LAMBDA) ** ((Date.parse(until) - Date.parse(day)) / DAY_MILLISECONDS);
    const usual = inSeason(model, judgement);
    const total = chipsInReference(task, usual);
    const sizes = sizesOfScenes(n, judgement.sceneSquares, total, unit === 'chip' ? undefined : usual.clustering);
    const independent = unit === 'chip' ? n : sizes.n;
    for (const [i, { share, reference }] of sharesOf(judgement, usual).entries()) {
      sum.counts[i]! += weight * independent * share;
      sum.expected[i]! += weight * independent * reference;
    }
    sum.n += weight * independent;
    sum.squares += weight ** 2 * independent;
    sum.perReference += (weight * independent) / sizes.reference; // a month's reference is smaller than the whole one
    sum.days += 1;
  }
  return sum;
}

import type { LogFields } from '../../../core/base/log.ts';
import { modelId } from '../../../core/base/run.ts';
import type { DayTotals } from '../../../core/drift/dayTotals.ts';
import { chanceOfVerdict } from '../../../core/measures/chanceOfVerdict.ts';
import { intervalOfRight, shortfallOf } from '../../../core/tasks/classification/intervalOfRight.ts';
import type { DriftPorts } from '../ports.ts';

type ShortfallPorts = Pick<DriftPorts, 'publish' | 'falseAlarmsPerYear'> & {
  models: Pick<DriftPorts['models'], 'load' | 'isTrial'>;
};

/** How many days a log line lists. */
const MOST_NAMED = 31;

/**
 * Publishes the accuracy of the days that a sweep checks: yesterday, days that it judges late, and days whose truth came late. The
 * metric is the largest shortfall of them, so that a good day does not hide a bad one of the same sweep. It is published before a
 * day's marks are deleted, so that a sweep that dies in between publishes it again. Trials are ignored.
 */
export function makeShortfalls({ models, publish, falseAlarmsPerYear }: ShortfallPorts) {
  const largest = new Map<string, number>();
  const below: string[] = [];

  return async (day: string, { model: ref, ...totals }: DayTotals, log: LogFields): Promise<void> => {
    const model = await models.load(ref);
    const right = model.task.right?.(totals) ?? null;
    const alpha = 2 * chanceOfVerdict(model, falseAlarmsPerYear); // an accuracy can be missed on one side alone
    const shortfall = right && shortfallOf(right, intervalOfRight(right, totals, model, alpha), model, alpha);
    if (shortfall === null || (await models.isTrial(ref))) return;
    if (shortfall > 0) {
      below.push(`${modelId(ref)} on ${day}`);
      log['belowExpected'] = below.slice(0, MOST_NAMED).join(', ');
    }
    const before = largest.get(ref.name);
    if (before !== undefined && shortfall <= before) return;
    largest.set(ref.name, shortfall);
    await publish([{ metric: 'AccuracyShortfall', value: shortfall, dimensions: { Model: ref.name } }]);
  };
}

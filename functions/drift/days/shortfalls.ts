import { modelId } from '../../../core/base/messages.ts';
import type { LogFields } from '../../../core/base/step.ts';
import type { DayTotals } from '../../../core/drift/dayTotals.ts';
import { missedSegments } from '../../../core/drift/segments.ts';
import { accuracyOf } from '../../../core/drift/shortfall.ts';
import type { EndedRun } from '../../../core/ledger/ledgerItem.ts';
import type { DriftPorts } from '../ports.ts';

type ShortfallPorts = Pick<DriftPorts, 'publish' | 'falseAlarmsPerYear'> & {
  models: Pick<DriftPorts['models'], 'load' | 'isTrial'>;
};

/** How many days a log line lists. */
const MOST_NAMED = 31;

/**
 * Publishes the accuracy of the days that a sweep checks: yesterday, days that it judges late, and days whose truth came late. The
 * metric is the largest shortfall of them and of their segments that miss the expectation, so that a good day does not hide a bad one of the same sweep. It is published before a
 * day's marks are deleted, so that a sweep that dies in between publishes it again. Trials are ignored.
 */
export function makeShortfalls({ models, publish, ...limits }: ShortfallPorts) {
  const largest = new Map<string, number>();
  const below: string[] = [];

  /** @param runs those of the day, for its segments; the index may not show those still landing, which the next sweep judges */
  return async (day: string, { model: ref, ...totals }: DayTotals, log: LogFields, runs: AsyncIterable<EndedRun>) => {
    const model = await models.load(ref);
    const shortfall = accuracyOf(totals, model, limits)?.shortfall ?? null;
    if (shortfall === null || (await models.isTrial(ref))) return;
    const segments = await missedSegments(runs, { ...model, ...ref }, limits);
    const names = segments.map(({ by, name }) => `${by} ${name}`).slice(0, MOST_NAMED);
    if (shortfall > 0 || names.length > 0) {
      below.push(`${modelId(ref)} on ${day}${names.length === 0 ? '' : ` (${names.join(', ')})`}`);
      log['belowExpected'] = below.slice(0, MOST_NAMED).join(', ');
    }
    const value = Math.max(shortfall, ...segments.map((segment) => segment.shortfall!));
    const before = largest.get(ref.name);
    if (before !== undefined && value <= before) return;
    largest.set(ref.name, value);
    await publish([{ metric: 'AccuracyShortfall', value, dimensions: { Model: ref.name } }]);
  };
}

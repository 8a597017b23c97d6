import type { DayTotals } from '../../core/drift/dayTotals.ts';
import type { LogFields } from '../../core/log.ts';
import { modelId } from '../../core/run.ts';
import { taskOf } from '../../core/tasks/registry.ts';
import type { DriftPorts } from './ports.ts';

type ShortfallPorts = Pick<DriftPorts, 'publish'> & { models: Pick<DriftPorts['models'], 'load' | 'isTrial'> };

/** A line of the log has room for so many days. */
const MOST_NAMED = 31;

/**
 * What one sweep publishes of the accuracy of the days that it looks at: yesterday, those that it judges late, and those whose truth came
 * late. It is the largest shortfall of them, so that a day that is fine takes nothing back that another one of the same sweep has said.
 * It is published before a day's marks go, so a sweep that dies in between says it once more. What somebody only tries says nothing.
 */
export function makeShortfalls({ models, publish }: ShortfallPorts) {
  const largest = new Map<string, number>();
  const below: string[] = [];

  return async (day: string, { model: ref, ...totals }: DayTotals, log: LogFields): Promise<void> => {
    const model = await models.load(ref);
    const shortfall = taskOf(model).shortfall?.(totals, model) ?? null;
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

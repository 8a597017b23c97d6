import { modelId } from '../../core/base/run.ts';
import { areasOf } from '../../core/drift/areas.ts';
import { addTotals, type Totals } from '../../core/drift/totals.ts';
import type { LandAreas } from '../api.ts';
import type { Period } from '../period.ts';
import type { Service } from '../service.ts';
import { liveModel } from './liveModel.ts';

/** The land of each class in the live version's judged days: their rows have the sums, so that no run is read. */
export async function landAreasOf({ models, metrics }: Service, { from, to }: Period): Promise<LandAreas> {
  const model = await liveModel(models);
  const days = model === null ? [] : await metrics.days(model, from, to);
  if (model === null || days.length === 0) return { areas: null };
  const sum = days.map(({ judgement }): Totals => judgement).reduce(addTotals);
  const areas = areasOf(sum, sum, model);
  if (areas === null || areas.hectares === 0) return { areas: null };
  const about = { model: modelId(model), from: days[0]!.day, to: days.at(-1)!.day, days: days.length };
  return { areas: { ...areas, ...about } };
}

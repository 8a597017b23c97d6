import { recentWindow } from '../../core/drift/recentWindow.ts';
import { judge } from '../../core/drift/window.ts';
import { noneIfInvalid } from '../../core/models/models.ts';
import type { WindowNumbers } from '../api.ts';
import type { Service } from '../service.ts';
import { packageOrNone } from './packageOrNone.ts';
import { windowNumbers } from './windowNumbers.ts';

/** The window `recent` of the live version, as the ledger has it now; null while there is none, or no run in it. */
export async function recentNumbers(
  service: Pick<Service, 'parameters' | 'ledger' | 'models' | 'now'>,
): Promise<WindowNumbers | null> {
  const { driftThreshold: threshold, driftMinimum: minimum, driftWindow } = service.parameters;
  const live = await service.models.promotedOrNone().catch(noneIfInvalid);
  const model = live && (await packageOrNone(service.models, live));
  if (model === null) return null;
  const { runs, ...totals } = await recentWindow(service.ledger, model, {
    now: service.now(),
    predictions: driftWindow,
  });
  return runs === 0 ? null : windowNumbers(model, runs, judge(totals, model, { threshold, minimum }));
}

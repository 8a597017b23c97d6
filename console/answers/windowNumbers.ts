import { recentWindow } from '../../core/drift/recentWindow.ts';
import { isPredicted, totalsOfRun } from '../../core/drift/totals.ts';
import {
  type Judgement,
  judgeDrift,
  type Limits,
  limitsOf,
  scenesIn,
  sharesOf,
  withSummary,
} from '../../core/drift/window.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { shownBands } from '../../core/measures/bands/shownBands.ts';
import { countedViolations } from '../../core/measures/bands/toldViolations.ts';
import { judgeMeasures } from '../../core/measures/expectedRegistry.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { shownOf } from '../../core/tasks/shownRegistry.ts';
import type { WindowNumbers } from '../api.ts';
import type { Service } from '../service.ts';
import { liveModel } from './packageOrNone.ts';

/** The numbers of a judged window, or of a run, for the console. */
export function windowNumbers(model: ModelPackage, runs: number, judgement: Judgement): WindowNumbers {
  const { chips, blank, n, missingShare, drift } = judgement;
  const { words, figures, rightness, estimate } = shownOf(model);
  const right = rightness(judgement, model);
  const estimated = estimate?.(judgement, model) ?? null;
  const bands = shownBands(judgement, model);
  const violations = countedViolations(judgement, model);
  return {
    model: { name: model.name, version: model.version },
    runs,
    chips,
    blank,
    n,
    missingShare,
    drift,
    words,
    shares: sharesOf(judgement, model),
    figures: [...figures(judgement, model), ...(right === null ? [] : [right.figure])],
    rightness: right,
    ...(estimated !== null && { estimate: estimated }),
    ...(bands.length > 0 && { bands }),
    ...(violations.length > 0 && { violations }),
  };
}

/** A run's own numbers; null before it has predicted anything. */
export function numbersOfRun(model: ModelPackage, row: LedgerRow, limits: Limits): WindowNumbers | null {
  const { drift = null } = row;
  if (!isPredicted(row)) return null;
  const totals = totalsOfRun(row);
  return windowNumbers(model, 1, {
    ...withSummary(totals),
    drift,
    ...judgeMeasures(totals, model, limits, scenesIn(totals, model)),
  });
}

/** The live version's window `recent`, from the ledger; null if there is none, or it has no runs. */
export async function recentNumbers(
  service: Pick<Service, 'parameters' | 'ledger' | 'models' | 'now'>,
): Promise<WindowNumbers | null> {
  const { parameters } = service;
  const model = await liveModel(service.models);
  if (model === null) return null;
  const { runs, ...totals } = await recentWindow(service.ledger, model, {
    now: service.now(),
    predictions: parameters.driftWindow,
  });
  return runs === 0 ? null : windowNumbers(model, runs, judgeDrift(totals, model, limitsOf(parameters)));
}

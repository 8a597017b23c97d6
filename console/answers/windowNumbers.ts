import { daysBefore } from '../../core/base/time/days.ts';
import { findCause } from '../../core/drift/cause.ts';
import { segmentTexts } from '../../core/drift/driftText.ts';
import { inSeason } from '../../core/drift/inSeason.ts';
import { recentWindows } from '../../core/drift/recentWindow.ts';
import { shownSegments } from '../../core/drift/segments.ts';
import { isPredicted, sumsOf, totalsOfRun } from '../../core/drift/totals.ts';
import type { Judgement, Limits } from '../../core/drift/window.ts';
import { judgeDrift, limitsOf, scenesIn, shownShares, withSummary } from '../../core/drift/window.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { shownBands } from '../../core/measures/bands/shownBands.ts';
import { countedViolations } from '../../core/measures/bands/toldViolations.ts';
import { judgeMeasures } from '../../core/measures/expectedRegistry.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Accuracy } from '../../core/tasks/shown.ts';
import { rightnessOf, shownOf } from '../../core/tasks/shownRegistry.ts';
import type { WindowNumbers } from '../api.ts';
import type { Service } from '../service.ts';
import { liveModel } from './knownRun.ts';

export function windowNumbers(model: ModelPackage, runs: number, judgement: Judgement): WindowNumbers {
  const { chips, blank, n, missingShare, drift } = judgement;
  const { words, figures, estimate } = shownOf(model);
  const right = rightnessOf(judgement, model);
  const estimated = estimate?.(judgement, model) ?? null;
  const seasonal = inSeason(model, judgement);
  const bands = shownBands(judgement, seasonal);
  const violations = countedViolations(judgement, model);
  return {
    model: { name: model.name, version: model.version },
    ...{ runs, chips, blank, n, missingShare, drift, words },
    shares: shownShares(judgement, model),
    figures: [...figures(judgement, seasonal), ...(right === null ? [] : [right.figure])],
    rightness: right,
    ...(estimated !== null && { estimate: estimated }),
    ...(bands.length > 0 && { bands }),
    ...(violations.length > 0 && { violations }),
  };
}

/** A run's own numbers; null before it has predicted anything. */
export function numbersOfRun(model: ModelPackage, row: LedgerRow, limits: Limits): WindowNumbers | null {
  if (!isPredicted(row)) return null;
  const totals = totalsOfRun(row);
  return windowNumbers(model, 1, {
    ...withSummary(totals),
    drift: row.drift ?? null,
    ...judgeMeasures(totals, model, limits, scenesIn(totals, model)),
  });
}

/** How right a run's predictions were; null if no truth is known of its chips, or its package is gone. */
export const accuracyOfRun = (model: ModelPackage | null, row: LedgerRow): Accuracy | null =>
  model !== null && isPredicted(row) ? shownOf(model).accuracy(totalsOfRun(row), model) : null;

/** The live version's window `recent`, from the ledger, with its cause and the segments that drift; null if there is none, or it has no runs. */
export async function recentNumbers(service: Service): Promise<WindowNumbers | null> {
  const { parameters } = service;
  const model = await liveModel(service.models);
  if (model === null) return null;
  const [now, limits] = [service.now(), limitsOf(parameters)];
  const { window, counted } = await recentWindows(service.ledger, model, { now, predictions: parameters.driftWindow });
  if (window.runs === 0) return null;
  const judgement = judgeDrift(sumsOf(window), model, limits);
  const cause = await findCause(service.metrics, daysBefore(1, now), judgement, model);
  const segments = segmentTexts(shownSegments(counted, model, limits));
  return { ...windowNumbers(model, window.runs, judgement), cause, segments };
}

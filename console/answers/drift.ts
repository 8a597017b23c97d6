import { modelId } from '../../core/base/messages.ts';
import { daysBefore } from '../../core/base/time/days.ts';
import { areasOf } from '../../core/drift/areas.ts';
import { findCause } from '../../core/drift/cause.ts';
import { segmentTexts } from '../../core/drift/driftText.ts';
import { gradualDriftUntil } from '../../core/drift/gradualDrift.ts';
import { inSeason } from '../../core/drift/inSeason.ts';
import type { DayRow } from '../../core/drift/metricsTable.ts';
import { recentWindows } from '../../core/drift/recentWindow.ts';
import { shownSegments } from '../../core/drift/segments.ts';
import { addTotals, isPredicted, sumsOf, type Totals, totalsOfRun } from '../../core/drift/totals.ts';
import type { Judgement, Limits } from '../../core/drift/window.ts';
import { judgeDrift, limitsOf, scenesIn, shownShares, withSummary } from '../../core/drift/window.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { furthestBand } from '../../core/measures/bands/expected.ts';
import { shownBands } from '../../core/measures/bands/shownBands.ts';
import { countedViolations } from '../../core/measures/bands/toldViolations.ts';
import { judgeMeasures } from '../../core/measures/expectedRegistry.ts';
import { gradualThreshold } from '../../core/metrics/metrics.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import type { Accuracy } from '../../core/tasks/shown.ts';
import { rightnessOf, shownOf } from '../../core/tasks/shownRegistry.ts';
import type { DayAccuracy, Drift, LandAreas, WindowNumbers } from '../api.ts';
import type { Period } from '../period.ts';
import type { Service } from '../service.ts';
import { liveModel } from './knownRun.ts';
import { reportPath, reportsOf } from './reports.ts';

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

export async function driftOf(service: Service, period: Period): Promise<Drift> {
  const { parameters } = service;
  const [versions, live] = await Promise.all([service.listVersions(parameters.modelName), liveModel(service.models)]);
  const [recent, gradual, segments, ...judged] = await Promise.all([
    recentNumbers(service),
    live && gradualDriftUntil(service.metrics, daysBefore(1, service.now()), live, limitsOf(parameters)),
    live === null ? [] : segmentsOf(service, live),
    ...versions.map((version) => daysOf(service, parameters.modelName, version, period)),
  ]);
  const newestFirst = judged.toSorted((a, b) => lastDayOf(b).localeCompare(lastDayOf(a)));
  return {
    threshold: parameters.driftThreshold,
    recent,
    gradual,
    gradualThreshold: gradualThreshold(parameters.driftThreshold),
    // The versions of a day keep their order.
    days: judged.flatMap(({ days }) => days).sort((a, b) => a.day.localeCompare(b.day)),
    calibration: newestFirst.find(({ calibration }) => calibration !== null)?.calibration ?? null,
    accuracy: newestFirst.find(({ accuracy }) => accuracy !== null)?.accuracy ?? null,
    segments,
  };
}

type JudgedVersion = Pick<Drift, 'days' | 'accuracy' | 'calibration'>;

const NOT_JUDGED: JudgedVersion = { days: [], accuracy: null, calibration: null };

async function daysOf(service: Service, name: string, version: string, { from, to }: Period): Promise<JudgedVersion> {
  if (await service.models.isTrial({ name, version })) return NOT_JUDGED; // trials do not count in the service's days
  const rows = await service.metrics.days({ name, version }, from, to);
  const model = rows.length === 0 ? null : await service.models.load({ name, version }).catch(noneIfUnusable);
  if (model === null) return NOT_JUDGED;
  const reports = await reportsOf(service, { name, version });
  const days = rows.map(({ day, revision, runs, judgement }) => {
    const { bands = [], ...numbers } = windowNumbers(model, runs, judgement);
    const furthest = furthestBand(bands);
    const report = reports.has(day) ? reportPath(version, day) : null;
    const about = { day, revision, report, accuracy: accuracyOfDay(judgement, model) };
    return { ...numbers, ...(furthest && { bands: [furthest] }), ...about };
  });
  const accuracy = accuracyOfAll(rows, model);
  const { calibration } = accuracy?.of ?? {};
  return { days, accuracy, calibration: calibration ? { ...calibration, version } : null };
}

const lastDayOf = ({ days }: JudgedVersion): string => days.at(-1)?.day ?? '';

/** Drops the confusion matrix, which would be repeated for each day of a page. */
function accuracyOfDay(judgement: DayRow['judgement'], model: ModelPackage): DayAccuracy | null {
  const found = shownOf(model).accuracy(judgement, model);
  if (found === null) return null;
  const { n, figure, interval, expected, figures } = found;
  return { n, figure, ...(interval && { interval }), ...(expected && { expected }), ...(figures && { figures }) };
}

function accuracyOfAll(rows: readonly DayRow[], model: ModelPackage): Drift['accuracy'] {
  const { accuracy } = shownOf(model);
  const known = rows.map(({ judgement }) => judgement).filter((judgement) => accuracy(judgement, model) !== null);
  if (known.length === 0) return null;
  const of = accuracy(known.map(sumsOf).reduce(addTotals), model)!;
  return { model: { name: model.name, version: model.version }, days: known.length, of };
}

async function segmentsOf({ ledger, parameters, now }: Service, model: ModelPackage): Promise<Drift['segments']> {
  const days = [0, 1].map(async (back): Promise<Drift['segments']> => {
    const day = daysBefore(back, now());
    const rows: LedgerRow[] = [];
    for await (const row of ledger.rowsOfDay(day)) if (rows.push(row) === 2000) break; // enough to tell its segments
    const own = rows.filter((row) => modelId(row.model) === modelId(model));
    return shownSegments(own, model, limitsOf(parameters)).map((segment) => ({ day, ...segment }));
  });
  return (await Promise.all(days)).flat();
}

/** The land of each class in the live version's judged days: their rows have the sums, so that no run is read. */
export async function landAreasOf({ models, metrics }: Service, { from, to }: Period): Promise<LandAreas> {
  const model = await liveModel(models);
  const days = model === null ? [] : await metrics.days(model, from, to);
  if (model === null || days.length === 0) return { areas: null };
  const areas = areasOf(days.map(({ judgement }): Totals => judgement).reduce(addTotals), model);
  if (areas === null || areas.hectares === 0) return { areas: null };
  const about = { model: modelId(model), from: days[0]!.day, to: days.at(-1)!.day, days: days.length };
  return { areas: { ...areas, ...about } };
}

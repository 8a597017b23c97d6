import { inOrder } from '../core/base/concurrency/inOrder.ts';
import type { ModelRef } from '../core/base/messages.ts';
import { nullIfNotFound, type ReadObject, type ReadRange } from '../core/base/objectStore.ts';
import { type Invocation, stopIfAsked } from '../core/base/step.ts';
import { daysBefore } from '../core/base/time/days.ts';
import { formatsOf } from '../core/doors/formatsOf.ts';
import { findCause, movers } from '../core/drift/cause.ts';
import { segmentTexts } from '../core/drift/driftText.ts';
import { inSeason } from '../core/drift/inSeason.ts';
import type { MetricsTable } from '../core/drift/metricsTable.ts';
import { shownSegments, sumOf } from '../core/drift/segments.ts';
import { type Judgement, judgeDrift, type Limits, shownShares } from '../core/drift/window.ts';
import { doorOf } from '../core/ledger/doorOf.ts';
import { hasFailedForGood, type LedgerRow } from '../core/ledger/ledgerRow.ts';
import { STATES, type State } from '../core/ledger/states.ts';
import { shownBands } from '../core/measures/bands/shownBands.ts';
import { countedViolations } from '../core/measures/bands/toldViolations.ts';
import { isMasked } from '../core/measures/blanks/mask.ts';
import { verdictsOnMeasures } from '../core/measures/expectedRegistry.ts';
import type { ModelPackage } from '../core/package/package.ts';
import type { Models } from '../core/releases/contract.ts';
import type { PredictedChip, PredictionFile } from '../core/results/predictions.ts';
import { firstByRank, predictionFiles, readPredictionFile } from '../core/results/predictions.ts';
import { makeChipAt } from '../core/scenes/chipAt.ts';
import { chipsInReference, namedIn } from '../core/tasks/registry.ts';
import { compareTruths, rightnessOf, shownOf } from '../core/tasks/shownRegistry.ts';
import type { DayRuns } from './dayRuns.ts';
import { CANDIDATES, picture } from './pictures.ts';
import { judgeDay } from './verdict.ts';

/** A day's report on a model version. Times are UTC, shares from 0 to 1; null means nothing to say, or to divide by. */
export type Report = Awaited<ReturnType<typeof gatherReport>>;

export type ReportedDay = Awaited<ReturnType<typeof judgedDays>>[number];

export type ReportedFile = ReturnType<typeof toFile>;

export type ReportPorts = Limits & {
  stage: string;
  metrics: Pick<MetricsTable, 'days'>;
  models: Pick<Models, 'load'>;
  readResult: ReadObject;
  readRange: ReadRange;
  now: () => Date;
};

export const DAYS_SHOWN = 30;
const FILES_LISTED = 300;
/** An error's message may be 4,000 letters long; its beginning says what is wrong. */
const MESSAGE_LETTERS = 400;

/** Gathers what is known of a UTC day and one model version, of which `runs` are the runs. */
export async function gatherReport(ports: ReportPorts, day: string, ref: ModelRef, runs: DayRuns, invoked: Invocation) {
  const madeAt = ports.now().toISOString();
  const model = await ports.models.load(ref);
  // The day's numbers as of now: they may know of a run more than the latest revision in the metrics table.
  const judgement = judgeDrift(sumOf(runs.counted, model), model, ports);
  const [days, predictions] = await Promise.all([
    judgedDays(ports, day, model, runs, judgement),
    readDayPredictions(ports.readResult, runs.counted, model, CANDIDATES, invoked),
  ]);
  const files = filesOf(runs);
  const sizes = new Map(runs.counted.map(({ run, size = 0 }) => [run, size]));
  const { chips, blank, masked, n, missing, missingShare, drift } = judgement;
  const { words, figures, estimate: estimateOf } = shownOf(model);
  const estimate = estimateOf?.(judgement, model) ?? null;
  const distribution = shownShares(judgement, model);
  const bands = shownBands(judgement, inSeason(model, judgement));
  const violations = countedViolations(judgement, model);
  const segments = shownSegments(runs.counted, model, ports);
  const cause = await findCause(ports.metrics, day, judgement, model);
  const moved = await movers(judgement, model, runs.counted, ({ scene }) => scene.key);
  const ofSegments = segmentTexts(segments);
  const isOff = verdictsOnMeasures(judgement).includes('drift')
    ? 'the input drifts'
    : (cause && 'fewer are right than expected') || (ofSegments.length > 0 ? 'a segment is off' : undefined);
  return {
    stage: ports.stage,
    /** YYYY-MM-DD. The report is about the scene files that arrived on it. */
    day,
    /** The day was not over when the report was made: its numbers are those so far. */
    isOpen: day >= madeAt.slice(0, 10),
    madeAt,
    model: { name: ref.name, version: ref.version },
    verdict: judgeDay({
      ...judgement,
      threshold: ports.threshold,
      accuracy: predictions.accuracy,
      words,
      violations,
      movers: [...(cause ? [cause.sentence] : []), ...moved, ...ofSegments],
      isOff,
      states: files.states,
      failedForGood: runs.others.filter(hasFailedForGood).length,
    }),
    /** What is behind a drift or a missed accuracy, with the evidence; absent on other days. */
    ...(cause && { cause }),
    task: model.task.name,
    /** By the names of the reference, in its order. */
    distribution,
    /** Counts that the reference's shares are made of. */
    referenceTotal: chipsInReference(model.task, inSeason(model, judgement)),
    /** Records in the files that count, blank ones included. */
    chips,
    blank,
    /** Chips that clouds hide, which count in no verdict; absent if there are none. */
    ...(masked && { masked }),
    /** Predictions: chips that there is one for. */
    n,
    /** Chips that were classified, but not with finite outputs; and their share of the chips that were classified. */
    ...{ missing, missingShare },
    ...model.task.numbers?.(judgement),
    drift,
    /** What the task tells beside the drift. */
    figures: figures(judgement, inSeason(model, judgement)),
    /** A drift score above it is drift. */
    threshold: ports.threshold,
    /** Each source band; absent where the package has no profile, or nothing was classified. */
    ...(bands.length > 0 && { bands }),
    /** Which rules of data quality files break, by band, and how many files do; absent where none does. */
    ...(violations.length > 0 && { violations }),
    /** The same by the doors that predictions came in by, and by what the package tells files apart by. */
    segments,
    /** The judged days of the last 30, this one included. */
    days,
    files,
    /** With the Parquet files of the day's predictions, and how many of them accuracy and least certain chips were read from. */
    ...predictions,
    /** The accuracy, estimated without truth; absent where the package has nothing to estimate by, or nothing was predicted. */
    ...(estimate !== null && { estimate }),
    /** Chips to look at first: the least certain ones, where the model says how certain it is. */
    leastCertain: await picture(makeChipAt(ports.readRange, formatsOf), sizes, model, predictions.leastCertain),
  };
}

async function judgedDays(ports: ReportPorts, day: string, model: ModelPackage, runs: DayRuns, judgement: Judgement) {
  const before = (await ports.metrics.days(model, firstDayShown(day), day)).filter((row) => row.day !== day);
  const all = runs.counted.length === 0 ? before : [...before, { day, runs: runs.counted.length, judgement }];
  return all.map(({ day: of, runs, judgement: judged }) => {
    const estimate = shownOf(model).estimate?.(judged, model) ?? null;
    const right = rightnessOf(judged, model);
    return {
      ...{ day: of, runs, n: judged.n, drift: judged.drift },
      /** Its accuracy, estimated and realised; each is absent where there is none. */
      ...(estimate !== null && { estimate }),
      ...(right !== null && { realised: { share: right.figure.value, chips: right.chips } }),
    };
  });
}

/** The first of the days that a report on `day` shows, both YYYY-MM-DD. */
export const firstDayShown = (day: string): string => daysBefore(DAYS_SHOWN - 1, day);

/** What asks for somebody's attention stands first, the last of these before all others. */
const LISTED_FIRST: readonly State[] = ['FAILED', 'INVALID'];

/** Counts files by their present state (more, if `isCut`); lists up to `FILES_LISTED`, the failed first, then by key. */
function filesOf({ counted, others, isCut }: DayRuns) {
  const rows = [...counted, ...others];
  const counts = STATES.map((state) => [state, rows.filter((row) => row.state === state).length] as const);
  const states = Object.fromEntries(counts) as Record<State, number>;
  const rank = ({ state }: LedgerRow) => LISTED_FIRST.indexOf(state);
  const listed = rows.toSorted((a, b) => rank(b) - rank(a) || (a.scene.key < b.scene.key ? -1 : 1));
  return { states, isCut, listed: listed.slice(0, FILES_LISTED).map(toFile) };
}

function toFile(row: LedgerRow) {
  const { scene, run, state, chips = null, blank = null, duplicateOf = null, error, attempt, attemptLimit } = row;
  const { name = '', message = '', step = '' } = error ?? {};
  const begun = message.length <= MESSAGE_LETTERS ? message : `${message.slice(0, MESSAGE_LETTERS)}…`;
  const named = namedIn(row);
  const most = named.reduce((found, one) => (one.count > found.count ? one : found), { name: '', count: 0 });
  const n = named.reduce((sum, { count }) => sum + count, 0);
  return {
    ...{ file: scene.key, run, state, chips, blank },
    /** Of its predictions; null where nothing was predicted, or nothing is one of a few names. */
    mostCommon: n === 0 ? null : { name: most.name, share: most.count / n },
    duplicateOf,
    error: error ? { name, message: begun, step, attempt, attemptLimit } : null,
  };
}

/** So many parts take about a minute. */
const MOST_PARTS = 20_000;
const AT_ONCE = 16;
/** What is left of an invocation's time for everything after the predictions. */
const KEPT_SECONDS = 60;

/**
 * Reads what only the predictions of runs tell, part by part: nothing is kept of one but counts and the `count` chips to look at
 * first. Of very many parts, or in too short a time, not all are read.
 */
export async function readDayPredictions(
  readResult: ReadObject,
  runs: readonly LedgerRow[],
  model: ModelPackage,
  count: number,
  invocation: Invocation,
) {
  const comparison = compareTruths(model);
  const parts = predictionFiles(runs);
  /** Null where somebody has taken the predictions away: the report goes without them, and says so. */
  const chipsOf = (file: PredictionFile) => readPredictionFile(readResult, file).catch(nullIfNotFound);
  let kept: PredictedChip[] = [];
  let partsRead = 0;
  for await (const chips of inOrder(parts.slice(0, MOST_PARTS), AT_ONCE, chipsOf)) {
    stopIfAsked(invocation);
    if (chips === null) continue;
    partsRead += 1;
    const shown = chips.filter(({ masked }) => !isMasked(masked, model.mask));
    for (const chip of shown) comparison.add(chip, doorOf(chip.scene) === 'file' ? chip.run : undefined);
    kept = firstByRank([...kept, ...shown], count);
    if (invocation.remainingSeconds() < KEPT_SECONDS) break;
  }
  return { accuracy: comparison.accuracy(), leastCertain: kept, parts: parts.length, partsRead };
}

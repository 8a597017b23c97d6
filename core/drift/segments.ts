import { type ModelRef, modelId } from '../base/messages.ts';
import { monthIn } from '../base/time/month.ts';
import { doorOf } from '../ledger/doorOf.ts';
import type { EndedRun } from '../ledger/ledgerItem.ts';
import { chanceOfVerdict } from '../measures/chanceOfVerdict.ts';
import { EXPECTED, verdictsOnMeasures } from '../measures/expectedRegistry.ts';
import type { Datum } from '../metrics/metrics.ts';
import type { ModelPackage } from '../package/package.ts';
import { intervalOfRight, shortfallOf } from '../tasks/classification/intervalOfRight.ts';
import { total } from '../tasks/confusion.ts';
import * as totals from './totals.ts';
import { datumsOf, type Judgement, judgeDrift, type Limits, sharesOf } from './window.ts';

type SumsOf = (run: totals.Sums) => (readonly [name: string, own: totals.Totals])[];
type SegmentOf = (run: { scene?: { readonly key: string } | undefined }) => string | undefined;
type Run = Omit<totals.Sums, 'summary'> & { summary?: string | undefined };
type Judged = { readonly judgement: Judgement };

/** What is shown of a segment; `runs` are files, requests, or objects of answered requests; `bands` are the source bands that drift. */
export type ShownSegment = ReturnType<typeof shownSegments>[number];

/** Judges a model version's counted runs separately for each door, if there are others than files, and for each segment of the package. */
export function shownSegments(rows: readonly Run[], model: ModelPackage, limits: Limits) {
  const byDoor = ofRuns(({ scene }) => doorOf(scene!));
  const doors = segmentsBy('door', rows, byDoor, model, limits);
  const areFiles = doors.every(({ name }) => name === 'file');
  return [...(areFiles ? [] : doors), ...segmentsOfPackage(rows, model, limits)].map(({ judgement, ...segment }) => {
    const { chips, blank, n, drift, bandDrift = [] } = judgement;
    const bands = bandDrift.filter(({ verdict }) => verdict === 'drift').map(({ band }) => band);
    return { ...segment, chips, blank, n, drift, bands, shares: sharesOf(judgement, model, segment) };
  });
}

export const segmentsOfPackage = (rows: readonly Run[], model: ModelPackage, limits: Limits) =>
  waysOf(model).flatMap(([by, sumsOf]) => segmentsBy(by, rows, sumsOf, model, limits));

function waysOf(model: ModelPackage): [by: string, sumsOf: SumsOf][] {
  const { segments = {}, chipSegments = {} } = model;
  return [
    ...Object.entries(segments).map(([by, patterns]): [string, SumsOf] => [by, ofRuns(makeSegmentOf(patterns))]),
    ...Object.keys(chipSegments).map((by): [string, SumsOf] => [by, (run) => totals.totalsOfSegments(run, by, model)]),
  ];
}

function ofRuns(segmentOf: SegmentOf): SumsOf {
  return (run) => {
    const name = segmentOf(run);
    return name === undefined ? [] : [[name, totals.totalsOfRun(run)]];
  };
}

type Sum = totals.TotalsOfRuns & { name: string };

/**
 * Judges the runs of a window that have something in common, such as a sensor, alone. They are told apart `by` the door, or a name in the package's
 * `swath:segments`; `name` is which of it they are. One that has all predictions is judged as the window is. Their accuracy is null without known truths.
 */
function segmentsBy(by: string, rows: readonly Run[], sumsOf: SumsOf, model: ModelPackage, limits: Limits) {
  const { add, sums } = makeSums(sumsOf);
  for (const row of rows) add(row);
  const accuracies = new Map(accuraciesOf(sums(), model, limits).map(({ name, ...accuracy }) => [name, accuracy]));
  const all = total(rows.filter(totals.isPredicted).map(totals.predictionsOfRun));
  const judge = (sum: Sum, share: number) => {
    const segment = { by, name: sum.name };
    const isWhole = totals.predictionsIn(sum) > all - 0.5; // then a verdict of its own would contradict the window's
    const judgement = judgeDrift(sum, model, isWhole ? limits : { ...limits, share }, segment);
    return { ...segment, runs: sum.runs, judgement, accuracy: accuracies.get(sum.name) ?? null };
  };
  return amongMany(sums(), judge, isDrifting);
}

function makeSums(sumsOf: SumsOf) {
  const found = new Map<string, Sum>();
  return {
    add(run: Run): void {
      for (const [name, own] of totals.isPredicted(run) ? sumsOf(run) : [])
        found.set(name, { ...totals.withTotals(found.get(name), own), name });
    },
    sums: (): Sum[] => [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/**
 * Judges each of many such that of all those that are found, chance alone is behind as small a share as it is behind a single verdict: Y. Benjamini
 * and Y. Hochberg, J. R. Stat. Soc. B 57 (1995) 289. Of m, k are found if k of them are where chance is left k/m of what it is left for one.
 */
function amongMany<One>(
  sums: readonly Sum[],
  judge: (sum: Sum, share: number) => One,
  isFound: (judged: One) => boolean,
): One[] {
  for (let k = sums.length; ; ) {
    const judged = sums.map((sum) => judge(sum, k / sums.length));
    const found = judged.filter(isFound).length;
    if (found >= k || k <= 1) return judged;
    k = Math.max(1, found); // more cannot: fewer are found where less is left to chance
  }
}

type Budget = Pick<Limits, 'falseAlarmsPerYear' | 'share'>;

export type KnownAccuracy = NonNullable<ReturnType<typeof accuracyOf>>;

/**
 * Returns the accuracy of a day, or of a segment: how many predictions with a known truth are right, with the 95 % interval of that share, and
 * how far it lies below what the package expects, less what chance explains: above 0 if it is missed; null without an expectation.
 * Null without known truths, or for tasks without right and wrong.
 */
export function accuracyOf(sum: totals.Totals, model: ModelPackage, { falseAlarmsPerYear, share = 1 }: Budget) {
  const right = model.task.right?.(sum) ?? null;
  if (right === null) return null;
  const alpha = 2 * share * chanceOfVerdict(model, falseAlarmsPerYear); // an accuracy can be missed on one side alone
  const shortfall = shortfallOf(right, intervalOfRight(right, sum, model, alpha), model, alpha);
  return { n: right.n, share: right.correct / right.n, interval: intervalOfRight(right, sum, model), shortfall };
}

function accuraciesOf(sums: readonly Sum[], model: ModelPackage, limits: Budget) {
  const known = sums.filter((sum) => accuracyOf(sum, model, limits) !== null);
  const judge = (sum: Sum, share: number) => ({ name: sum.name, ...accuracyOf(sum, model, { ...limits, share })! });
  return amongMany(known, judge, isMissed);
}

const isMissed = ({ shortfall }: KnownAccuracy): boolean => (shortfall ?? 0) > 0;

/** Returns the segments of a package that miss the expected accuracy; reads the runs, of several versions, only if there may be any. */
export async function missedSegments(runs: AsyncIterable<EndedRun>, model: ModelPackage, limits: Budget) {
  const names = model.expectedAccuracy === undefined ? [] : waysOf(model);
  const ways = names.map(([by, sumsOf]) => ({ by, ...makeSums(sumsOf) }));
  if (ways.length > 0)
    for await (const run of runs) if (modelId(run.model) === modelId(model)) for (const { add } of ways) add(run);
  return ways.flatMap(({ by, sums }) =>
    accuraciesOf(sums(), model, limits).flatMap((one) => (isMissed(one) ? [{ by, ...one }] : [])),
  );
}

export const isDrifting = ({ judgement }: Judged): boolean =>
  [judgement.drift?.verdict, ...verdictsOnMeasures(judgement)].includes('drift');

/** Returns how a name of the package's `swath:segments` tells files apart. */
export const segmentsOf = (by: string, { segments = {} }: ModelPackage) => makeSegmentOf(segments[by] ?? []);

/** Returns how a file's name tells its month, if it is not known when its scene was acquired, and its segments. */
export function makeAboutFile(model: ModelPackage) {
  const all = Object.keys(model.segments ?? {}).map((by) => [by, segmentsOf(by, model)] as const);
  return (key: string, month = monthIn(key)) => ({
    month,
    segments: Object.fromEntries(all.map(([by, segmentOf]) => [by, segmentOf({ scene: { key } })])),
  });
}

/** Returns what tells a file's segment: the first part of its key that a pattern matches. */
function makeSegmentOf(patterns: readonly string[]): SegmentOf {
  const alternatives = patterns.map((pattern) => pattern.replaceAll('?', '[A-Za-z0-9]')).join('|');
  const part = new RegExp(`(?<![A-Za-z0-9])(?:${alternatives})(?![A-Za-z0-9])`);
  return ({ scene }) => part.exec(scene!.key)?.[0];
}

/** The metrics whose alarms a drifting segment raises as well. */
const alarmedMetrics = () => ['Drift', ...EXPECTED.map(({ alarmed }) => alarmed)];

/** Returns a window's datums, in which the segments that drift count: an alarm follows the highest score. */
export function withSegments(datums: readonly Datum[], segments: readonly Judged[], model: ModelPackage): Datum[] {
  const all = new Map(datums.map((datum) => [JSON.stringify([datum.metric, datum.dimensions]), datum]));
  for (const { judgement } of segments.filter(isDrifting))
    for (const datum of datumsOf(judgement, model, model, 'recent')) {
      const key = JSON.stringify([datum.metric, datum.dimensions]);
      if (alarmedMetrics().includes(datum.metric) && (all.get(key)?.value ?? 0) < datum.value) all.set(key, datum);
    }
  return [...all.values()];
}

/** Returns a window's datums with a 0 for each score that is withheld, unless the closed day drifts: it ends an alarm that nothing supports any longer. */
export function withEnds(datums: readonly Datum[], ofDay: readonly Datum[], { name }: ModelRef, threshold: number) {
  const isOver = (score: string) =>
    datums.every(({ metric }) => metric !== score) &&
    ofDay.every(({ metric, value }) => metric !== score || value <= threshold);
  const over = alarmedMetrics().filter(isOver);
  return [...datums, ...over.map((metric) => ({ metric, value: 0, dimensions: { Model: name, Window: 'recent' } }))];
}

/** Adds up runs; those without numbers add nothing. */
export function sumOf(rows: readonly Run[], model: ModelPackage) {
  let sum = totals.noTotals(model);
  for (const row of rows.filter(totals.isPredicted)) sum = totals.addTotals(sum, totals.totalsOfRun(row));
  return sum;
}

import { doorOf } from '../ledger/doorOf.ts';
import { verdictsOnMeasures } from '../measures/expectedRegistry.ts';
import type { Datum } from '../metrics/metrics.ts';
import type { ModelPackage } from '../package/package.ts';
import { addTotals, isPredicted, noTotals, totalsOfRun } from './totals.ts';
import { datumsOf, type Judgement, judgeDrift, type Limits, type NamedShare, sharesOf } from './window.ts';

type Counted = Parameters<typeof totalsOfRun>[0];
type Run = Omit<Counted, 'summary'> & { summary?: Counted['summary'] | undefined };

/** The runs of a window that have something in common, such as a sensor, with a verdict on them alone. */
export type Segment = {
  /** What they are told apart by: `door`, or a name in the package's `swath:segments`; and which of it they are. */
  readonly by: string;
  readonly name: string;
  readonly runs: number;
  readonly judgement: Judgement;
};

/** What is shown of a segment; `runs` are files, requests, or objects of answered requests. */
export type ShownSegment = Pick<Segment, 'by' | 'name' | 'runs'> &
  Pick<Judgement, 'chips' | 'blank' | 'n' | 'drift'> & {
    shares: NamedShare[];
    /** The source bands that drift. */
    bands: string[];
  };

/** Judges a model version's counted runs separately for each door, if there are others than files, and for each segment of the package. */
export function shownSegments(rows: readonly Run[], model: ModelPackage, limits: Limits): ShownSegment[] {
  const doors = segmentsBy('door', rows, ({ scene }) => doorOf(scene!), model, limits);
  const areFiles = doors.every(({ name }) => name === 'file');
  return [...(areFiles ? [] : doors), ...segmentsOfPackage(rows, model, limits)].map(({ judgement, ...segment }) => {
    const { chips, blank, n, drift, bandDrift = [] } = judgement;
    const bands = bandDrift.filter(({ verdict }) => verdict === 'drift').map(({ band }) => band);
    return { ...segment, chips, blank, n, drift, bands, shares: sharesOf(judgement, model) };
  });
}

/** Judges the segments of the package's `swath:segments` alone. */
export function segmentsOfPackage(rows: readonly Run[], model: ModelPackage, limits: Limits): Segment[] {
  return Object.entries(model.segments ?? {}).flatMap(([by, patterns]) =>
    segmentsBy(by, rows, makeSegmentOf(patterns), model, limits),
  );
}

/**
 * Judges each segment such that of all those that drift, chance alone is behind as small a share as it is behind a single window's verdict: Y. Benjamini
 * and Y. Hochberg, J. R. Stat. Soc. B 57 (1995) 289. Of m segments, k drift if k of them do where chance is left k/m of what it is left for one.
 */
function segmentsBy(
  by: string,
  rows: readonly Run[],
  segmentOf: (run: Run) => string | undefined,
  model: ModelPackage,
  limits: Limits,
): Segment[] {
  const groups = [...Map.groupBy(rows.filter(isPredicted), segmentOf)]
    .flatMap(([name, own]) => (name === undefined ? [] : [{ name, runs: own.length, sum: sumOf(own, model) }]))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (let k = groups.length; ; ) {
    const share = k / groups.length;
    const judged = groups.map(({ name, runs, sum }): Segment => {
      return { by, name, runs, judgement: judgeDrift(sum, model, { ...limits, share }) };
    });
    const drifting = judged.filter(isDrifting).length;
    if (drifting >= k || k <= 1) return judged;
    k = Math.max(1, drifting); // more cannot: fewer drift where less is left to chance
  }
}

export const isDrifting = ({ judgement }: Pick<Segment, 'judgement'>): boolean =>
  [judgement.drift?.verdict, ...verdictsOnMeasures(judgement)].includes('drift');

/** Returns how a name of the package's `swath:segments` tells files apart. */
export const segmentsOf = (by: string, { segments = {} }: ModelPackage) => makeSegmentOf(segments[by] ?? []);

/** Returns what tells a file's segment: the first part of its key that a pattern matches. */
function makeSegmentOf(patterns: readonly string[]): (run: Run) => string | undefined {
  const alternatives = patterns.map((pattern) => pattern.replaceAll('?', '[A-Za-z0-9]')).join('|');
  const part = new RegExp(`(?<![A-Za-z0-9])(?:${alternatives})(?![A-Za-z0-9])`);
  return ({ scene }) => part.exec(scene!.key)?.[0];
}

/** The metrics whose alarms a drifting segment raises as well. */
const ALARMED = ['Drift', 'BandDrift'];

/** Returns a window's datums, in which the segments that drift count: an alarm follows the highest score. */
export function withSegments(datums: readonly Datum[], segments: readonly Segment[], model: ModelPackage): Datum[] {
  const all = new Map(datums.map((datum) => [JSON.stringify([datum.metric, datum.dimensions]), datum]));
  for (const { judgement } of segments.filter(isDrifting))
    for (const datum of datumsOf(judgement, model, model, 'recent')) {
      const key = JSON.stringify([datum.metric, datum.dimensions]);
      if (ALARMED.includes(datum.metric) && (all.get(key)?.value ?? 0) < datum.value) all.set(key, datum);
    }
  return [...all.values()];
}

/** Adds up runs; those without numbers add nothing. */
export function sumOf(rows: readonly Run[], model: ModelPackage) {
  let totals = noTotals(model);
  for (const row of rows.filter(isPredicted)) totals = addTotals(totals, totalsOfRun(row));
  return totals;
}

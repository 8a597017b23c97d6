import { monthIn } from '../base/time/month.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Clustering } from '../statistics/clustering.ts';
import { mixCounts, mixedSize } from '../tasks/classes.ts';

/** How many predictions belong to each month, by its number from 1 to 12. */
export type Months = { readonly [month: string]: number };

/** The months of a run's predictions: in which its scene was acquired, or that of the date in its file's name, or else in which it ended. */
export function monthsOf(predictions: number, key = '', ended = '', acquired?: number): Months {
  const month = acquired ?? monthIn(key) ?? monthIn(ended.slice(0, 10));
  return month === undefined || predictions === 0 ? {} : { [month]: predictions };
}

/** A segment of the package's `swath:segments`: what it is told apart by, and its name. */
export type SegmentName = { readonly by: string; readonly name: string };

type Window = { readonly months?: Months };

/** What is usual of a window, by its months in their shares: of a segment, then of any; else of the segment in any; undefined of the whole reference. */
function partsOf({ months = {} }: Window, { seasons }: ModelPackage, segment: SegmentName | undefined) {
  // Of own properties alone: a segment may be called like what every object has, such as "constructor".
  const own = segment && new Map(Object.entries({ ...seasons?.segments[segment.by] })).get(segment.name);
  const all = Object.values(months).reduce((sum, count) => sum + count, 0);
  return Object.entries(months).map(([month, count]) => {
    const inMonth = own?.months[month] ?? seasons?.months[month];
    return { share: count / all, month: inMonth && Number(month), season: inMonth ?? own, own };
  });
}

/** The months whose own references a window is compared with; undefined if there are none. */
export function seasonOf(window: Window, model: ModelPackage, segment?: SegmentName): number[] | undefined {
  const known = partsOf(window, model, segment).flatMap(({ month }) => month ?? []);
  return known.length === 0 ? undefined : known.sort((a, b) => a - b);
}

/**
 * Returns a package whose reference is what a window's months, and its segment, let expect: of each month what is usual then, in the share that it has of
 * the predictions. A month of which the package does not say counts with the whole reference.
 */
export function inSeason(model: ModelPackage, window: Window, segment?: SegmentName): ModelPackage {
  const { seasons, ...whole } = model;
  const { task, profile } = whole;
  const parts = partsOf(window, model, segment);
  if (seasons === undefined || parts.every(({ season }) => season === undefined)) return model;
  const isOfMonths = parts.every(({ month }) => month !== undefined);
  const clusteringOf = (inMonth: Clustering | undefined, inAll: Clustering | undefined) => {
    const alike = isOfMonths ? (inMonth ?? inAll) : inAll;
    const sizes = parts.map(({ share, season }) => ({ share, n: season?.scenes ?? alike?.scenes ?? 1 }));
    return alike && { ...alike, ofReference: mixedSize(sizes) };
  };
  const bands = profile?.map((band, i) => {
    const own = parts.map(({ share, season }) => ({ share, ...(season?.bands[i] ?? band) }));
    const scenes = clusteringOf(seasons.ofBands[i], band.scenes);
    const mean = own.reduce((sum, one) => sum + one.share * one.mean, 0);
    const wider = Math.max(...parts.flatMap((one) => [one.own, one.season].map((of) => of?.bands[i]?.wider ?? 1)));
    return { ...band, counts: mixCounts(own), mean, wider, ...(scenes && { scenes }) };
  });
  const reference = task.mix(parts.map(({ share, season }) => ({ share, reference: (season ?? model).reference })));
  const clustering = clusteringOf(seasons.clustering, model.clustering);
  return { ...whole, reference, ...(clustering && { clustering }), ...(bands && { profile: bands }) };
}

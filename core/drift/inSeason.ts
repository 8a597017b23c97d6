import { monthIn } from '../base/time/month.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Clustering } from '../statistics/clustering.ts';
import { mixCounts, mixedSize } from '../tasks/classes.ts';

/** How many predictions belong to each month, by its number from 1 to 12. */
export type Months = { readonly [month: string]: number };

/** The months of a run's predictions: that of the date in its file's name, or else the one in which it ended. */
export function monthsOf(predictions: number, key: string | undefined, ended: string | undefined): Months {
  const month = monthIn(key ?? '') ?? monthIn(ended?.slice(0, 10) ?? '');
  return month === undefined || predictions === 0 ? {} : { [month]: predictions };
}

export function addMonths(a: Months = {}, b: Months = {}): Months {
  const sum: Record<string, number> = { ...a };
  for (const [month, count] of Object.entries(b)) sum[month] = (sum[month] ?? 0) + count;
  return sum;
}

/** The months of a window whose own references it is compared with; undefined if all of it is compared with the whole reference. */
export function seasonOf({ months = {} }: { months?: Months }, { seasons }: ModelPackage): number[] | undefined {
  const known = Object.keys(months).filter((month) => seasons?.months[month] !== undefined);
  return known.length === 0 ? undefined : known.map(Number).sort((a, b) => a - b);
}

/**
 * Returns a package whose reference is what a window's months let expect: of each month what is usual then, in the share that it has of
 * the predictions. A month of which the package does not say counts with the whole reference.
 */
export function inSeason(model: ModelPackage, { months = {} }: { months?: Months }): ModelPackage {
  const { seasons, ...whole } = model;
  const { task, profile } = whole;
  if (seasons === undefined || seasonOf({ months }, model) === undefined) return model;
  const all = Object.values(months).reduce((sum, count) => sum + count, 0);
  const parts = Object.entries(months).map(([month, count]) => ({ share: count / all, season: seasons.months[month] }));
  const isWhole = parts.some(({ season }) => season === undefined);
  const reference = task.mix(parts.map(({ share, season }) => ({ share, ...(season ?? model) })));
  const clusteringOf = (within: Clustering | undefined, whole: Clustering | undefined) => {
    if (isWhole || within === undefined) return whole;
    return { ...within, ofReference: mixedSize(parts.map(({ share, season }) => ({ share, n: season!.scenes }))) };
  };
  const bands = profile?.map((band, i) => {
    const own = parts.map(({ share, season }) => ({ share, ...(season?.bands[i] ?? band) }));
    const scenes = clusteringOf(seasons.ofBands[i], band.scenes);
    const mean = own.reduce((sum, one) => sum + one.share * one.mean, 0);
    return { ...band, counts: mixCounts(own), mean, ...(scenes && { scenes }) };
  });
  const clustering = clusteringOf(seasons.clustering, model.clustering);
  return { ...whole, reference, ...(clustering && { clustering }), ...(bands && { profile: bands }) };
}

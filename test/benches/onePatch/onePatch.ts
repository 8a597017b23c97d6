import { totalsOfRun } from '../../../core/drift/totals.ts';
import { clusteringOfPredictions } from '../../../core/measures/scenesOfChips.ts';
import { seasonsOf } from '../../../core/measures/seasonsOfScenes.ts';
import type { ModelPackage } from '../../../core/package/package.ts';
import { parseSeasons } from '../../../core/package/seasons.ts';
import { modelOf } from '../predictions.ts';
import { storedCounts } from '../summaries.ts';
import dates from './dates.json' with { type: 'json' };

/** One place on the dates of two and a half years: of its 100 squares, how many have an NDVI of each range (see dates.py). */
export const DATES: readonly { day: string; all: number[]; clear: number[] }[] = dates;

/** The numbers of a date that a package is made of, or that are judged. */
export type Counted = { readonly day: string; readonly counts: readonly number[] };

export const chipsIn = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

const classes = [0, 1, 2, 3].map((value) => ({ name: `class_${value}`, value }));
export const model = { ...modelOf(classes), unit: 'scene' as const };
export const limits = { threshold: 0.25, minimum: 30, falseAlarmsPerYear: 4 };

/** A package whose reference is made of some dates, as `swath model profile` makes it. */
export function packageOf(dates: readonly Counted[], isSeasonal = true): ModelPackage {
  const scenes = dates.map(({ counts }, scene) => ({ scene, size: chipsIn(counts), sums: counts }));
  const reference = classes.map((_, k) => scenes.reduce((sum, { sums }) => sum + sums[k]!, 0));
  const clustering = clusteringOfPredictions(scenes, model)!;
  const json = seasonsOf(scenes, {}, (scene) => ({ month: monthOf(dates[scene]!.day), segments: {} }), model);
  const seasons = parseSeasons({ seasons: json }, (of) => model.task.parseReference(of, model));
  return { ...model, reference, clustering, ...(isSeasonal && seasons && { seasons }) };
}

export const monthOf = (day: string): number => Number(day.slice(5, 7));

/** The sums of a date's run, as if its scene was acquired on that day. */
export function totalsOf({ counts }: Counted, day: string) {
  return totalsOfRun({
    ...storedCounts([...counts]),
    chips: chipsIn(counts),
    blank: 0,
    changed: `${day}T00:00:00.000Z`,
  });
}

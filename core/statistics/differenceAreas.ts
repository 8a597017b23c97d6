import { studentT } from './fQuantile.ts';
import { meanOfScenes, type SceneProducts } from './meanOfScenes.ts';
import type { AreaShare } from './stratifiedAreas.ts';

/** Chips whose pixels are all known: of each class, the land that truly is of it, that mapped as it, and how their difference varies. */
export type SampledPixels = { chips: number; truth: number[]; predicted: number[]; units: SceneProducts[] };

/**
 * Estimates the shares of an area that are truly of each class, from a map and a random sample of chips: the share of the map, and the mean difference
 * between truth and map in the sample (the difference estimator of C.-E. Särndal, B. Swensson and J. Wretman, Model Assisted Survey Sampling (1992), 6.3;
 * for maps R. E. McRoberts, Remote Sensing of Environment 115 (2011) 715). Pixels of a chip are alike, so chips are the units by which the difference
 * varies, with Student's t.
 *
 * A class that is right in few chips may be wrong in others. The interval therefore adds one unit, in which all of the class is wrong; of a class that no
 * chip has, one that is wholly of it. Of a single unit, or of several of which one has nearly all pixels, it is 0 to 1.
 *
 * @param mapped the share of the area that the map gives each class; they add up to 1
 */
export function differenceAreas(mapped: readonly number[], { truth, predicted, units }: SampledPixels): AreaShare[] {
  const n = truth.reduce((sum, pixels) => sum + pixels, 0);
  return mapped.map((share, i) => {
    const { count } = units[i]!;
    const { mean, error, scenes } = meanOfScenes({ n, sum: truth[i]! - predicted[i]! }, units[i]!);
    const within = (one: number) => Math.min(1, Math.max(0, one));
    const estimate = within(share + mean);
    const errors = error === null ? Infinity : studentT(0.975, scenes - 1);
    if (errors === Infinity) return { share: estimate, standardError: Infinity, interval: [0, 1] };
    const wrong = truth[i] === 0 && predicted[i] === 0 ? 1 : (share + estimate) / 2;
    const half = errors * Math.sqrt(error! ** 2 + wrong ** 2 / count / (count - 1));
    const [low, high] = [share + mean - half, share + mean + half];
    return { share: estimate, standardError: error!, interval: [within(low), within(high)] };
  });
}

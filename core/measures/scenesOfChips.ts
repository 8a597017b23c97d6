import { sampleStandardDeviation } from 'simple-statistics';
import type { RasterWindow } from '../arrays/dataTypes.ts';
import type { ModelPackage } from '../package/package.ts';
import { type Clustering, clusteringOf } from '../statistics/clustering.ts';

/** Where a chip of a reference comes from: the number of its file, and its window if it is cut from a raster. */
export type Origin = { readonly file: number; readonly window: RasterWindow | null };

/** The scenes that chips belong to: files, or contiguous blocks of too few files; each chip's scene, -1 for none. */
export type ScenesOfChips = { readonly of: 'files' | 'blocks'; readonly scenes: readonly number[] };

/** With fewer scenes, how they differ cannot be estimated. */
export const LEAST_SCENES = 5;
const LEAST_BLOCKS = 8;
/** About as many blocks are made, of at least three by three chips. */
const BLOCKS = 60;
const LEAST_SIDE = 3;

/**
 * Assigns chips to scenes. Files are scenes if there are enough. Otherwise, each file is cut into blocks: squares of neighbouring windows, or as many chips that
 * follow each other. Blocks show how alike neighbours are, but not how dates differ. Scenes of less than half the usual size are left out.
 * @returns undefined if there are too few chips
 */
export function scenesOfChips(origins: readonly Origin[]): ScenesOfChips | undefined {
  const of = new Set(origins.map(({ file }) => file)).size >= LEAST_SCENES ? 'files' : 'blocks';
  const side = Math.max(LEAST_SIDE, Math.round(Math.sqrt(origins.length / BLOCKS)));
  const nth = new Map<number, number>(); // how many chips of a file have come
  const names = origins.map(({ file, window }) => {
    if (of === 'files') return String(file);
    const at = nth.get(file) ?? 0;
    nth.set(file, at + 1);
    if (window === null) return `${file} ${Math.floor(at / side ** 2)}`;
    const [row, column] = [window.y / window.height, window.x / window.width].map((place) => Math.floor(place / side));
    return `${file} ${row} ${column}`;
  });
  const groups = Map.groupBy(names, (name) => name);
  const usual = of === 'files' ? origins.length / groups.size : side ** 2;
  const kept = [...groups].filter(([, { length }]) => length >= usual / 2).map(([name]) => name);
  if (kept.length < (of === 'files' ? LEAST_SCENES : LEAST_BLOCKS)) return undefined;
  return { of, scenes: names.map((name) => kept.indexOf(name)) };
}

export type SceneSums = { readonly size: number; readonly sums: readonly number[] };

/** Adds up the chips of each scene. Chips are null for one that is left out; its scene is -1 for none. */
export function sumsOfScenes(chips: readonly (readonly number[] | null)[], scenes: readonly number[]) {
  const known = chips.flatMap((sums, i) =>
    sums === null || scenes[i]! < 0 ? [] : [{ scene: scenes[i]!, size: 1, sums }],
  );
  return Array.from(
    Map.groupBy(known, ({ scene }) => scene),
    ([scene, of]) => ({ scene, ...pooled(of) }),
  );
}

/** Adds up scenes as if they were one. */
export function pooled(scenes: readonly SceneSums[]): SceneSums {
  const size = scenes.reduce((sum, scene) => sum + scene.size, 0);
  return { size, sums: (scenes[0]?.sums ?? []).map((_, k) => scenes.reduce((sum, { sums }) => sum + sums[k]!, 0)) };
}

/**
 * Measures how alike the chips of scenes are; undefined if too few scenes have any with shares.
 * @param all each scene with the sums of its chips' shares
 * @param ofChips the sum of eigenvalues for independent chips: see `spreadOfShares`
 */
export function clusteringOfScenes(all: readonly SceneSums[], ofChips: (used: number) => number) {
  if (all.length < LEAST_SCENES) return undefined;
  const used = all[0]!.sums.filter((_, k) => all.some(({ sums }) => sums[k]! > 0)).length;
  const shares = all.map(({ size, sums }) => sums.map((sum) => sum / size));
  const sizes = all.map(({ size }) => size);
  const clustering: Clustering = clusteringOf(shares, sizes, ofChips(used));
  return clustering.scenes < 2 ? undefined : clustering; // one scene has nearly all chips
}

/**
 * The same of predictions. Each label is a distribution of its own, of chips that have it and chips that do not; the one in which chips are most alike holds for all.
 * @param json the reference that numbers are compared with, to measure how the scenes' means of them differ as well
 */
export function clusteringOfPredictions(all: readonly SceneSums[], model: ModelPackage, json?: object) {
  const { labels, meanShift, parseReference } = model.task;
  if (labels === undefined) {
    const found = clusteringOfScenes(all, (used) => used - 1);
    if (found === undefined || json === undefined || meanShift === undefined) return found;
    const own = { ...model, reference: parseReference(json, model) };
    const means = all.flatMap(({ sums }) => meanShift({ counts: sums, missing: 0 }, own) ?? []);
    return means.length === 0 ? found : { ...found, betweenScenes: Math.min(1, sampleStandardDeviation(means)) };
  }
  const sides = (k: number) => all.map(({ size, sums }) => ({ size, sums: [sums[k]!, size - sums[k]!] }));
  const ofEach = (all[0]?.sums ?? []).flatMap((_, k) => clusteringOfScenes(sides(k), (used) => used - 1) ?? []);
  return ofEach.toSorted((a, b) => a.exponent - b.exponent)[0];
}

import type { ModelPackage } from '../package/package.ts';
import { clusteringOfPredictions, clusteringOfScenes, LEAST_SCENES, pooled, type SceneSums } from './scenesOfChips.ts';

/** A scene, with the month from 1 to 12 that it was taken in. */
export type SceneOfMonth = SceneSums & { readonly month: number | undefined };

/**
 * Returns for each month the scenes that show what is usual then: those of the month, of the one before and of the one after, in any year. A month is
 * left out if it has too few of them, has none of its own and those of one side only, or has all there are, as the whole reference does.
 */
export function scenesOfMonths<Scene extends { readonly month: number | undefined }>(all: readonly Scene[]) {
  const byMonth = Map.groupBy(all, ({ month }) => month);
  const found = new Map<number, Scene[]>();
  for (let month = 1; month <= 12; month += 1) {
    const [before, own, after] = [(month + 10) % 12, month - 1, month % 12].map((i) => byMonth.get(i + 1) ?? []);
    const near = [...before!, ...own!, ...after!];
    const isBetween = own!.length > 0 || (before!.length > 0 && after!.length > 0);
    if (isBetween && near.length >= LEAST_SCENES && near.length < all.length) found.set(month, near);
  }
  return found;
}

/** The effective number of scenes of different size: (Σn)²/Σn². */
export const effectiveScenes = (scenes: readonly { readonly size: number }[]): number =>
  scenes.reduce((sum, { size }) => sum + size, 0) ** 2 / scenes.reduce((sum, { size }) => sum + size ** 2, 0);

/**
 * Takes the season out of the scenes' shares: each scene stays as far away from the mean of all as it was from what is usual in its month, in units of what
 * chance does to shares of that size. Scenes of months that have too few are left out.
 */
export function withoutSeason(all: readonly SceneOfMonth[]): SceneSums[] {
  const ofMonths = scenesOfMonths(all);
  const used = all.filter(({ month }) => month !== undefined && ofMonths.has(month));
  const whole = sharesIn(used);
  return used.map(({ month, size, sums }) => {
    const near = ofMonths.get(month!)!;
    const usual = sharesIn(near);
    const own = Math.sqrt(near.length / (near.length - 1)); // a scene is among those that it is compared with
    const shares = sums.map((sum, k) => {
      const apart = usual[k] === 0 ? 0 : (sum / size - usual[k]!) / Math.sqrt(usual[k]!);
      return whole[k]! + own * apart * Math.sqrt(whole[k]!);
    });
    return { size, sums: shares.map((share) => share * size) };
  });
}

function sharesIn(scenes: readonly SceneSums[]): number[] {
  const { size, sums } = pooled(scenes);
  return sums.map((sum) => sum / size);
}

/** The standard deviation of the scenes' means of a band, the last of their sums. */
function deviationOfMeans(scenes: readonly SceneSums[]): number {
  const about = scenes[0]!.sums.at(-1)! / scenes[0]!.size; // so that equal means have a deviation of exactly 0, despite rounding
  const means = scenes.map(({ size, sums }) => sums.at(-1)! / size - about);
  const mean = means.reduce((sum, one) => sum + one / means.length, 0);
  return Math.sqrt(means.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (means.length - 1));
}

type Numbered = readonly (SceneSums & { readonly scene: number })[];
/** A band of the profile over some scenes, whose sums are the shares of its bins and, last, the mean. */
export type BandOfScenes = { readonly scenes: Numbered; readonly valuesPerChip: number };

/** What is known of a scene, by its number: the month it was taken in, and its segments, by what they are told apart by. */
export type AboutScene = (scene: number) => {
  readonly month: number | undefined;
  readonly segments: Readonly<Record<string, string | undefined>>;
};

/** The chips of a scene in one segment of chips. */
export type SceneOfSegment = Numbered[number] & { readonly by: string; readonly name: string };

/**
 * Makes the part `seasons` of `reference.json`: what is usual in some months, and of some segments. Of segments of chips, bands are not known.
 * @param counts of each scene's predictions
 * @returns undefined if no month and no segment has enough scenes
 */
export function seasonsOf(
  counts: Numbered,
  bandsOfScenes: Readonly<Record<string, BandOfScenes>>,
  about: AboutScene,
  model: ModelPackage,
  ofChips: readonly SceneOfSegment[] = [],
) {
  const { task, unit } = model;
  const known = <Scene extends Numbered[number]>(scenes: readonly Scene[]) =>
    scenes.map((scene) => ({ ...scene, ...about(scene.scene) }));
  const predictions = known(counts);
  const bands = Object.entries(bandsOfScenes).map(([name, of]) => ({ name, ...of, scenes: known(of.scenes) }));

  /** What is usual of some scenes, in the form of `reference.json`. */
  const usual = (some: typeof predictions, known = bands) => {
    const { size, sums } = pooled(some);
    const own = known.map(({ name, scenes }) => {
      const those = scenes.filter(({ scene }) => some.some((one) => one.scene === scene));
      const shares = sharesIn(those);
      const ofBins = shares.slice(0, -1).map((share) => Math.max(1, Math.round(share * PER_SEASON)));
      const wider = deviationOfMeans(those) / deviationOfMeans(scenes);
      return [name, { counts: ofBins, mean: shares.at(-1)!, ...(wider > 1 && { wider }) }];
    });
    const { bins, ...reference } = task.referenceOf({ counts: sums, missing: 0, chips: size }, model);
    const { edges: _, ...ofBins } = Object(bins); // those of the whole reference
    return {
      scenes: effectiveScenes(some),
      ...reference,
      ...(bins !== undefined && { bins: ofBins }),
      ...(own.length > 0 && { bands: Object.fromEntries(own) }),
    };
  };
  const inMonths = (of: typeof predictions, known = bands) =>
    Object.fromEntries([...scenesOfMonths(of)].map(([month, near]) => [month, usual(near, known)]));
  const ofFiles = predictions.flatMap((scene) =>
    Object.entries(scene.segments).flatMap(([by, name]) => (name === undefined ? [] : { ...scene, by, name })),
  );
  const segments: Record<string, Record<string, object>> = {};
  const groups = Map.groupBy([...ofFiles, ...known(ofChips)], ({ by, name }) => JSON.stringify([by, name]));
  for (const [, own] of [...groups].toSorted()) {
    const { by, name } = own[0]!;
    const isOfFiles = Object.hasOwn(own[0]!.segments, by);
    if (own.length < LEAST_SCENES || (isOfFiles && own.length === predictions.length)) continue;
    const ofBands = isOfFiles ? bands : [];
    segments[by] = { ...segments[by], [name]: { ...usual(own, ofBands), months: inMonths(own, ofBands) } };
  }
  const months = inMonths(predictions);
  if (Object.keys({ ...months, ...segments }).length === 0) return undefined;
  const clustering = unit === 'scene' ? clusteringOfPredictions(withoutSeason(predictions), model) : undefined;
  const ofBands = bands.flatMap(({ name, scenes, valuesPerChip }) => {
    const shares = scenes.map((scene) => ({ ...scene, sums: scene.sums.slice(0, -1) }));
    const alike = clusteringOfScenes(withoutSeason(shares), (used) => (used - 1) / valuesPerChip);
    return alike === undefined || unit === 'chip' ? [] : [[name, alike]];
  });
  return {
    ...(clustering && { scenes: clustering }),
    ...(ofBands.length > 0 && { bands: Object.fromEntries(ofBands) }),
    months,
    ...(Object.keys(segments).length > 0 && { segments }),
  };
}

/** The counts of a band's bins in a month add up to about as many. */
const PER_SEASON = 10_000;

/** Says of how many months, and segments, the reference knows what is usual; with a space behind it, and empty for none. */
export function seasonsText(seasons: ReturnType<typeof seasonsOf>): string {
  if (seasons === undefined) return '';
  const [months, segments] = [seasons.months, Object.assign({}, ...Object.values(seasons.segments ?? {}))];
  const said = (of: string, count: number, what: string) =>
    count > 0 ? [`${of} ${count} ${what}${count > 1 ? 's' : ''}`] : [];
  const known = [said('in', Object.keys(months).length, 'month'), said('of', Object.keys(segments).length, 'segment')];
  return `It says what is usual ${known.flat().join(' and ')}. `;
}

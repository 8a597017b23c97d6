import { readFile } from 'node:fs/promises';
import { SCENE_LIMITS } from '../../core/base/limits.ts';
import type { BandSums } from '../../core/measures/bands/bandSum.ts';
import { bands } from '../../core/measures/bands/bands.ts';
import { makeProfiler } from '../../core/measures/bands/makeProfile.ts';
import { sampledPixels, samplingOf } from '../../core/measures/bands/sampledPixels.ts';
import { type BandProfile, parseProfile } from '../../core/package/bandProfile.ts';
import type { Chip, ModelPackage } from '../../core/package/package.ts';
import { inOneChunk, rangesIn } from '../../core/scenes/rangesIn.ts';
import { makeReadChips } from '../../core/scenes/readChips.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { type Random, sfc32 } from '../../replay/sfc32.ts';

/** For tests of the measure `bands`: chips of the bundled samples, and any number of others that are like them. */

export async function bundledChips(name: string, sample: string): Promise<{ model: ModelPackage; chips: Chip[] }> {
  const folder = new URL(`../../models/${name}/1.0.0/`, import.meta.url);
  const model = await readModelPackage((file) => readFile(new URL(file, folder)));
  const bytes = await readFile(new URL(`../../samples/${sample}`, import.meta.url));
  const chunks = inOneChunk(bytes);
  const chips: Chip[] = [];
  await makeReadChips(model, SCENE_LIMITS)(
    { key: sample, size: bytes.length, chunks, range: rangesIn(bytes) },
    (chip) => void chips.push({ ...chip, planes: chip.planes.map((plane) => plane.slice()) }),
  );
  return { model, chips };
}

/** The shard's chips, each as its 32 pixels that are looked at: a chip of 4 × 8. */
export async function smallChips(): Promise<{ model: ModelPackage; chips: Chip[] }> {
  const { model, chips } = await bundledChips('droughtwatch-baseline', 'droughtwatch/part-r-00012');
  const { source } = model;
  const sampling = samplingOf(source.height, source.width);
  const pixels = sampledPixels(sampling, 0);
  const small = chips.map((chip) => ({
    ...chip,
    planes: chip.planes.map((plane) => Uint8Array.from(pixels, (pixel) => plane[pixel]!)),
  }));
  return { model: { ...model, source: { ...source, height: 4, width: 8 } }, chips: small };
}

/**
 * Chips that are like those given, and none of them: any of those, a little brighter or darker as a whole and in each band (the
 * smoothed bootstrap: Silverman and Young, Biometrika 74 (1987) 469). So a profile and a window may have as many as they need,
 * and share none.
 */
export function chipLike(chips: readonly Chip[], random: Random): Chip {
  const chip = chips[Math.floor(random() * chips.length)]!;
  const whole = 0.15 * normal(random);
  return {
    ...chip,
    planes: chip.planes.map((plane) => {
      const gain = Math.exp(whole + 0.05 * normal(random));
      return (plane as Uint8Array).map((value) => Math.min(255, Math.round(value * gain)));
    }),
  };
}

/** By G. E. P. Box and M. E. Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export function shuffled<Value>(all: readonly Value[], random: Random): Value[] {
  return all
    .map((value) => ({ value, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ value }) => value);
}

export function profileOf(
  model: ModelPackage,
  chips: Iterable<Chip>,
  names = model.source.bands.map(({ name }) => name),
): BandProfile[] {
  return parseProfile({ bands: profiler(model, chips, names).profile() }, model.source.bands)!;
}

export function profiler(
  model: ModelPackage,
  chips: Iterable<Chip>,
  names = model.source.bands.map(({ name }) => name),
): ReturnType<typeof makeProfiler> {
  const made = makeProfiler(model, names);
  for (const chip of chips) made.at(chip);
  return made;
}

/** What a run of these chips keeps of them. */
export function sumsOf(
  model: ModelPackage,
  profile: readonly BandProfile[],
  chips: Iterable<Chip>,
): Required<BandSums> {
  const look = bands.look({ ...model, profile });
  let index = 0;
  for (const chip of chips) look.at({ ...chip, place: { ...chip.place, index: index++ } }, false);
  return look.sum() as Required<BandSums>;
}

type Bundled = Awaited<ReturnType<typeof bundledChips>>;
/** Chips that a profile has seen, chips of a window that it has not, and the seed of both. */
type Drawn = { seen: number; count: number; seed: number; names?: string[] };

/** A thousand windows of a sample's chips, ten for each of a hundred profiles of others of them. */
export function* unseenWindows({ model, chips }: Bundled, { seen, count, seed, names }: Drawn) {
  for (let nth = 0; nth < 100; nth += 1) {
    const random = sfc32(seed, nth, count);
    const order = shuffled(chips, random);
    const profile = profileOf(model, order.slice(0, seen), names);
    for (let window = 0; window < 10; window += 1)
      yield { profile, sums: sumsOf(model, profile, shuffled(order.slice(seen), random).slice(0, count)).bands! };
  }
}

/** The same of chips that are like a sample's. */
export function* windowsLike({ model, chips }: Bundled, { seen, count, seed }: Drawn) {
  for (let nth = 0; nth < 100; nth += 1) {
    const random = sfc32(seed, nth, count);
    const any = (many: number) => Array.from({ length: many }, () => chipLike(chips, random));
    const profile = profileOf(model, any(seen));
    for (let window = 0; window < 10; window += 1) yield { profile, sums: sumsOf(model, profile, any(count)).bands! };
  }
}

/** A chip of which one band is taken by a factor. */
export function scaled(chip: Chip, band: number, by: number): Chip {
  return {
    ...chip,
    planes: chip.planes.map((plane, i) =>
      i === band ? (plane as Uint8Array).map((value) => Math.round(value * by)) : plane,
    ),
  };
}

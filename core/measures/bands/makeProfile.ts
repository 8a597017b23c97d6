import { LARGEST_FLOAT32 } from '../../arrays/dataTypes.ts';
import { InvalidModelPackage } from '../../base/errors.ts';
import { MAX_PROFILE_BANDS } from '../../base/limits.ts';
import type { BandProfile } from '../../package/bandProfile.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { spreadOfShares } from '../../statistics/clustering.ts';
import { binOf } from '../../statistics/histogram.ts';
import { jointMeansOf } from '../../statistics/jointMeans.ts';
import { clusteringOfScenes, type SceneSums, type ScenesOfChips, sumsOfScenes } from '../scenesOfChips.ts';
import type { BandOfScenes } from '../seasonsOfScenes.ts';
import { sampledPixels, samplingOf, startOf } from './sampledPixels.ts';
import { saturationOf } from './violations.ts';

/** Bins with about the same number of values: more bins would show finer changes, but need more chips to be significant. */
const BINS = 12;
/** With fewer chips, the variation between chips cannot be estimated. */
export const LEAST_CHIPS = 20;
/** 32 values of 16 bands of this many chips are 80 MB. */
export const MOST_CHIPS = 20_000;

/** The limits in an existing profile are kept. */
type Profiled = Pick<ModelPackage, 'source' | 'profile' | 'text'>;

/** Makes a profiler, which looks at the chips that are classified and computes the distribution of their bands' values. */
export function makeProfiler({ source, profile: before = [], text }: Profiled, names: readonly string[]) {
  const { height, width } = source;
  const sampling = text ? samplingOf(1, 1) : samplingOf(height, width);
  const places = names.map((name) => source.bands.findIndex((band) => band.name === name));
  /** For each band, the values of each chip; none where it has no data. */
  const values: Float64Array[][] = names.map(() => []);
  /** For each band, the sampled pixels without data. */
  const nodata = names.map(() => 0);
  let chips = 0;

  function profileOf(name: string, band: number, of: ScenesOfChips | undefined) {
    const ofBand = values[band]!;
    const held = ofBand.filter(({ length }) => length > 0);
    if (held.length < LEAST_CHIPS)
      throw new InvalidModelPackage(
        `found ${held.length} chips with a value of the band ${name}, allowed are ${LEAST_CHIPS} or more for a profile. Give more files.`,
      );
    const { limits } = before.find((one) => one.name === name) ?? {};
    const saturation = saturationOf(source.bands[places[band]!]!.dataType, limits) ?? Infinity;
    const all = Float64Array.from(held.flatMap((own) => [...own])).sort();
    const edges = edgesOf(all);
    const shares = ofBand.map((own) => (own.length === 0 ? null : sharesOf(own, edges)));
    const known = shares.filter((one) => one !== null);
    const spread = spreadOfChips(known, sampling.count);
    const ofChips = () => (edges.length - 2) / spread.valuesPerChip;
    const scenes = of && clusteringOfScenes(sumsOfScenes(shares, of.scenes), ofChips);
    const { mean, deviation } = momentsOf(all);
    const means = momentsOf(Float64Array.from(held, (own) => momentsOf(own).mean));
    return {
      chips: held.length,
      edges,
      counts: countsOf(all, edges),
      mean,
      deviation,
      betweenChips: means.deviation * Math.sqrt(held.length / (held.length - 1)),
      ...spread,
      nodata: nodata[band]! / (nodata[band]! + all.length),
      saturated: all.reduce((sum, value) => (value >= saturation ? sum + 1 : sum), 0) / all.length,
      ...(scenes && { scenes }),
      ...(limits && { limits }),
    };
  }

  return {
    chips: () => chips,
    at({ place, planes, valid, nodataOf }: Pick<Chip, 'place' | 'planes' | 'valid' | 'nodataOf'>): void {
      if (planes.length === 0) return;
      chips += 1;
      const pixels = sampledPixels(sampling, startOf(place.index, sampling));
      for (const [i, band] of places.entries()) {
        const plane = planes[band]!;
        const held = new Float64Array(pixels.length);
        let n = 0;
        for (const pixel of pixels) {
          const value = plane[pixel]!;
          if (valid?.[pixel] === 0 || value === nodataOf?.[band]) continue;
          if (Math.abs(value) <= LARGEST_FLOAT32) held[n++] = value;
        }
        nodata[i]! += pixels.length - n;
        values[i]!.push(held.subarray(0, n));
      }
    },
    /** @param of the scenes of the chips, to measure how alike those of a scene are */
    profile(of?: ScenesOfChips): Record<string, Omit<BandProfile, 'name' | 'source'>> {
      return Object.fromEntries(names.map((name, i) => [name, profileOf(name, i, of)]));
    },
    /** Returns each band's bins and means, scene by scene. */
    ofScenes(profile: Record<string, Pick<BandProfile, 'edges' | 'valuesPerChip'>>, { scenes }: ScenesOfChips) {
      const ofBands = names.map((name, i): [string, BandOfScenes] => {
        const { edges, valuesPerChip } = profile[name]!;
        const sums = values[i]!.map((own) => (own.length === 0 ? null : [...sharesOf(own, edges), meanOf(own)]));
        return [name, { scenes: sumsOfScenes(sums, scenes), valuesPerChip }];
      });
      return Object.fromEntries(ofBands);
    },
    /** @param of the scenes of the chips; without them, each chip is one */
    bandMeans(of?: ScenesOfChips) {
      const each = Array.from({ length: chips }, (_, chip) => {
        const means = values.map((ofBand) => meanOf(ofBand[chip]!));
        return means.some(Number.isNaN) ? null : means;
      });
      return jointMeansOfBands(sumsOfScenes(each, of?.scenes ?? Array.from(each.keys())), names);
    },
  };
}

/** Measures how the means of those bands that vary do so together; undefined for too few scenes. */
export function jointMeansOfBands(scenes: readonly SceneSums[], names: readonly string[]) {
  const means = scenes.map(({ size, sums }) => sums.map((sum) => sum / size));
  const varying = [...names.keys()].filter((band) => means.some((one) => one[band] !== means[0]![band]));
  const ofVarying = means.map((one) => varying.map((band) => one[band]!));
  const joint = jointMeansOf(ofVarying, scenes.reduce((sum, { size }) => sum + size, 0) / scenes.length);
  return joint && { bands: varying.map((band) => names[band]!), ...joint };
}

const sharesOf = (values: Float64Array, edges: readonly number[]): number[] =>
  countsOf(values, edges).map((count) => count / values.length);

/** NaN without values. */
const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export function bandsToProfile({ source }: Pick<ModelPackage, 'source'>, named?: readonly string[]): string[] {
  const all = source.bands.filter(({ isMask, isTokens }) => !isMask && !isTokens).map(({ name }) => name);
  const unknown = named?.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw new InvalidModelPackage(`found no source band ${unknown}, allowed are ${all.join(', ')}`);
  const names = all.filter((name) => named === undefined || named.includes(name));
  if (names.length > MAX_PROFILE_BANDS)
    throw new InvalidModelPackage(
      `found ${names.length} source bands, allowed are at most ${MAX_PROFILE_BANDS} in a profile. Name those that matter most with --bands.`,
    );
  return names;
}

/**
 * Returns how much the shares of bins vary from chip to chip: the values of a chip are alike, so its pixels carry less
 * information than the same number of independent values. `valuesPerChip` is (k − 1) / Σλ, Kish's effective sample size.
 * @param mostPerChip the most values that a chip may count for: the number sampled
 */
export function spreadOfChips(shares: readonly (readonly number[])[], mostPerChip: number) {
  const free = Math.max(1, shares[0]!.length - 1);
  const { sum, degreesOfFreedom } = spreadOfShares(shares);
  if (!(sum * mostPerChip > free)) return { valuesPerChip: mostPerChip, degreesOfFreedom: free };
  return { valuesPerChip: free / sum, degreesOfFreedom };
}

/** Returns the distinct quantiles of the values; each bin holds at least its lower edge. */
function edgesOf(sorted: Float64Array): number[] {
  const edges: number[] = [];
  for (let i = 0; i <= BINS; i += 1) {
    const edge = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * i) / BINS))]! + 0;
    if (edges.length === 0 || edge > edges.at(-1)!) edges.push(edge);
  }
  if (edges.length === 1) edges.push(edges[0]! + Math.max(Number.MIN_VALUE, Math.abs(edges[0]!) * 1e-6));
  return edges;
}

function countsOf(values: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[binOf(value, edges)]! += 1;
  return counts.slice(1, -1);
}

function momentsOf(values: Float64Array): { mean: number; deviation: number } {
  const about = values[0]!; // so that equal values have a deviation of exactly 0, despite rounding
  let apart = 0;
  for (const value of values) apart += (value - about) / values.length;
  const mean = about + apart;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2 / values.length;
  return { mean, deviation: Math.sqrt(squares) };
}

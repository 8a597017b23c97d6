import * as z from 'zod';
import { type DataType, LARGEST_FLOAT32, type Plane } from '../../arrays/dataTypes.ts';
import type { BandProfile } from '../../package/bandProfile.ts';
import { binOf } from '../../statistics/histogram.ts';
import { isMasked } from '../blanks/mask.ts';
import type { Measure } from '../measure.ts';
import { addBandSums, type BandSums, bandSums, ofOneRun } from './bandSum.ts';
import { bandSumsOf, bandSumsText } from './bandSumsText.ts';
import { type Sampling, samplingOf, startOf } from './sampledPixels.ts';
import { saturationOf, violationsOf } from './violations.ts';

/** The distribution of the source bands' values in the classified chips that are not masked, for packages with a profile. */
export const bands: Measure<BandSums> = {
  schema: z.object({ bands: bandSums.optional() }),
  zero: {},
  // A version has one profile, and only sums of the same version are added.
  add: ({ bands: a }, { bands: b }) => {
    if (a === undefined || b === undefined) return { ...((a ?? b) && { bands: a ?? b }) };
    return { bands: a.map((sum, i) => addBandSums(sum, b[i]!)) };
  },
  look: ({ profile, source, mask, text }) => {
    if (profile === undefined) return { at: () => {}, sum: () => ({}) };
    const { height, width, bands: of } = source;
    const sampling = text ? samplingOf(1, 1) : samplingOf(height, width); // of a text, each measure is one value
    const counters = profile.map((band) => makeBandCounter(of[band.source]!.dataType, band, sampling));
    let chips = 0;
    return {
      at: ({ place, planes, valid, nodataOf, masked }, isBlank) => {
        if (isBlank || isMasked(masked, mask) || planes.length === 0) return; // a chip that came with its prediction has no planes
        chips += 1;
        const start = startOf(place.index, sampling);
        for (const [i, { source }] of profile.entries())
          counters[i]!.at(planes[source]!, start, valid, nodataOf?.[source]);
      },
      sum: () => {
        if (chips === 0) return {};
        return {
          bands: counters.map((counter, i) => {
            const looked = counter.looked();
            const broken = violationsOf(looked, profile[i]!, profile.length);
            return { ...looked.sum, ...(broken.length > 0 && { violations: ofOneRun(broken) }) };
          }),
        };
      },
    };
  },
  row: {
    write: ({ bands: sums }) => ({ ...(sums && { bands: bandSumsText(sums) }) }),
    read: ({ bands: text }: { bands?: string }) => (text === undefined ? {} : { bands: bandSumsOf(text) }),
  },
  datums: () => [], // what is published is how far they are from the profile: expected.ts
};

/** Makes what adds up the values of one band, chip by chip, without allocations. */
function makeBandCounter(dataType: DataType, profile: BandProfile, { count, size, step }: Sampling) {
  const { edges, mean: about, limits } = profile;
  const saturation = saturationOf(dataType, limits) ?? Infinity;
  const counts = new Array<number>(edges.length + 1).fill(0);
  const values = makeMoments(about);
  const means = makeMoments(about);
  let nodata = 0;
  let saturated = 0;
  const add = (value: number, n: number): void => {
    counts[binOf(value, edges)]! += n;
    values.add(value, n);
    if (value >= saturation) saturated += n;
  };
  /** Of bytes, how often each occurs: everything else follows from that. */
  const times = dataType === 'uint8' ? new Uint32Array(256) : null;
  return {
    /** Of the chip's pixels, `valid` says which hold data, undefined if all do; `none` is the band's value that stands for none. */
    at(plane: Plane, start: number, valid?: Uint8Array, none?: number | null): void {
      let [sum, n, pixel] = [0, count, start];
      for (let i = 0; i < count; i += 1) {
        const value = plane[pixel]!;
        const isNothing = value === none || (valid !== undefined && valid[pixel] === 0);
        if (isNothing || !(Math.abs(value) <= LARGEST_FLOAT32))
          n -= 1; // NaN is not a value either
        else {
          if (times === null) add(value, 1);
          else times[value]! += 1;
          sum += value;
        }
        pixel += step;
        if (pixel >= size) pixel -= size;
      }
      nodata += count - n;
      if (n > 0) means.add(sum / n, 1);
    },
    /** Returns the sums, and how many values are saturated. */
    looked() {
      for (const [value, n] of times?.entries() ?? []) if (n > 0) add(value, n);
      times?.fill(0);
      const { mean, squares, minimum, maximum } = values.of();
      const { n: chips, mean: chipMean, squares: chipSquares } = means.of();
      const sum = { chips, nodata, counts: [...counts], mean, squares, minimum, maximum, chipMean, chipSquares };
      return { sum, saturated };
    },
  };
}

/**
 * Sums differences from a number near the mean, so that a small variance loses no digits to a large mean. The sums are in a
 * typed array, because closure variables that hold fractions are reallocated at each change.
 */
function makeMoments(about: number) {
  const sums = Float64Array.of(0, 0, 0, Infinity, -Infinity); // n, sum of differences, sum of their squares, minimum, maximum
  return {
    add(value: number, times: number): void {
      const apart = value - about;
      sums[0]! += times;
      sums[1]! += apart * times;
      sums[2]! += apart * apart * times;
      if (value < sums[3]!) sums[3] = value;
      if (value > sums[4]!) sums[4] = value;
    },
    of() {
      const [n = 0, first = 0, second = 0, least = 0, most = 0] = sums;
      if (n === 0) return { n, mean: 0, squares: 0, minimum: null, maximum: null };
      const squares = Math.max(0, second - (first * first) / n);
      return { n, mean: about + first / n, squares, minimum: least + 0, maximum: most + 0 }; // no -0, which JSON cannot represent
    },
  };
}

import { type DataType, LARGEST_FLOAT32, type Plane } from '../../arrays/dataTypes.ts';
import type { BandProfile } from '../../package/bandProfile.ts';
import { binOf } from '../../statistics/histogram.ts';
import type { BandSum } from './bandSum.ts';
import type { Sampling } from './sampledPixels.ts';
import { saturationOf } from './violations.ts';

/** Adds up the values of one band, chip by chip, without allocations. */
export type BandCounter = {
  /** @param valid which of the chip's pixels hold data; undefined if all do */
  at(plane: Plane, start: number, valid: Uint8Array | undefined): void;
  sum(): BandSum;
  /** Returns how many values are saturated. */
  saturated(): number;
};

type Bins = Pick<BandProfile, 'edges' | 'mean' | 'limits'>;

export function makeBandCounter(dataType: DataType, profile: Bins, sampling: Sampling): BandCounter {
  const saturation = saturationOf(dataType, profile.limits) ?? Infinity;
  return dataType === 'uint8' ? countBytes(profile, saturation, sampling) : countNumbers(profile, saturation, sampling);
}

/** For bytes, counts how often each value occurs; everything else follows from that. */
function countBytes({ edges, mean: about }: Bins, saturation: number, { count, size, step }: Sampling): BandCounter {
  const times = new Uint32Array(256);
  const means = makeMoments(about);
  let nodata = 0;
  return {
    at(plane, start, valid) {
      let sum = 0;
      let n = count;
      let pixel = start;
      for (let i = 0; i < count; i += 1) {
        const value = plane[pixel]!;
        if (valid !== undefined && valid[pixel] === 0) n -= 1;
        else {
          times[value]! += 1;
          sum += value;
        }
        pixel += step;
        if (pixel >= size) pixel -= size;
      }
      nodata += count - n;
      if (n > 0) means.add(sum / n, 1);
    },
    sum() {
      const counts = new Array<number>(edges.length + 1).fill(0);
      const values = makeMoments(about);
      times.forEach((n, value) => {
        if (n === 0) return;
        counts[binOf(value, edges)]! += n;
        values.add(value, n);
      });
      return sumOf(nodata, counts, values, means);
    },
    saturated: () => times.reduce((sum, n, value) => (value >= saturation ? sum + n : sum), 0),
  };
}

function countNumbers({ edges, mean: about }: Bins, saturation: number, { count, size, step }: Sampling): BandCounter {
  const counts = new Array<number>(edges.length + 1).fill(0);
  const values = makeMoments(about);
  const means = makeMoments(about);
  let nodata = 0;
  let saturated = 0;
  return {
    at(plane, start, valid) {
      let sum = 0;
      let n = count;
      let pixel = start;
      for (let i = 0; i < count; i += 1) {
        const value = plane[pixel]!;
        if ((valid !== undefined && valid[pixel] === 0) || !(Math.abs(value) <= LARGEST_FLOAT32))
          n -= 1; // NaN is not a value either
        else {
          counts[binOf(value, edges)]! += 1;
          values.add(value, 1);
          sum += value;
          if (value >= saturation) saturated += 1;
        }
        pixel += step;
        if (pixel >= size) pixel -= size;
      }
      nodata += count - n;
      if (n > 0) means.add(sum / n, 1);
    },
    sum: () => sumOf(nodata, counts, values, means),
    saturated: () => saturated,
  };
}

type Moments = ReturnType<typeof makeMoments>;

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

function sumOf(nodata: number, counts: readonly number[], values: Moments, means: Moments): BandSum {
  const { mean, squares, minimum, maximum } = values.of();
  const { n: chips, mean: chipMean, squares: chipSquares } = means.of();
  return { chips, nodata, counts: [...counts], mean, squares, minimum, maximum, chipMean, chipSquares };
}

import type { Plane } from './dataTypes.ts';

export type Size = { readonly height: number; readonly width: number };

/** Resizes a plane into another of the target size; `out` may have another type than `plane`. */
export type Resize = (plane: Plane, out: Plane) => void;

/** Each row is a weighted sum of rows, then each column, by OpenCV's weights (modules/imgproc/src/resize.cpp), in float64. */

/** For each target row (or column), the source rows it is computed from, with their weights. */
type Taps = readonly { readonly index: Uint32Array; readonly weight: Float64Array }[];

type Kernel = (from: number, to: number) => Taps;

export function separable(kernel: Kernel, from: Size, to: Size): Resize {
  const rows = kernel(from.height, to.height);
  const columns = kernel(from.width, to.width);
  const narrow = new Float64Array(from.height * to.width);
  return (plane, out) => {
    for (let y = 0, i = 0; y < from.height; y++)
      for (const tap of columns) narrow[i++] = sumOf(plane, y * from.width, 1, tap);
    let i = 0;
    for (const tap of rows) for (let x = 0; x < to.width; x++) out[i++] = sumOf(narrow, x, to.width, tap);
  };
}

function sumOf(values: Plane, start: number, stride: number, { index, weight }: Taps[number]): number {
  let sum = 0;
  for (let tap = 0; tap < index.length; tap++) sum += values[start + index[tap]! * stride]! * weight[tap]!;
  return sum;
}

/** Takes the largest source pixel that lies at least partly in the target's, like GDAL's `max`; NaN if any is NaN. */
export function largest(from: Size, to: Size): Resize {
  const rows = spans(from.height, to.height);
  const columns = spans(from.width, to.width);
  return (plane, out) => {
    let i = 0;
    for (const [top, bottom] of rows)
      for (const [left, right] of columns) {
        let most = -Infinity;
        for (let y = top; y < bottom; y++)
          for (let x = left; x < right; x++) most = Math.max(most, plane[y * from.width + x]!);
        out[i++] = most;
      }
  };
}

const spans = (from: number, to: number): readonly (readonly [start: number, end: number])[] =>
  Array.from({ length: to }, (_, i) => [Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to)]);

/** The two rows that a pixel's centre lies between; at the edge the last one alone. */
export const linear: Kernel = (from, to) =>
  Array.from({ length: to }, (_, i) => {
    const centre = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const before = Math.floor(centre);
    const share = centre - before;
    return tapsOf([
      [before, 1 - share],
      [before + 1, share],
    ]);
  });

/** Keys' cubic with a = -0.75 over four neighbours; the last pixel is repeated at the edge. */
export const cubic: Kernel = (from, to) =>
  neighbours(from, to, 4, (share) => {
    const near = (x: number) => ((A + 2) * x - (A + 3)) * x * x + 1;
    const far = (x: number) => ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
    const weights = [far(share + 1), near(share), near(1 - share)];
    return [...weights, 1 - weights.reduce((sum, weight) => sum + weight)];
  });
const A = -0.75;

/** Lanczos over eight neighbours, with the weights normalised to add up to 1. */
export const lanczos4: Kernel = (from, to) =>
  neighbours(from, to, 8, (share) => {
    const weights = Array.from({ length: 8 }, (_, i) => sinc(share + 3 - i) * sinc((share + 3 - i) / 4));
    const sum = weights.reduce((all, weight) => all + weight);
    return weights.map((weight) => weight / sum);
  });

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Returns the taps for `count` neighbours around a pixel's centre, weighted by its position between the middle two. */
const neighbours = (from: number, to: number, count: number, weightsAt: (share: number) => number[]): Taps =>
  Array.from({ length: to }, (_, i) => {
    const centre = ((i + 0.5) * from) / to - 0.5;
    const before = Math.floor(centre);
    const weights = weightsAt(centre - before);
    const first = before - count / 2 + 1;
    return tapsOf(weights.map((weight, n) => [Math.min(Math.max(first + n, 0), from - 1), weight]));
  });

/** OpenCV drops a fraction of a pixel that is no more than this. */
const LEAST_PART = 1e-3;

/** The mean of what a target pixel covers. If a side of the image grows, OpenCV interpolates both: see `grown`. */
export const area = (from: Size, to: Size): Resize =>
  separable(to.height <= from.height && to.width <= from.width ? covered : grown, from, to);

const covered: Kernel = (from, to) =>
  Array.from({ length: to }, (_, i) => {
    const scale = from / to;
    const [start, end] = [i * scale, Math.min((i + 1) * scale, from)];
    const [whole, last] = [Math.min(Math.ceil(start), from - 1), Math.min(Math.floor(end), from)];
    const parts: [number, number][] = [];
    if (whole - start > LEAST_PART) parts.push([whole - 1, whole - start]);
    for (let n = whole; n < last; n++) parts.push([n, 1]);
    if (end - last > LEAST_PART) parts.push([last, Math.min(end - last, 1)]);
    return tapsOf(parts.map(([n, part]) => [n, part / Math.min(scale, from - start)]));
  });

const grown: Kernel = (from, to) =>
  Array.from({ length: to }, (_, i) => {
    const before = Math.floor((i * from) / to);
    const beyond = i + 1 - ((before + 1) * to) / from;
    const share = beyond <= 0 ? 0 : beyond - Math.floor(beyond);
    return tapsOf([
      [Math.min(before, from - 1), 1 - share],
      [Math.min(before + 1, from - 1), share],
    ]);
  });

/** A neighbour with a weight of 0 is not read: 0 times NaN would still be NaN. */
function tapsOf(all: readonly (readonly [index: number, weight: number])[]): Taps[number] {
  const taps = all.filter(([, weight]) => weight !== 0);
  return { index: Uint32Array.from(taps, ([index]) => index), weight: Float64Array.from(taps, ([, weight]) => weight) };
}

import type { Plane } from '../../../arrays/dataTypes.ts';
import type { OverviewResampling } from '../../../package/layer.ts';

/**
 * Halves width and height of rows of one band, rounding up, from the start of `from` to that of `into`. Four pixels without
 * data give `nodata`.
 *
 * If two values are equally frequent, the mode is the one that reaches that count first, row by row. A mean of integers is
 * rounded to the nearest, halves away from zero. Both are GDAL's rules (overview.cpp).
 */
export function halve(
  from: Plane,
  { width, rows }: { width: number; rows: number },
  into: Plane,
  resampling: OverviewResampling,
  nodata: number | null,
): void {
  const isWhole = !(from instanceof Float32Array || from instanceof Float64Array);
  const none = nodata ?? Number.NaN;
  const across = Math.ceil(width / 2);
  for (let row = 0; row < rows; row += 2) {
    const upper = row * width;
    // A last row without a partner is combined in pairs.
    const lower = row + 1 < rows ? upper + width : -1;
    const to = (row / 2) * across;
    if (resampling === 'mode') takeModes(from, upper, lower, width, into, to, none);
    else takeMeans(from, upper, lower, width, into, to, none, isWhole);
  }
}

function takeModes(
  from: Plane,
  upper: number,
  lower: number,
  width: number,
  into: Plane,
  to: number,
  none: number,
): void {
  const isNone = (value: number) => value === none || Number.isNaN(value);
  for (let x = 0, i = to; x < width; x += 2, i += 1) {
    const hasNext = x + 1 < width;
    const a = from[upper + x]!;
    const b = hasNext ? from[upper + x + 1]! : none;
    const c = lower >= 0 ? from[lower + x]! : none;
    const d = hasNext && lower >= 0 ? from[lower + x + 1]! : none;
    // Most areas of a map are uniform.
    if (a === b && a === c && a === d) into[i] = a;
    else into[i] = modeOf(a, b, c, d, isNone, none);
  }
}

function modeOf(a: number, b: number, c: number, d: number, isNone: (value: number) => boolean, none: number): number {
  if (!isNone(a) && a === b) return a;
  if (!isNone(c) && (c === a || c === b)) return c;
  if (!isNone(d) && (d === a || d === b || d === c)) return d;
  return [a, b, c, d].find((value) => !isNone(value)) ?? none;
}

function takeMeans(
  from: Plane,
  upper: number,
  lower: number,
  width: number,
  into: Plane,
  to: number,
  none: number,
  isWhole: boolean,
): void {
  let sum = 0;
  let count = 0;
  let first = none;
  const add = (value: number) => {
    if (value === none || Number.isNaN(value)) return;
    if (count === 0) first = value;
    sum += value;
    count += 1;
  };
  for (let x = 0, i = to; x < width; x += 2, i += 1) {
    sum = 0;
    count = 0;
    const hasNext = x + 1 < width;
    add(from[upper + x]!);
    if (hasNext) add(from[upper + x + 1]!);
    if (lower >= 0) add(from[lower + x]!);
    if (lower >= 0 && hasNext) add(from[lower + x + 1]!);
    const mean = isWhole ? rounded(sum / count) : sum / count;
    // A mean that happens to equal nodata would make a hole in the data.
    into[i] = count === 0 ? none : mean === none ? first : mean;
  }
}

const rounded = (value: number): number => (value < 0 ? -Math.floor(0.5 - value) : Math.floor(value + 0.5));

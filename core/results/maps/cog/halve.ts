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
  let to = 0;
  for (let row = 0; row < rows; row += 2) {
    const upper = row * width;
    // A last row without a partner is combined in pairs.
    const lower = row + 1 < rows ? upper + width : -1;
    for (let x = 0; x < width; x += 2, to += 1) {
      const hasNext = x + 1 < width;
      const a = from[upper + x]!;
      const b = hasNext ? from[upper + x + 1]! : none;
      const c = lower >= 0 ? from[lower + x]! : none;
      const d = hasNext && lower >= 0 ? from[lower + x + 1]! : none;
      // Most areas of a map are uniform.
      if (a === b && a === c && a === d) into[to] = a;
      else into[to] = resampling === 'mode' ? modeOf(a, b, c, d, none) : meanOf(a, b, c, d, none, isWhole);
    }
  }
}

function modeOf(a: number, b: number, c: number, d: number, none: number): number {
  if (!isNone(a, none) && a === b) return a;
  if (!isNone(c, none) && (c === a || c === b)) return c;
  if (!isNone(d, none) && (d === a || d === b || d === c)) return d;
  return [a, b, c, d].find((value) => !isNone(value, none)) ?? none;
}

function meanOf(a: number, b: number, c: number, d: number, none: number, isWhole: boolean): number {
  let sum = 0;
  let count = 0;
  let first = none;
  for (const value of [a, b, c, d]) {
    if (isNone(value, none)) continue;
    if (count === 0) first = value;
    sum += value;
    count += 1;
  }
  if (count === 0) return none;
  const mean = isWhole ? rounded(sum / count) : sum / count;
  return mean === none ? first : mean; // a mean that happens to equal nodata would make a hole in the data
}

const isNone = (value: number, none: number): boolean => value === none || Number.isNaN(value);

const rounded = (value: number): number => (value < 0 ? -Math.floor(0.5 - value) : Math.floor(value + 0.5));

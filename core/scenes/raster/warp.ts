import type { Plane } from '../../arrays/dataTypes.ts';
import type { Resampling, Size } from '../../arrays/resize.ts';
import type { RasterWindow } from '../../arrays/window.ts';
import { boxAround, halves, type Mapping, positionsIn } from './mapping.ts';
import { makeRasterValues, type Raster, type RasterType, type RasterValues } from './raster.ts';
import { markData } from './windows.ts';

/** The way from a grid to a raster. */
export type Warp = {
  readonly at: Mapping;
  /** From how many pixels away bilinear takes values, along rows and columns: one, or more if those of the grid are larger. */
  readonly reach: readonly [number, number];
};

/** Values of a band that a window wants, and how they are computed. */
export type Wanted = { readonly band: number; readonly into: RasterValues; readonly method: Resampling };

/** The most pixels, of a window and of the raster there, that are worked on at once. */
const PART_PIXELS = 2 ** 22;

/** Points along a side by which it is found whether a grid meets a raster. */
const SAMPLES = 32;

/** Returns how a raster comes to a grid; null if they do not overlap. */
export function warpTo({ width, height }: Size, raster: Size, at: Mapping): Warp | null {
  const ofAll = { x: 0, y: 0, width: SAMPLES, height: SAMPLES };
  const samples = positionsIn((x, y) => at((x * width) / SAMPLES, (y * height) / SAMPLES), ofAll, 0);
  if (boxAround(samples, raster, 0) === null) return null;
  const [x, y] = [Math.floor(width / 2), Math.floor(height / 2)];
  const [here, right, below] = [at(x, y), at(x + 1, y), at(x, y + 1)];
  const reach = ([0, 1] as const).map((axis) => {
    const step = Math.abs(right[axis] - here[axis]) + Math.abs(below[axis] - here[axis]);
    const whole = Math.round(step);
    return Math.max(1, (Math.abs(step - whole) < 0.05 ? whole : step) || 1); // as in GDAL
  });
  return { at, reach: reach as [number, number] };
}

/**
 * Reads a window of a grid from a raster of another one, as gdalwarp of GDAL 3.6 does, or of the same if `warp` is null. Returns
 * for each pixel 1 if one of the bands has data there and 0 if not, or null if all have. Outside of the raster, and where a mean
 * is of no data, a value is its band's nodata value, or else 0.
 *
 * - `nearest`: the value of the pixel that holds the centre of the window's pixel
 * - `bilinear`: if that pixel has data, the mean of those around the centre, weighted by distance
 * - `average`: the mean of those that the window's pixel covers, weighted by how much of each it does
 *
 * Means leave out what holds no data, are rounded half up in integers, and are then never the nodata value.
 *
 * @throws what the raster's `read` does
 */
export async function readWarped(
  raster: Raster,
  warp: Warp | null,
  window: RasterWindow,
  wanted: readonly Wanted[],
): Promise<Uint8Array | null> {
  const bands = wanted.map(({ band }) => band);
  const into = wanted.map((one) => one.into);
  if (warp === null) return (await raster.read(window, bands, into)).valid;
  const { at, reach } = warp;
  const [right, down] = reach;
  const valid = new Uint8Array(window.width * window.height);
  for (const { band, into } of wanted) (into as Uint8Array).fill(heldBy(into, raster.bands[band]!.nodata ?? 0));
  const parts = [window];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const { width, height } = part;
    const corners = positionsIn(at, { ...part, width: width + 1, height: height + 1 }, 0);
    const box = boxAround(corners, raster, Math.ceil(Math.max(right, down)));
    if (box === null) continue;
    if (Math.max(width * height, box.width * box.height) > PART_PIXELS && width * height > 1) {
      parts.push(...halves(part));
      continue;
    }
    const types = wanted.map(({ band }) => raster.bands[band]!.type ?? raster.type);
    const planes = types.map((type) => makeRasterValues(type, box.width * box.height));
    const { valid: has } = await raster.read(box, bands, planes);
    const { x, y } = positionsIn(at, part, 0.5);
    for (const [i, { band, into, method }] of wanted.entries()) {
      const plane = planes[i]!;
      const { nodata } = raster.bands[band]!;
      const data = method === 'nearest' ? has : dataIn(plane, nodata, has);
      const isBig = plane instanceof BigInt64Array || plane instanceof BigUint64Array;
      const from = { box, data, values: isBig ? Float64Array.from(plane as BigInt64Array, Number) : plane };
      const finish = finisher(types[i]!, nodata);
      for (let k = 0; k < x.length; k += 1) {
        const row = Math.floor(k / width);
        const to = (part.y - window.y + row) * window.width + part.x - window.x + k - row * width;
        const [a, b] = [k + row, k + row + width + 2]; // the corners of a pixel
        const centre = pixelIn(box, raster, x[k]!, y[k]!);
        if (method !== 'average' && centre < 0) continue;
        if (method === 'nearest') into[to] = plane[centre]!;
        if (method !== 'average' && data !== null && data[centre] === 0) continue;
        if (method !== 'nearest') {
          const mean =
            method === 'average'
              ? meanOf(from, covered, corners.x[a]!, corners.x[b]!, corners.y[a]!, corners.y[b]!)
              : meanOf(from, nearness, x[k]! - right, x[k]! + right, y[k]! - down, y[k]! + down);
          if (mean === undefined) continue;
          into[to] = heldBy(into, finish(mean));
        }
        valid[to] = 1;
      }
    }
  }
  return valid.includes(0) ? valid : null;
}

/** Returns a number as an array holds it. */
function heldBy(into: RasterValues, value: number | bigint): number {
  const isBig = into instanceof BigInt64Array || into instanceof BigUint64Array;
  return (isBig ? BigInt(value) : Number(value)) as number;
}

/** GDAL's tolerance, in pixels. */
const ROUNDING = 1e-10;

/** Returns the index in a box of the raster's pixel that holds a point; -1 if there is none. */
function pixelIn(box: RasterWindow, { width, height }: Size, x: number, y: number): number {
  if (!(x >= 0 && y >= 0 && x + ROUNDING <= width && y + ROUNDING <= height)) return -1;
  const column = Math.min(width - 1, Math.floor(x + ROUNDING)) - box.x;
  const row = Math.min(height - 1, Math.floor(y + ROUNDING)) - box.y;
  return column >= 0 && row >= 0 && column < box.width && row < box.height ? row * box.width + column : -1;
}

/** Returns 1 for each value that holds data, or null if all do. */
function dataIn(values: RasterValues, nodata: number | bigint | null, has: Uint8Array | null): Uint8Array | null {
  if (nodata === null) return has;
  const data = new Uint8Array(values.length);
  markData(values, nodata, data);
  if (has !== null) for (let i = 0; i < data.length; i += 1) data[i]! &= has[i]!;
  return data;
}

/** Makes what turns a mean into a value of a type. */
function finisher(type: RasterType, nodata: number | bigint | null): (mean: number) => number {
  if (type.startsWith('float')) return (mean) => mean;
  const nothing = nodata === null ? null : Number(nodata);
  return (mean) => {
    const whole = Math.floor(mean + 0.5);
    if (whole !== nothing) return whole;
    return whole === 0 && type.startsWith('u') ? 1 : whole - 1;
  };
}

type Source = { readonly values: Plane; readonly data: Uint8Array | null; readonly box: RasterWindow };

/** The weight of a pixel along one side, in a mean of what lies between two ends. */
type Weight = (pixel: number, low: number, high: number) => number;
const covered: Weight = (pixel, low, high) => Math.min(pixel + 1, high) - Math.max(pixel, low);
const nearness: Weight = (pixel, low, high) => Math.max(0, 1 - Math.abs(2 * pixel + 1 - low - high) / (high - low));

/** Returns the weighted mean of a box; undefined if it is of no data. */
function meanOf({ values, data, box }: Source, weight: Weight, x: number, otherX: number, y: number, otherY: number) {
  const [left, right] = [Math.min(x, otherX), Math.max(x, otherX)];
  const [top, bottom] = [Math.min(y, otherY), Math.max(y, otherY)];
  const first = Math.max(box.x, Math.floor(left + ROUNDING));
  const end = Math.min(box.x + box.width, Math.ceil(right - ROUNDING));
  const last = Math.min(box.y + box.height, Math.ceil(bottom - ROUNDING));
  let [sum, total] = [0, 0];
  for (let row = Math.max(box.y, Math.floor(top + ROUNDING)); row < last; row += 1) {
    const down = weight(row, top, bottom);
    const start = (row - box.y) * box.width - box.x;
    for (let column = first; column < end; column += 1) {
      const both = down * weight(column, left, right);
      if (!(both > 0) || (data !== null && data[start + column] === 0)) continue;
      sum += both * values[start + column]!;
      total += both;
    }
  }
  return total > 0 ? sum / total : undefined;
}

import type { Plane, RasterWindow } from '../../arrays/dataTypes.ts';
import type { Resampling, Size } from '../../arrays/resize.ts';
import { boxAround, type Mapping, type Place, placeIn, pointOn } from './mapping.ts';
import { heldBy, makeRasterValues, numbersIn, type Raster, type RasterType, type RasterValues } from './raster.ts';
import { markData } from './windows.ts';

/** Values of a band that a window wants, and how they are computed. */
export type Wanted = { readonly band: number; readonly into: RasterValues; readonly method: Resampling };

/** The most pixels, of a window and of the raster there, that are worked on at once. */
const PART_PIXELS = 2 ** 22;

/**
 * Reads a window of a grid from a raster of another one, as gdalwarp of GDAL 3.6 does, or of the same if `at` is null. Returns
 * for each pixel 1 if one of the bands has data there and 0 if not, or null if all have. Outside of the raster, and where it has no
 * data, as under its mask, a value is its band's nodata value, or else 0.
 *
 * - `nearest`: the value of the pixel that holds the centre of the window's pixel
 * - `bilinear`: if that pixel has data, the mean of those around the centre, weighted by distance
 * - `average`: the mean of those that the window's pixel covers, weighted by how much of each it does
 *
 * Means leave out what holds no data, are rounded half up in integers, and are then never the nodata value.
 *
 * @throws what the raster's `read` does
 */
export async function readWarped(raster: Raster, at: Mapping | null, window: RasterWindow, wanted: readonly Wanted[]) {
  const bands = wanted.map(({ band }) => band);
  const into = wanted.map((one) => one.into);
  const fills = wanted.map(({ band, into }) => heldBy(into, raster.bands[band]!.nodata ?? 0));
  if (at === null) {
    const { valid } = await raster.read(window, bands, into);
    for (const [of, plane] of into.entries())
      for (let i = 0; valid !== null && i < valid.length; i += 1) if (valid[i] === 0) plane[i] = fills[of]!;
    return valid;
  }
  const valid = new Uint8Array(window.width * window.height);
  for (const [i, plane] of into.entries()) (plane as Uint8Array).fill(fills[i]!);
  const parts = [window];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const { width, height } = part;
    const place = placeIn(at, part);
    const box = boxAround(place, raster, 1);
    if (box === null) continue;
    const isBent = place.columns.isBent || place.rows.isBent;
    if (width * height > 1 && (isBent || Math.max(width * height, box.width * box.height) > PART_PIXELS)) {
      const [across, below] = width > height ? [Math.ceil(width / 2), 0] : [0, Math.ceil(height / 2)];
      parts.push({ x: part.x + across, y: part.y + below, width: width - across, height: height - below });
      parts.push({ ...part, width: across || width, height: below || height }); // read first
      continue;
    }
    const types = wanted.map(({ band }) => raster.bands[band]!.type ?? raster.type);
    const planes = types.map((type) => makeRasterValues(type, box.width * box.height));
    const { valid: has } = await raster.read(box, bands, planes);
    const start = (part.y - window.y) * window.width + part.x - window.x;
    const pixels = { width, height, start, across: window.width, ...place, raster, valid };
    for (const [i, one] of wanted.entries()) {
      const { nodata } = raster.bands[one.band]!;
      const plane = planes[i]!;
      const data = one.method === 'nearest' ? has : dataIn(types[i]!, plane, nodata, has);
      const from = { box, data, plane, values: numbersIn(plane) };
      if (one.method === 'nearest' && isUpright(place)) repeat(pixels, from, one.into);
      else resample(pixels, from, one, finisher(types[i]!, nodata));
    }
  }
  return valid.includes(0) ? valid : null;
}

/** Pixels of a window whose rows have `across`, from the one with the index `start` on, their place in a raster, and which have data. */
type Pixels = Size & Place & { start: number; across: number; raster: Size; valid: Uint8Array };

const isUpright = ({ columns, rows }: Place): boolean =>
  columns.down === 0 && columns.twist === 0 && rows.right === 0 && rows.twist === 0;

/** Repeats the nearest pixels where rows stay rows, as of bands of 20 m on those of 10 m: places are found once a column and a row. */
function repeat(pixels: Pixels, { box, data, plane }: Source, into: RasterValues): void {
  const { width, height, start, across, columns, rows, raster, valid } = pixels;
  const right = Int32Array.from({ length: width }, (_, i) =>
    indexIn(pointOn(columns, i + 0.5, 0), raster.width, box.x, box.width),
  );
  for (let row = 0; row < height; row += 1) {
    const down = indexIn(pointOn(rows, 0, row + 0.5), raster.height, box.y, box.height);
    if (down < 0) continue;
    for (let i = 0, to = start + row * across; i < width; i += 1, to += 1) {
      const column = right[i]!;
      if (column < 0 || data?.[down * box.width + column] === 0) continue;
      into[to] = plane[down * box.width + column]!;
      valid[to] = 1;
    }
  }
}

function resample(pixels: Pixels, from: Source, { into, method }: Wanted, finish: (mean: number) => number): void {
  const { width, height, start, across, columns, rows, raster, valid } = pixels;
  const [right, down] = [reachOf(columns.step), reachOf(rows.step)];
  for (let row = 0; row < height; row += 1)
    for (let column = 0, to = start + row * across; column < width; column += 1, to += 1) {
      let mean: number | undefined = 0;
      if (method === 'average') {
        const left = pointOn(columns, column, row);
        const top = pointOn(rows, column, row);
        const end = pointOn(columns, column + 1, row + 1);
        mean = meanOf(from, true, left, end, top, pointOn(rows, column + 1, row + 1));
      } else {
        const x = pointOn(columns, column + 0.5, row + 0.5);
        const y = pointOn(rows, column + 0.5, row + 0.5);
        const centre = pixelIn(from.box, raster, x, y);
        if (centre < 0 || from.data?.[centre] === 0) continue;
        if (method === 'nearest') into[to] = from.plane[centre]!;
        else mean = meanOf(from, false, x - right, x + right, y - down, y + down);
      }
      if (mean === undefined) continue;
      if (method !== 'nearest') into[to] = heldBy(into, finish(mean));
      valid[to] = 1;
    }
}

/** As in GDAL, bilinear takes as many pixels into account as one of the grid spans; what is nearly whole counts as whole. */
const reachOf = (step: number): number =>
  Math.max(1, Math.abs(step - Math.round(step)) < 0.05 ? Math.round(step) : step);

/** GDAL's tolerance, in pixels. */
const ROUNDING = 1e-10;

/** Returns the index in a box of the raster's pixel that holds a point; -1 if there is none. */
function pixelIn(box: RasterWindow, { width, height }: Size, x: number, y: number): number {
  const [right, down] = [indexIn(x, width, box.x, box.width), indexIn(y, height, box.y, box.height)];
  return right < 0 || down < 0 ? -1 : down * box.width + right;
}

/** The same along one side of the raster, of which the box has some pixels. */
function indexIn(at: number, side: number, first: number, length: number): number {
  if (!(at >= 0 && at + ROUNDING <= side)) return -1;
  const index = Math.min(side - 1, (at + ROUNDING) | 0) - first; // rounds down, and is faster
  return index >= 0 && index < length ? index : -1;
}

/** Returns 1 for each value that holds data, or null if all do. */
function dataIn(type: RasterType, values: RasterValues, nodata: number | bigint | null, has: Uint8Array | null) {
  if (nodata === null) return has;
  const data = new Uint8Array(values.length);
  markData(type, values, nodata, data);
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

type Source = { plane: RasterValues; values: Plane; data: Uint8Array | null; box: RasterWindow };

/** The weight of a pixel along one side, in a mean of what lies between two ends: its part between them, or how near it is. */
const weightOf = (isCover: boolean, pixel: number, low: number, high: number): number =>
  isCover ? Math.min(pixel + 1, high) - Math.max(pixel, low) : 1 - Math.abs(2 * pixel + 1 - low - high) / (high - low);

/** Returns the weighted mean of a box; undefined if it is of no data. */
function meanOf({ values, data, box }: Source, isCover: boolean, x: number, otherX: number, y: number, otherY: number) {
  const inset = isCover ? ROUNDING : 0.5; // other pixels have a weight of 0
  const left = Math.min(x, otherX);
  const right = Math.max(x, otherX);
  const top = Math.min(y, otherY);
  const bottom = Math.max(y, otherY);
  const first = Math.max(box.x, Math.floor(left + inset));
  const end = Math.min(box.x + box.width, Math.ceil(right - inset));
  const last = Math.min(box.y + box.height, Math.ceil(bottom - inset));
  let sum = 0;
  let total = 0;
  for (let row = Math.max(box.y, Math.floor(top + inset)); row < last; row += 1) {
    const down = weightOf(isCover, row, top, bottom);
    const start = (row - box.y) * box.width - box.x;
    for (let column = first; column < end; column += 1) {
      const both = down * weightOf(isCover, column, left, right);
      if (both <= 0 || (data !== null && data[start + column] === 0)) continue;
      sum += both * values[start + column]!;
      total += both;
    }
  }
  return total > 0 ? sum / total : undefined;
}

import type { Size } from '../../arrays/resize.ts';
import type { RasterWindow } from '../../arrays/window.ts';
import { crsName, crsOf } from './crs.ts';
import { placeOf } from './footprint.ts';
import type { Raster } from './raster.ts';

/** Where a point of a grid lies in a raster; both in pixels from the top left corner. Not finite if it lies nowhere. */
export type Mapping = (column: number, row: number) => readonly [column: number, row: number];

/** Returns where a grid's points lie in a raster; null if that is not known. Two without a transform are of the same ground. */
export async function mappingTo(raster: Raster, grid: Raster): Promise<Mapping | null> {
  const [own, transform] = [raster.transform, grid.transform];
  const isOneSystem = (await crsName(raster.geoKeys)) === (await crsName(grid.geoKeys));
  if (own === null || transform === null) {
    if (own !== transform || !isOneSystem) return null;
    return (column, row) => [(column * raster.width) / grid.width, (row * raster.height) / grid.height];
  }
  const area = own[1] * own[5] - own[2] * own[4];
  const pixelAt = (x: number, y: number) => {
    const [right, down] = [x - own[0], y - own[3]];
    return [(right * own[5] - down * own[2]) / area, (down * own[1] - right * own[4]) / area] as const;
  };
  if (isOneSystem) return (column, row) => pixelAt(...placeOf(transform, column, row));
  const [{ crs: from }, { crs: to }] = [await crsOf(grid.geoKeys), await crsOf(raster.geoKeys)];
  if (from === null || to === null) return null;
  const [middle] = to.toLonLat(...placeOf(own, raster.width / 2, raster.height / 2));
  return (column, row) => {
    const [longitude, latitude] = from.toLonLat(...placeOf(transform, column, row));
    const turns = Math.round((longitude - middle) / 360) || 0; // a raster may go on beyond 180 degrees
    return pixelAt(...to.fromLonLat(longitude - 360 * turns, latitude));
  };
}

/** Where points lie, row by row, and between which numbers: columns first. Infinite if they lie nowhere. */
export type Positions = {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly low: readonly number[];
  readonly high: readonly number[];
};

/** For each axis, in pixels of the raster or of the grid, whichever are smaller: GDAL's default is 0.125 for both axes. */
const MOST_OFF = 0.0625;

/** Shares of a block's width and height: its corners, its middle, and those of two of its sides. */
const RIGHT = [0, 1, 0, 1, 0.5, 0.5, 0];
const DOWN = [0, 0, 1, 1, 0.5, 0, 0.5];

/**
 * Returns where points of a window, a pixel apart, lie in the raster; the first is `first` pixels to the right of the window's
 * top left corner, and below it. As in GDAL's approximating transformer, only some are exact; the others lie between.
 */
export function positionsIn(at: Mapping, window: RasterWindow, first: number): Positions {
  const found = [0, 1].map(() => new Float64Array(window.width * window.height));
  const [low, high] = [Infinity, -Infinity].map((end) => [end, end]) as [number[], number[]];
  const blocks = [window];
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    const { x, y, width, height } = block;
    const isOne = width * height === 1;
    const [across, down] = isOne ? [0, 0] : [width, height];
    const points = RIGHT.map((share, i) => at(x + first + share * across, y + first + DOWN[i]! * down));
    const isNowhere = points.every(([column, row]) => !Number.isFinite(column + row));
    const sides = [points.map(([column]) => column), points.map(([, row]) => row)];
    const axes = sides.map((values) => surfaceOf(values, width, height));
    if (!isOne && !isNowhere && axes.some(({ isBent }) => isBent)) {
      blocks.push(...halves(block));
      continue;
    }
    for (const [axis, { start, right, down, twist }] of axes.entries()) {
      const ends = sides[axis]!.filter(Number.isFinite);
      [low[axis], high[axis]] = [Math.min(low[axis]!, ...ends), Math.max(high[axis]!, ...ends)];
      for (let row = 0; row < height; row += 1) {
        const to = (y - window.y + row) * window.width + x - window.x;
        const [from, slope] = [start + row * down, right + row * twist];
        for (let column = 0; column < width; column += 1) found[axis]![to + column] = from + column * slope;
      }
    }
  }
  return { x: found[0]!, y: found[1]!, low, high };
}

/** Returns the surface through a block's corners, and whether it misses the other probes. */
function surfaceOf(values: readonly number[], width: number, height: number) {
  const [start = 0, east = 0, south = 0, end = 0, middle = 0, top = 0, left = 0] = values;
  const [right, down] = [(east - start) / width, (south - start) / height];
  const off = [(start + east + south + end) / 4 - middle, (start + east) / 2 - top, (start + south) / 2 - left];
  const isBent = !(Math.max(...off.map(Math.abs)) <= MOST_OFF * Math.min(1, Math.abs(right) + Math.abs(down)));
  return { start, right, down, twist: (end - east - south + start) / (width * height), isBent };
}

/** Returns the two halves of a window, the left or the upper one at the end. */
export function halves({ x, y, width, height }: RasterWindow): RasterWindow[] {
  const [across, down] = width > height ? [Math.ceil(width / 2), 0] : [0, Math.ceil(height / 2)];
  const second = { x: x + across, y: y + down, width: width - across, height: height - down };
  return [second, { x, y, width: across || width, height: down || height }];
}

/** Returns the pixels of the raster around some positions; null if there are none. */
export function boxAround({ low, high }: Positions, { width, height }: Size, margin: number): RasterWindow | null {
  const [x, y] = low.map((one) => Math.max(0, Math.floor(one) - margin)) as [number, number];
  const right = Math.min(width, Math.ceil(high[0]!) + margin) - x;
  const down = Math.min(height, Math.ceil(high[1]!) + margin) - y;
  return right > 0 && down > 0 ? { x, y, width: right, height: down } : null;
}

import type { RasterWindow } from '../../arrays/dataTypes.ts';
import type { Size } from '../../arrays/resize.ts';
import { crsName, crsOf } from './crs.ts';
import { pixelOf, placeOf } from './footprint.ts';
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
  const pixelAt = pixelOf(own);
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

/** Where a block lies along one axis of a raster: for each of its columns and rows, a number on the surface through its corners. */
type Along = {
  readonly start: number;
  readonly right: number;
  readonly down: number;
  readonly twist: number;
  /** How many pixels of the raster one of the block's spans. */
  readonly step: number;
  readonly low: number;
  readonly high: number;
  /** Whether the surface misses points by too much, or some lie nowhere; never of a single pixel. */
  readonly isBent: boolean;
};
export type Place = { readonly columns: Along; readonly rows: Along };

export const pointOn = ({ start, right, down, twist }: Along, column: number, row: number): number =>
  start + row * down + column * (right + row * twist);

/** For each axis, in pixels of the raster or of the grid, whichever are smaller: GDAL's default is 0.125 for both axes. */
const MOST_OFF = 0.0625;

/** Shares of a block's width and height: its corners, its middle, and those of two of its sides. */
const RIGHT = [0, 1, 0, 1, 0.5, 0.5, 0];
const DOWN = [0, 0, 1, 1, 0.5, 0, 0.5];

/** Returns where a block of the grid lies in a raster, by a few points, as GDAL's approximating transformer does. */
export function placeIn(at: Mapping, { x, y, width, height }: RasterWindow): Place {
  const points = RIGHT.map((share, i) => at(x + share * width, y + DOWN[i]! * height));
  const along = (axis: 0 | 1): Along => {
    const values = points.map((point) => point[axis]);
    const [start = 0, east = 0, south = 0, end = 0, middle = 0, top = 0, left = 0] = values;
    const [right, down] = [(east - start) / width, (south - start) / height];
    const off = [(start + east + south + end) / 4 - middle, (start + east) / 2 - top, (start + south) / 2 - left];
    const step = Math.abs(right) + Math.abs(down) || 0;
    const isBent = !(Math.max(...off.map(Math.abs)) <= MOST_OFF * Math.min(1, step));
    if (isBent && width * height === 1) {
      const upright = { right: 1 - axis, down: axis, twist: 0, step: 1, isBent: false };
      return { ...upright, start: middle - 0.5, low: middle - 0.5, high: middle + 0.5 }; // as across the seam at 180 degrees
    }
    const known = values.filter(Number.isFinite);
    const twist = (end - east - south + start) / (width * height);
    return { start, right, down, twist, step, isBent, low: Math.min(...known), high: Math.max(...known) };
  };
  return { columns: along(0), rows: along(1) };
}

/** Returns the pixels of the raster around a block, and so many more for each of the block's; null if there are none. */
export function boxAround({ columns, rows }: Place, { width, height }: Size, more: number): RasterWindow | null {
  const span = ({ low, high, step, isBent }: Along, side: number) => {
    const bend = isBent ? high - low : 0; // points may lie that much further away
    if (!(low - bend < side && high + bend > 0)) return [0, 0] as const;
    const margin = more * (step + 1) + bend;
    const first = Math.max(0, Math.floor(low - margin));
    return [first, Math.min(side, Math.ceil(high + margin)) - first] as const;
  };
  const [[x, right], [y, down]] = [span(columns, width), span(rows, height)];
  return right > 0 && down > 0 ? { x, y, width: right, height: down } : null;
}

/** Blocks along a side by which it is found whether a grid meets a raster. */
const BLOCKS = 16;

/** Returns whether some of a grid lies in a raster. */
export function meets(at: Mapping, grid: Size, raster: Size): boolean {
  const [width, height] = [grid.width / BLOCKS, grid.height / BLOCKS];
  return Array.from({ length: BLOCKS ** 2 }).some((_, i) => {
    const block = { x: (i % BLOCKS) * width, y: Math.floor(i / BLOCKS) * height, width, height };
    return boxAround(placeIn(at, block), raster, 0) !== null;
  });
}

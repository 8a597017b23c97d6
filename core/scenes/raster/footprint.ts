import type { RasterWindow } from '../../arrays/dataTypes.ts';
import type { Crs } from './crs.ts';
import type { Transform } from './raster.ts';

/** The numbers of a footprint: longitude and latitude of four corners. */
export const FOOTPRINT_NUMBERS = 8;

/** A place on earth in degrees of WGS84. */
export type Point = readonly [longitude: number, latitude: number];
export type ToLonLat = Pick<Crs, 'toLonLat'>;

/** Segments per side, because a side is not straight in longitude and latitude. */
export const PIECES = 16;

/**
 * Returns the corners of a raster's window as longitudes and latitudes in WGS84 degrees, one after the other,
 * counter-clockwise from the top left. The westernmost longitude is between -180 and 180; across the antimeridian, the
 * others continue beyond 180. A window that holds a pole, or lies on earth in part, has the corners of the box around it.
 * Null if no part of it lies on earth.
 */
export function footprintOf(window: RasterWindow, transform: Transform, crs: ToLonLat): Float64Array | null {
  const ring = cornersOf(window, transform, crs);
  if (ring === null) return null;
  const moved = fromAntimeridian(ring);
  return Float64Array.from((isClockwise(moved) ? [moved[0]!, ...moved.slice(1).toReversed()] : moved).flat());
}

/** Moves a ring by whole turns, so that its westernmost longitude is between -180 and 180. */
export function fromAntimeridian(ring: readonly Point[]): Point[] {
  const shift = 360 * Math.floor((extentOf(ring)[0] + 180) / 360);
  return ring.map(([longitude, latitude]) => [longitude - shift, latitude]);
}

function cornersOf(window: RasterWindow, transform: Transform, crs: ToLonLat): readonly Point[] | null {
  const corners = sharesOf(1).map((share) => pointAt(share, window, transform, crs));
  const longitudes = corners.map(([longitude]) => longitude);
  // That of a small window needs no look at its sides.
  if (corners.flat().every(Number.isFinite) && Math.max(...longitudes) - Math.min(...longitudes) <= 90) return corners;
  const edge = edgeOf(window, transform, crs);
  if (edge === null) return boxOnEarth(window, transform, crs, 8);
  const turn = edge.at(-1)![0] - edge[0]![0];
  if (Math.abs(turn) < 180) return edge.filter((_, i) => i % PIECES === 0).slice(0, -1);
  const latitudes = edge.map(([, latitude]) => latitude);
  const isSouth = latitudes.reduce((sum, latitude) => sum + latitude) < 0;
  return isSouth ? boxOf(-180, -90, 180, Math.max(...latitudes)) : boxOf(-180, Math.min(...latitudes), 180, 90);
}

/** A window's edge, closed, counter-clockwise where north is up; longitudes go on beyond 180. Null if partly not on earth. */
export function edgeOf(window: RasterWindow, transform: Transform, crs: ToLonLat): Point[] | null {
  const points = sharesOf(PIECES).map((share) => pointAt(share, window, transform, crs));
  if (!points.flat().every(Number.isFinite)) return null;
  let before = points[0]![0];
  return [...points, points[0]!].map(([longitude, latitude]) => {
    before = longitude - 360 * Math.round((longitude - before) / 360);
    return [before, latitude];
  });
}

/** Returns the box around a window's points on earth, as of a geostationary satellite's disc; null without any. */
export function boxOnEarth(window: RasterWindow, transform: Transform, crs: ToLonLat, steps = 32): Point[] | null {
  const at = (x: number, y: number) => pointAt([x, y], window, transform, crs);
  const isOnEarth = (point: Point) => point.every(Number.isFinite);
  const found: Point[] = [];
  for (let line = 0; line <= steps; line += 1)
    for (const along of [(i: number) => at(i, line / steps), (i: number) => at(line / steps, i)])
      for (let i = 0; i <= steps; i += 1) {
        const here = along(i / steps);
        if (isOnEarth(here)) found.push(here);
        if (i === 0 || isOnEarth(here) === isOnEarth(along((i - 1) / steps))) continue;
        let [on, off] = isOnEarth(here) ? [i / steps, (i - 1) / steps] : [(i - 1) / steps, i / steps];
        for (let halved = 0; halved < HALVINGS; halved += 1) {
          const middle = (on + off) / 2;
          if (isOnEarth(along(middle))) on = middle;
          else off = middle;
        }
        found.push(along(on));
      }
  if (found.length === 0) return null;
  const middle = at(0.5, 0.5);
  const [centre] = isOnEarth(middle) ? middle : found[0]!;
  const near = found.map(([at, latitude]) => [at - 360 * Math.round((at - centre) / 360), latitude] as const);
  const [west, south, east, north] = extentOf(near);
  if (east - west < ALL_AROUND) return boxOf(west, south, east, north);
  return boxOf(-180, south < -POLAR ? -90 : south, 180, north > POLAR ? 90 : north);
}

/** The edge of the earth is found to 2^-24 of the window. */
const HALVINGS = 24;
/** Points all around a pole, which are some degrees apart, mean all longitudes, and that the pole is among them. */
const [ALL_AROUND, POLAR] = [300, 75];

export const boxOf = (west: number, south: number, east: number, north: number): Point[] => [
  [west, north],
  [west, south],
  [east, south],
  [east, north],
];

/** Returns the shares of a window's width and height at which points of its edge lie. */
function sharesOf(pieces: number): [x: number, y: number][] {
  const along = Array.from({ length: pieces }, (_, i) => i / pieces);
  return [
    ...along.map((share): [number, number] => [0, share]),
    ...along.map((share): [number, number] => [share, 1]),
    ...along.map((share): [number, number] => [1, 1 - share]),
    ...along.map((share): [number, number] => [1 - share, 0]),
  ];
}

/** Returns the place of a point in a window, by its shares of the width and the height. */
export function pointAt(
  [right, down]: readonly [number, number],
  window: RasterWindow,
  transform: Transform,
  crs: ToLonLat,
) {
  const { x, y, width, height } = window;
  const [longitude, latitude] = crs.toLonLat(...placeOf(transform, x + right * width, y + down * height));
  return [longitude, Math.max(-90, Math.min(90, latitude))] as const; // grids may have centres of pixels on the poles
}

/** Returns west, south, east and north of a raster in its own coordinates. */
export const boundsOf = ({ width, height }: { width: number; height: number }, transform: Transform) =>
  extentOf(sharesOf(1).map(([right, down]) => placeOf(transform, right * width, down * height)));

/** Returns west, south, east and north of points. */
export function extentOf(points: readonly (readonly [number, number])[]) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
}

/** Returns the coordinates of a point in pixels. */
export function placeOf(t: Transform, column: number, row: number): [x: number, y: number] {
  return [t[0] + column * t[1] + row * t[2], t[3] + column * t[4] + row * t[5]];
}

/** The way back. */
export function pixelOf(t: Transform) {
  const area = t[1] * t[5] - t[2] * t[4];
  return (x: number, y: number): readonly [column: number, row: number] => {
    const [right, down] = [x - t[0], y - t[3]];
    return [(right * t[5] - down * t[2]) / area, (down * t[1] - right * t[4]) / area];
  };
}

/** Uses the shoelace formula: a clockwise ring has a negative area. */
export function isClockwise(ring: readonly Point[]): boolean {
  const area = ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length]!;
    return sum + x * nextY - nextX * y;
  }, 0);
  return area < 0;
}

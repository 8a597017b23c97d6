import type { Crs } from './crs.ts';
import type { RasterWindow, Transform } from './raster.ts';

/** The numbers of a footprint: longitude and latitude of four corners. */
export const FOOTPRINT_NUMBERS = 8;

/**
 * Returns the corners of a raster's window as longitudes and latitudes in WGS84 degrees, one after the other,
 * counter-clockwise from the top left. Across the antimeridian, longitudes continue beyond 180. Null if a corner cannot be
 * projected.
 */
export function footprintOf(
  { x, y, width, height }: RasterWindow,
  transform: Transform,
  crs: Crs,
): Float64Array | null {
  const corners = [
    [x, y],
    [x, y + height],
    [x + width, y + height],
    [x + width, y],
  ].map(([column, row]) => crs.toLonLat(...placeOf(transform, column!, row!)));
  if (!corners.flat().every(Number.isFinite)) return null;
  const [west, east] = [Math.min(...corners.map(([lon]) => lon)), Math.max(...corners.map(([lon]) => lon))];
  const ring = east - west <= 180 ? corners : corners.map(([lon, lat]) => [lon < 0 ? lon + 360 : lon, lat] as const);
  return Float64Array.from((isClockwise(ring) ? [ring[0]!, ...ring.slice(1).toReversed()] : ring).flat());
}

/** Returns west, south, east and north of a raster in its own coordinates. */
export function boundsOf({ width, height }: { width: number; height: number }, transform: Transform) {
  const corners = [
    [0, 0],
    [0, height],
    [width, height],
    [width, 0],
  ].map(([column, row]) => placeOf(transform, column!, row!));
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
}

function placeOf(t: Transform, column: number, row: number): [x: number, y: number] {
  return [t[0] + column * t[1] + row * t[2], t[3] + column * t[4] + row * t[5]];
}

/** Uses the shoelace formula: a clockwise ring has a negative area. */
function isClockwise(ring: readonly (readonly [number, number] | readonly number[])[]): boolean {
  const area = ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length]!;
    return sum + x! * nextY! - nextX! * y!;
  }, 0);
  return area < 0;
}

import type { RasterWindow } from '../../arrays/dataTypes.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import type { AreaOfInterest, Position } from '../../package/areaOfInterest.ts';
import type { CrsOrReason } from './crs.ts';
import { boxOnEarth, edgeOf, extentOf, pixelOf } from './footprint.ts';
import { clipped } from './outline.ts';
import type { Raster } from './raster.ts';

/** A side of a polygon in pixels of the raster, from its upper end to its lower. */
type Side = readonly [x: number, top: number, endX: number, bottom: number];

/**
 * Sides are straight in longitude and latitude (RFC 7946, 3.1.1). They are halved until none has more than 5 degrees or bends by
 * more than 0.01 pixels; where one of 10 cm still does, and its ends are a thousand pixels apart, the projection has a seam.
 */
const [LONGEST, STRAIGHT, SHORTEST, SEAM] = [5, 0.01, 1e-6, 1000];
/** As a share of a raster's extent, because its edge bends between points; in pixels, so that sides that meet are rounded alike. */
const [MARGIN, ROUNDING] = [0.01, 1e-6];
/** In degrees: a pole itself has any longitude. */
const NEAR_POLE = 90 - 1e-6;
/** In degrees: an area may lie a turn or two from where a raster does. */
const TURNS = [-720, -360, 0, 360, 720];

/**
 * Makes the function that returns which pixels of a window have their centre in an area: 1 or 0, row by row, or null if all
 * have; by the even-odd rule in each polygon, as gdalwarp's cutline. Windows are cheapest row by row.
 * @throws {InvalidSceneFile} when it is not known where the raster or a side of the area lies
 */
export function makeInsideArea(key: string, raster: Raster, place: CrsOrReason, area: AreaOfInterest) {
  const { crs } = place;
  const { transform, width, height } = raster;
  const whole = { x: 0, y: 0, width, height };
  const edge = crs && transform && (edgeOf(whole, transform, crs) ?? boxOnEarth(whole, transform, crs));
  if (!edge) {
    const why = crs ? 'it does not say where on earth it lies' : place.reason;
    throw new InvalidSceneFile(
      `${key}: found the property swath:area, but no place of the scene: ${why}. Allowed are files that say where they lie. Georeference them, or remove the property.`,
    );
  }
  let [west, south, east, north] = extentOf(edge);
  if (Math.abs(edge.at(-1)![0] - edge[0]![0]) > 180) [south, north] = south + north < 0 ? [-90, north] : [south, 90]; // around a pole
  const margin = MARGIN * Math.max(east - west, north - south);
  const least = west < -180 || east > 180 ? -Infinity : -180; // many projections have their seam at 180 degrees
  [west, east] = [Math.max(least, west - margin), Math.min(-least, east + margin)];
  const pixelAt = pixelOf(transform!);
  const at = ([longitude, latitude]: Position) =>
    pixelAt(...crs!.fromLonLat(longitude, Math.max(-NEAR_POLE, Math.min(NEAR_POLE, latitude))));

  const add = (sides: Side[], from: Position, to: Position, a = at(from), b = at(to)): void => {
    const [middle, length] = [between(from, to), lengthOf(from, to)];
    const place = at(middle);
    if (length <= LONGEST && lengthOf(place, between(a, b)) <= STRAIGHT)
      sides.push(downwards(a, place), downwards(place, b));
    else if (length > SHORTEST) {
      add(sides, from, middle, a, place);
      add(sides, middle, to, place, b);
    } else if (!(lengthOf(a, b) < SEAM))
      throw new InvalidSceneFile(
        `${key}: found that the property swath:area has no place near ${to.map((degrees) => degrees.toFixed(3)).join(', ')} in the scene's coordinate reference system (${crs!.name}), allowed is an area that this shows in one piece. Cut it there.`,
      );
  };
  const drawn = area.flatMap((rings) =>
    TURNS.map((turn) => {
      const sides: Side[] = [];
      for (const ring of rings) {
        const turned = ring.map(([longitude, latitude]): Position => [longitude + turn, latitude]);
        const across = clipped(clipped(turned, 0, west, -1), 0, east, 1);
        const near = clipped(clipped(across, 1, south - margin, -1), 1, north + margin, 1);
        for (const [i, to] of near.entries()) add(sides, near.at(i - 1)!, to);
      }
      return sides;
    }).filter(({ length }) => length > 0),
  );
  let [top, spans]: [y: number, spans: Int32Array[][]] = [-1, []];

  return ({ x, y, width, height }: RasterWindow): Uint8Array | null => {
    if (y !== top) spans = drawn.map((sides) => spansOf(sides, y, height));
    top = y;
    const inside = new Uint8Array(width * height);
    for (const rows of spans)
      for (const [row, columns] of rows.entries())
        for (let i = 0; i < columns.length; i += 2) {
          const [from, to] = [Math.max(0, columns[i]! - x), Math.min(width, columns[i + 1]! - x)];
          if (from < to) inside.fill(1, row * width + from, row * width + to);
        }
    return inside.includes(0) ? inside : null;
  };
}

/** Returns for each row the columns from which, and up to which, the centres of its pixels lie within a polygon, in turn. */
function spansOf(sides: readonly Side[], y: number, height: number): Int32Array[] {
  const rows = Array.from({ length: height }, (): number[] => []);
  for (const [x, top, endX, bottom] of sides)
    for (let row = Math.max(0, Math.ceil(top - y - 0.5)); row < height && y + row + 0.5 < bottom; row += 1)
      rows[row]!.push(Math.floor(x + ((y + row + 0.5 - top) / (bottom - top)) * (endX - x) + 0.5 + ROUNDING));
  return rows.map((columns) => Int32Array.from(columns).sort());
}

const downwards = (a: Position, b: Position): Side => (a[1] < b[1] ? [...a, ...b] : [...b, ...a]);
const lengthOf = (a: Position, b: Position): number => Math.hypot(b[0] - a[0], b[1] - a[1]);
const between = (a: Position, b: Position): Position => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

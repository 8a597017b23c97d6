import * as z from 'zod';
import { attempt, InvalidMessage, InvalidModelPackage, insteadOf } from '../base/errors.ts';
import { MAX_AREA_POSITIONS } from '../base/limits.ts';
import { cited } from '../base/text/cited.ts';
import { parseAs } from './problems.ts';

export type Position = readonly [longitude: number, latitude: number];

/** The coordinates of a MultiPolygon: of each polygon its outer ring and its holes, closed, in degrees of WGS84. */
export type AreaOfInterest = readonly (readonly (readonly Position[])[])[];

/** The geometries of GeoJSON (RFC 7946) that are areas, with longitudes up to `most` degrees on either side. */
export function polygonsWithin(most: number) {
  const isPosition = (found: unknown) =>
    Array.isArray(found) && [most, 90].every((of, i) => typeof found[i] === 'number' && Math.abs(found[i]) <= of);
  function isRing(found: unknown): boolean {
    if (!Array.isArray(found) || found.length < 4 || !found.every(isPosition)) return false;
    return found[0][0] === found.at(-1)[0] && found[0][1] === found.at(-1)[1];
  }
  const allowed = `a list of four or more [longitude, latitude] in degrees, from -${most} to ${most} and from -90 to 90, that ends where it begins`;
  /** Checked as a whole, so that a file in other coordinates has a problem for each ring, not for each position. */
  const ring = z.custom<Position[]>(isRing, allowed);
  const rings = z.array(ring, 'a list of rings').min(1, 'a list of rings');
  const [several, one] = ['a list of polygons', 'a Polygon or MultiPolygon'];
  const polygon = z.looseObject({ type: z.literal('Polygon'), coordinates: rings });
  const polygons = z.array(rings, several).min(1, several);
  const multiPolygon = z.looseObject({ type: z.literal('MultiPolygon'), coordinates: polygons });
  return { polygon, multiPolygon, geometry: z.discriminatedUnion('type', [polygon, multiPolygon], one) };
}

const CRS = 'nothing, or OGC:CRS84: coordinates are longitudes and latitudes in WGS84 (RFC 7946, 4)';
const isWgs84 = (crs: unknown) => /^(urn:ogc:def:crs:)?OGC:[\d.]*:?CRS84$/.test(Object(Object(crs).properties).name);
export const crs84 = z.custom(isWgs84, CRS).optional();

/** A ring across the antimeridian may go on beyond 180 degrees. */
const { polygon, multiPolygon, geometry } = polygonsWithin(360);
const feature = z.object({ type: z.literal('Feature', '"Feature"'), geometry });
const FEATURES = 'a list of features';
const features = z.array(feature, FEATURES).min(1, FEATURES);
const collection = z.object({ type: z.literal('FeatureCollection'), crs: crs84, features });
const ALLOWED = 'a Polygon or MultiPolygon of GeoJSON, or a Feature or FeatureCollection of these';
const areaSchema = z.discriminatedUnion('type', [polygon, multiPolygon, feature, collection], ALLOWED);

/** @throws {InvalidMessage} the message begins with `where` */
export function parseArea(json: unknown, where: string): AreaOfInterest {
  const invalid = insteadOf(
    InvalidModelPackage,
    ({ problems }) => new InvalidMessage(`${where}: ${cited(problems[0]!)}`),
  );
  const found = attempt(() => parseAs(areaSchema, where, json), invalid);
  const parts = found.type === 'FeatureCollection' ? found.features : [found];
  const area = parts
    .map((part) => (part.type === 'Feature' ? part.geometry : part))
    .flatMap(({ type, coordinates }) => (type === 'Polygon' ? [coordinates] : coordinates))
    .map((rings) => rings.map((ring) => ring.map(([longitude, latitude]): Position => [longitude, latitude])));
  const positions = area.flat(2).length;
  if (positions <= MAX_AREA_POSITIONS) return area;
  throw new InvalidMessage(
    `${where}: found an area of ${positions} positions, allowed are at most ${MAX_AREA_POSITIONS}. Simplify it, such as with ogr2ogr -simplify.`,
  );
}

/** Returns the box around an area; west exceeds east if it crosses the antimeridian (RFC 7946, 5.2). */
export function boxOfArea(area: AreaOfInterest): readonly [west: number, south: number, east: number, north: number] {
  const spans = area
    .map(([outer = []]) => {
      const longitudes = outer.map(([longitude]) => longitude);
      const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
      const turns = 360 * Math.floor((west + 180) / 360);
      return [west - turns, east - turns] as const;
    })
    .toSorted(([a], [b]) => a - b);
  const latitudes = area.flat(2).map(([, latitude]) => latitude);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const last = Math.max(...spans.map(([, to]) => to));
  let [west, east] = [spans[0]![0], last];
  let gap = west + 360 - last;
  let reach = spans[0]![1];
  for (const [from, to] of spans) {
    if (from - reach > gap) [west, east, gap] = [from, reach, from - reach]; // the box leaves out the widest gap
    reach = Math.max(reach, to);
  }
  if (gap <= 0) return [-180, south, 180, north];
  return [west, south, east > 180 ? east - 360 : east, north];
}

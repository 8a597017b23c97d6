import * as z from 'zod';
import { attempt, cited, InvalidMessage, InvalidModelPackage, insteadOf } from '../base/errors.ts';
import { MAX_AREA_POSITIONS } from '../base/limits.ts';
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
  const rings = z.array(z.custom<Position[]>(isRing, allowed), 'a list of rings').min(1, 'a list of rings');
  const several = z.array(rings, 'a list of polygons').min(1, 'a list of polygons');
  const kinds = [
    z.looseObject({ type: z.literal('Polygon'), coordinates: rings }),
    z.looseObject({ type: z.literal('MultiPolygon'), coordinates: several }),
  ] as const;
  return z.discriminatedUnion('type', kinds, 'a Polygon or MultiPolygon');
}

const CRS = 'nothing, or OGC:CRS84: coordinates are longitudes and latitudes in WGS84 (RFC 7946, 4)';
const isWgs84 = (crs: unknown) => /^(urn:ogc:def:crs:)?OGC:[\d.]*:?CRS84$/.test(Object(Object(crs).properties).name);
export const crs84 = z.custom(isWgs84, CRS).optional();

/** A ring across the antimeridian may go on beyond 180 degrees. */
const geometry = polygonsWithin(360);
const feature = z.object({ type: z.literal('Feature', '"Feature"'), geometry });
const features = z.array(feature, 'a list of features').min(1, 'a list of features');
const collection = z.object({ type: z.literal('FeatureCollection'), crs: crs84, features });
const ALLOWED = 'a Polygon or MultiPolygon of GeoJSON, or a Feature or FeatureCollection of these';
const areaSchema = z.discriminatedUnion('type', [geometry, feature, collection], ALLOWED);

/** @throws {InvalidMessage} or what is to be thrown, with a message that begins with `where` */
export function parseArea(json: unknown, where: string, Wrong: new (message: string) => Error = InvalidMessage) {
  const wrong = ({ problems: [first = ''] }: InvalidModelPackage) => new Wrong(`${where}: ${cited(first)}`);
  const found = attempt(() => parseAs(areaSchema, where, json), insteadOf(InvalidModelPackage, wrong));
  const area = (found.type === 'FeatureCollection' ? found.features : [found])
    .map((part) => (part.type === 'Feature' ? part.geometry : part))
    .flatMap(({ type, coordinates }) => (type === 'Polygon' ? [coordinates] : coordinates))
    .map((rings) => rings.map((ring) => ring.map(([longitude, latitude]): Position => [longitude, latitude])));
  const positions = area.flat(2).length;
  if (positions <= MAX_AREA_POSITIONS) return area;
  throw new Wrong(
    `${where}: found an area of ${positions} positions, allowed are at most ${MAX_AREA_POSITIONS}. Simplify it, such as with ogr2ogr -simplify.`,
  );
}

/** Returns the box around an area; west exceeds east if it crosses the antimeridian (RFC 7946, 5.2). */
export function boxOfArea(area: AreaOfInterest): readonly [west: number, south: number, east: number, north: number] {
  const latitudes = area.flat(2).map(([, latitude]) => latitude);
  const spans = area.map(([outer = []]) => {
    const longitudes = outer.map(([longitude]) => longitude);
    const turns = 360 * Math.floor((Math.min(...longitudes) + 180) / 360);
    return [Math.min(...longitudes) - turns, Math.max(...longitudes) - turns] as const;
  });
  let [west, east, gap, reach] = [-180, 180, 0, Math.max(...spans.map(([, to]) => to)) - 360];
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    if (from - reach > gap) [west, east, gap] = [from, reach, from - reach]; // the box leaves out the widest gap
    reach = Math.max(reach, to);
  }
  return [west, Math.min(...latitudes), east < -180 ? east + 360 : east, Math.max(...latitudes)];
}

import type { Geometry } from 'hyparquet/src/types.js';
import { wkbToGeojson } from 'hyparquet/src/wkb.js';
import { geojsonToWkb } from 'hyparquet-writer';
import { coordinatesIn } from '../package/carry.ts';
import type { PreparedPart } from '../scenes/preparedPart.ts';
import { boxOf, extentOf, type Point } from '../scenes/raster/footprint.ts';
import { cutAtAntimeridian } from '../scenes/raster/outline.ts';

/** The column of footprints, with the name that GeoParquet readers expect. */
export const GEOMETRY = 'geometry';

/** The kinds of footprints: polygons for windows of a raster, two across the antimeridian; points for files with coordinates. */
type GeometryType = 'Polygon' | 'MultiPolygon' | 'Point';

/**
 * Returns the GeoParquet metadata of the footprints' column: https://geoparquet.org/releases/v1.1.0/. Without a `crs`,
 * coordinates are WGS84 longitudes and latitudes (OGC:CRS84).
 */
export const geoMetadata = (types: readonly GeometryType[]) => ({
  version: '1.1.0',
  primary_column: GEOMETRY,
  columns: { [GEOMETRY]: { encoding: 'WKB', geometry_types: types, orientation: 'counterclockwise', edges: 'planar' } },
});

/**
 * Encodes a footprint as well-known binary, from a ring of corners (x, y, x, y, …) that is not closed: a polygon or, if it
 * crosses the antimeridian, one on each side of it. https://www.ogc.org/standard/sfa/, 8.2
 */
export function encodeFootprint(corners: Float64Array): Uint8Array {
  const points = Array.from({ length: corners.length / 2 }, (_, i) => [corners[2 * i]!, corners[2 * i + 1]!] as const);
  const polygon = { type: 'Polygon', coordinates: [[...points, points[0]!]] };
  return encode(points.some(([longitude]) => longitude > 180) ? cutAtAntimeridian(points).geometry : polygon);
}

export const encodePoint = (x: number, y: number): Uint8Array => encode({ type: 'Point', coordinates: [x, y] });

/** Returns the points of chips with a longitude and latitude; null for invalid coordinates. */
export function pointsOf(carried: NonNullable<PreparedPart['carried']>): (chip: number) => Uint8Array | null {
  const names = coordinatesIn(carried);
  const valuesOf = (name?: string) => carried.find((one) => one.name === name)?.values;
  const [longitudes, latitudes] = [valuesOf(names?.longitude), valuesOf(names?.latitude)];
  return (chip) => {
    const [longitude, latitude] = [longitudes?.[chip], latitudes?.[chip]];
    if (typeof longitude !== 'number' || typeof latitude !== 'number') return null;
    return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90 ? encodePoint(longitude, latitude) : null;
  };
}

/** In memory of its own: the library's writer has more than it writes to. */
const encode = (geometry: object): Uint8Array => geojsonToWkb(geometry as Geometry).slice();

/** The corners of a polygon's first ring, closed; a point; or the box around two at the antimeridian, beyond 180. */
export function decodeGeometry({ buffer, byteOffset, byteLength }: Uint8Array): Point[] {
  const view = new DataView(buffer, byteOffset, byteLength);
  const { type, coordinates } = wkbToGeojson({ view, offset: 0 }) as Extract<Geometry, { type: GeometryType }>;
  if (type === 'Point') return [coordinates as Ring[number]];
  if (type === 'Polygon') return coordinates[0] as Ring;
  const [before, behind] = coordinates.map(([ring]) => ring) as [Ring, Ring];
  const box = boxOf(...extentOf([...before, ...behind.map(([x, y]): Point => [x + 360, y])]));
  return [...box, box[0]!];
}

/** The mean of a footprint's corners, from -180 to 180. */
export function centreOf(geometry: Uint8Array): [longitude: number, latitude: number] {
  const [first, ...others] = decodeGeometry(geometry); // closed, so that the first of several is the last as well
  const corners = others.length > 0 ? others : [first!];
  const [longitude, latitude] = [0, 1].map((axis) => corners.reduce((sum, at) => sum + at[axis]!, 0) / corners.length);
  return [longitude! > 180 ? longitude! - 360 : longitude!, latitude!];
}

type Ring = [x: number, y: number][];

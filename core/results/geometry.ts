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

const [LITTLE_ENDIAN, POINT, POLYGON, MULTI_POLYGON] = [1, 1, 3, 6];
const POINT_HEADER_BYTES = 5;
const HEADER_BYTES = 13;
const MULTI_HEADER_BYTES = 9;

/**
 * Encodes a footprint as well-known binary, from a ring of corners (x, y, x, y, …) that is not closed: a polygon or, if it
 * crosses the antimeridian, one on each side of it. https://www.ogc.org/standard/sfa/, 8.2
 */
export function encodeFootprint(corners: Float64Array): Uint8Array {
  const points = Array.from({ length: corners.length / 2 }, (_, i) => [corners[2 * i]!, corners[2 * i + 1]!] as const);
  if (points.every(([longitude]) => longitude <= 180)) return encodePolygon([...points, points[0]!]);
  const { geometry } = cutAtAntimeridian(points);
  if (geometry.type === 'Polygon') return encodePolygon(geometry.coordinates[0]!);
  const polygons = geometry.coordinates.map(([ring]) => encodePolygon(ring!));
  const head = new DataView(new ArrayBuffer(MULTI_HEADER_BYTES));
  head.setUint8(0, LITTLE_ENDIAN);
  head.setUint32(1, MULTI_POLYGON, true);
  head.setUint32(5, polygons.length, true);
  return Uint8Array.from(Buffer.concat([new Uint8Array(head.buffer), ...polygons]));
}

function encodePolygon(ring: readonly (readonly [x: number, y: number])[]): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + 16 * ring.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, LITTLE_ENDIAN);
  view.setUint32(1, POLYGON, true);
  view.setUint32(5, 1, true); // ring
  view.setUint32(9, ring.length, true);
  for (const [i, number] of ring.flat().entries()) view.setFloat64(HEADER_BYTES + 8 * i, number, true);
  return bytes;
}

export function encodePoint(x: number, y: number): Uint8Array {
  const bytes = new Uint8Array(POINT_HEADER_BYTES + 16);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, LITTLE_ENDIAN);
  view.setUint32(1, POINT, true);
  view.setFloat64(POINT_HEADER_BYTES, x, true);
  view.setFloat64(POINT_HEADER_BYTES + 8, y, true);
  return bytes;
}

/** The corners of a polygon's first ring, closed; a point; or the box around two at the antimeridian, beyond 180. */
export function decodeGeometry(wkb: Uint8Array): [x: number, y: number][] {
  const view = new DataView(wkb.buffer, wkb.byteOffset, wkb.byteLength);
  const kind = view.getUint32(1, true);
  if (kind === POINT)
    return [[view.getFloat64(POINT_HEADER_BYTES, true), view.getFloat64(POINT_HEADER_BYTES + 8, true)]];
  if (kind === POLYGON) return ringAt(view, 0);
  const before = ringAt(view, MULTI_HEADER_BYTES);
  const behind = ringAt(view, MULTI_HEADER_BYTES + HEADER_BYTES + 16 * before.length);
  const latitudes = [...before, ...behind].map(([, y]) => y);
  const [west, east] = [Math.min(...before.map(([x]) => x)), 360 + Math.max(...behind.map(([x]) => x))];
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  return [
    [west, north],
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ];
}

function ringAt(view: DataView, at: number): [x: number, y: number][] {
  return Array.from({ length: view.getUint32(at + 9, true) }, (_, i) => [
    view.getFloat64(at + HEADER_BYTES + 16 * i, true),
    view.getFloat64(at + HEADER_BYTES + 16 * i + 8, true),
  ]);
}

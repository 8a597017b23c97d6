/** The column of footprints, with the name that GeoParquet readers expect. */
export const GEOMETRY = 'geometry';

/** The kinds of footprints: polygons for windows of a raster, points for files with coordinates. */
type GeometryType = 'Polygon' | 'Point';

/**
 * Returns the GeoParquet metadata of the footprints' column: https://geoparquet.org/releases/v1.1.0/. Without a `crs`,
 * coordinates are WGS84 longitudes and latitudes (OGC:CRS84).
 */
export const geoMetadata = (types: readonly GeometryType[]) => ({
  version: '1.1.0',
  primary_column: GEOMETRY,
  columns: {
    [GEOMETRY]: { encoding: 'WKB', geometry_types: types, orientation: 'counterclockwise', edges: 'planar' },
  },
});

const [LITTLE_ENDIAN, POINT, POLYGON] = [1, 1, 3];
const POINT_HEADER_BYTES = 5;
const HEADER_BYTES = 13;

/**
 * Encodes a polygon as well-known binary, from a ring of corners (x, y, x, y, …) that is not closed.
 * https://www.ogc.org/standard/sfa/, 8.2
 */
export function encodePolygon(corners: Float64Array): Uint8Array {
  const points = corners.length / 2 + 1;
  const bytes = new Uint8Array(HEADER_BYTES + 16 * points);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, LITTLE_ENDIAN);
  view.setUint32(1, POLYGON, true);
  view.setUint32(5, 1, true); // ring
  view.setUint32(9, points, true);
  for (let i = 0; i < 2 * points; i += 1) view.setFloat64(HEADER_BYTES + 8 * i, corners[i % corners.length]!, true);
  return bytes;
}

/** Encodes a point as well-known binary. */
export function encodePoint(x: number, y: number): Uint8Array {
  const bytes = new Uint8Array(POINT_HEADER_BYTES + 16);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, LITTLE_ENDIAN);
  view.setUint32(1, POINT, true);
  view.setFloat64(POINT_HEADER_BYTES, x, true);
  view.setFloat64(POINT_HEADER_BYTES + 8, y, true);
  return bytes;
}

/** Returns the corners of a polygon's first ring, closed, as pairs; for a point, only itself. */
export function decodeGeometry(wkb: Uint8Array): [x: number, y: number][] {
  const view = new DataView(wkb.buffer, wkb.byteOffset, wkb.byteLength);
  if (view.getUint32(1, true) === POINT)
    return [[view.getFloat64(POINT_HEADER_BYTES, true), view.getFloat64(POINT_HEADER_BYTES + 8, true)]];
  const points = view.getUint32(9, true);
  return Array.from({ length: points }, (_, i) => [
    view.getFloat64(HEADER_BYTES + 16 * i, true),
    view.getFloat64(HEADER_BYTES + 16 * i + 8, true),
  ]);
}

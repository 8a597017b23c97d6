import type { Size } from '../../arrays/resize.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { Crs } from './crs.ts';
import { boundsOf } from './footprint.ts';
import { outlineOf } from './outline.ts';
import { GEO_TAGS, type GeoKeys, type Transform } from './raster.ts';
import type { BandMatch, RasterInfo } from './rasterInfo.ts';

type About = {
  size: Size;
  bandsBy: BandMatch;
  transform: Transform | null;
  place: { crs: Crs } | { crs: null; reason: string };
  geoKeys: GeoKeys | null;
};

/** Returns what is kept of a raster: its location and, if a map will be made of it, its GeoTIFF keys. */
export function describeRaster(about: About, { output }: Pick<ModelPackage, 'output'>): RasterInfo {
  const { size, bandsBy, transform, place, geoKeys } = about;
  const { width, height } = size;
  const { crs } = place;
  const outline = crs && transform && outlineOf(size, transform, crs);
  const bounds = transform && boundsOf(size, transform);
  const accuracy = outline && bounds ? crs.accuracyAt((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2) : 0;
  const missing =
    crs === null ? place.reason : `no part of it lies on earth in its coordinate reference system (${crs.name})`;
  return {
    width,
    height,
    bandsBy,
    ...(crs === null || outline === null ? { crs: null, crsMissing: missing } : { crs: crs.name }),
    ...(accuracy !== 0 && { accuracy }),
    ...(crs?.wkt2 !== undefined && { wkt2: crs.wkt2 }),
    bounds: bounds && [...bounds],
    ...(transform && { transform: [...transform] }),
    ...(outline && { outline }),
    ...(transform && geoKeys && output.pixels && { geoKeys: keptKeys(geoKeys) }),
  };
}

/** GTRasterTypeGeoKey, which says where in a pixel its coordinates are. */
const RASTER_TYPE = 1025;

/** Returns the tags that hold the keys, which are the keys of the map as well, or else the keys. */
function keptKeys(keys: GeoKeys): NonNullable<RasterInfo['geoKeys']> {
  const kept =
    GEO_TAGS[0] in keys ? [RASTER_TYPE, ...GEO_TAGS].filter((key) => key in keys) : Object.keys(keys).map(Number);
  const copied = (value: GeoKeys[number]) => (typeof value === 'object' ? [...value] : value);
  return Object.fromEntries(kept.map((key) => [String(key), copied(keys[key]!)]));
}

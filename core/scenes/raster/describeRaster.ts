import { outlineOf } from '../../maps/outline.ts';
import type { ModelPackage } from '../../models/package.ts';
import type { Size } from '../../models/resize.ts';
import type { Crs } from './crs.ts';
import { boundsOf } from './footprint.ts';
import type { GeoKeys, Transform } from './raster.ts';
import type { BandMatch, RasterInfo } from './rasterInfo.ts';

type About = {
  size: Size;
  bandsBy: BandMatch;
  transform: Transform | null;
  place: { crs: Crs } | { crs: null; reason: string };
  geoKeys: GeoKeys | null;
};

/** Returns what is kept of a raster: its location and, if a map will be made of it, its GeoTIFF keys. */
export function describeRaster(
  { size: { width, height }, bandsBy, transform, place, geoKeys }: About,
  { output }: Pick<ModelPackage, 'output'>,
): RasterInfo {
  const outline = place.crs && transform && outlineOf({ width, height }, transform, place.crs);
  return {
    ...{ width, height, bandsBy },
    ...(place.crs === null ? { crs: null, crsMissing: place.reason } : { crs: place.crs.name }),
    bounds: transform && [...boundsOf({ width, height }, transform)],
    ...(transform && { transform: [...transform] }),
    ...(outline && { outline }),
    ...(geoKeys && output.pixels && { geoKeys: keptKeys(geoKeys) }),
  };
}

/** The longest GeoKey that is kept, in characters or numbers: a citation should be a name. */
const MAX_KEPT = 256;

function keptKeys(keys: GeoKeys): NonNullable<RasterInfo['geoKeys']> {
  const kept = (value: GeoKeys[number]) => {
    if (typeof value === 'number') return value;
    return typeof value === 'string' ? value.slice(0, MAX_KEPT) : value.slice(0, MAX_KEPT);
  };
  return Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, kept(value)]));
}

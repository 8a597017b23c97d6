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
  const { crs } = place;
  const outline = crs && transform && outlineOf({ width, height }, transform, crs);
  const bounds = transform && boundsOf({ width, height }, transform);
  const accuracy = outline && bounds ? crs.accuracyAt((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2) : 0;
  const missing =
    crs === null ? place.reason : `no part of it lies on earth in its coordinate reference system (${crs.name})`;
  return {
    ...{ width, height, bandsBy },
    ...(crs === null || outline === null ? { crs: null, crsMissing: missing } : { crs: crs.name }),
    ...(accuracy !== 0 && { accuracy }),
    ...(crs?.projJson && { projJson: crs.projJson }),
    bounds: bounds && [...bounds],
    ...(transform && { transform: [...transform] }),
    ...(outline && { outline }),
    ...(geoKeys && output.pixels && { geoKeys: { ...geoKeys } as RasterInfo['geoKeys'] }),
  };
}

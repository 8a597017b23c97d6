import type { RasterInfo } from './rasterInfo.ts';

/** Describes a raster in one line: `256 × 256 pixels in EPSG:32629, bands found by description`. */
export function rasterText({ width, height, bandsBy, crs, crsMissing, accuracy }: RasterInfo): string {
  const doubt = accuracy === null ? ' (the accuracy of its location is not known)' : '';
  const where = crs === null ? `without a place on earth: ${crsMissing}` : `in ${crs}${doubt}`;
  return `${width} × ${height} pixels ${where}, bands found by ${bandsBy}`;
}

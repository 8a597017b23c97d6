import type { RasterInfo } from './rasterInfo.ts';

/** Describes a raster in one line: `256 × 256 pixels in EPSG:32629, bands found by description`. */
export function rasterText({ width, height, bandsBy, crs, crsMissing }: RasterInfo): string {
  const where = crs === null ? `without a place on earth: ${crsMissing}` : `in ${crs}`;
  return `${width} × ${height} pixels ${where}, bands found by ${bandsBy}`;
}

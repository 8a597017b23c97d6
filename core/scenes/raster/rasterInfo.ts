import * as z from 'zod';

/** By what the bands of a package were found in a raster. */
const BAND_MATCHES = ['description', 'common name', 'position', 'name'] as const;
export type BandMatch = (typeof BAND_MATCHES)[number];

/** What is kept of a raster as a whole. */
export const rasterInfoSchema = z.object({
  width: z.int(),
  height: z.int(),
  /** By what the package's bands were found in it. */
  bandsBy: z.enum(BAND_MATCHES),
  /** Its coordinate reference system, such as `EPSG:32629`; null where its chips have no place on earth, and why. */
  crs: z.string().nullable(),
  crsMissing: z.string().optional(),
  /** West, south, east and north in its own coordinates. */
  bounds: z.array(z.number()).length(4).nullable(),
  /** From a pixel's corner to its own coordinates, as `Raster` has it; absent where it has none, or a former release wrote the row. */
  transform: z.array(z.number()).length(6).optional(),
  /** Its corners, see `footprintOf`; absent where they are not known, or a former release wrote the row. */
  footprint: z.array(z.number()).length(8).optional(),
  /** GeoTIFF's keys, for a map of it; absent where it has none, or none is made. */
  geoKeys: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.number())])).optional(),
});
export type RasterInfo = z.infer<typeof rasterInfoSchema>;

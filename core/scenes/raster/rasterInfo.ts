import * as z from 'zod';

/** By what the bands of a package were found in a raster. */
const BAND_MATCHES = ['description', 'common name', 'position'] as const;
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
});
export type RasterInfo = z.infer<typeof rasterInfoSchema>;

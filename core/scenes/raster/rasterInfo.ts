import * as z from 'zod';
import type { Outline } from '../../maps/outline.ts';

/** By what the bands of a package were found in a raster. */
const BAND_MATCHES = ['description', 'common name', 'position', 'name'] as const;
export type BandMatch = (typeof BAND_MATCHES)[number];

const ring = z.array(z.tuple([z.number(), z.number()]));
const outlineSchema: z.ZodType<Outline> = z.object({
  geometry: z.union([
    z.object({ type: z.literal('Polygon'), coordinates: z.array(ring) }),
    z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(ring)) }),
  ]),
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
});

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
  transform: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]).optional(),
  /** Where it lies on earth; absent where that is not known, or a former release wrote the row. */
  outline: outlineSchema.optional(),
  /** GeoTIFF's keys, for a map of it; absent where it has none, or none is made. */
  geoKeys: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.number())])).optional(),
});
export type RasterInfo = z.infer<typeof rasterInfoSchema>;

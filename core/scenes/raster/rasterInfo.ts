import * as z from 'zod';
import type { Outline } from './outline.ts';

/** How the bands of a package were found in a raster. */
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

export const rasterInfoSchema = z.object({
  width: z.int(),
  height: z.int(),
  /** How the package's bands were found in it. */
  bandsBy: z.enum(BAND_MATCHES),
  /** Its coordinate system, such as `EPSG:32629`; null if its chips have no location, by the reason in `crsMissing`. */
  crs: z.string().nullable(),
  crsMissing: z.string().optional(),
  /** West, south, east and north in its own coordinates. */
  bounds: z.array(z.number()).length(4).nullable(),
  /** Maps a pixel's corner to its own coordinates, as in `Raster`; absent if it has none. */
  transform: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]).optional(),
  /** Its outline on earth; absent if not known. */
  outline: outlineSchema.optional(),
  /** How exact its WGS84 location is, in metres, by PROJ; null if not known; absent if exact, or without outline. */
  accuracy: z.number().nullable().optional(),
  /** Its coordinate reference system as well-known text, version 2, if it has no code. */
  wkt2: z.string().optional(),
  /** GeoTIFF keys for its map; absent if it has none or no map is made. */
  geoKeys: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.number())])).optional(),
});
export type RasterInfo = z.infer<typeof rasterInfoSchema>;

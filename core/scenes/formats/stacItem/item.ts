import * as z from 'zod';
import { attempt, citedStart, InvalidSceneFile, insteadOf } from '../../../base/errors.ts';
import { MAX_ENTRIES } from '../../../base/limits.ts';
import type { TimeTold } from '../../../base/time/acquired.ts';
import { parseArea } from '../../../package/areaOfInterest.ts';

/** The parts of a STAC Item that are read: https://github.com/radiantearth/stac-spec/blob/master/item-spec/item-spec.md */

const nodata = z.union([z.number(), z.string().max(100)]).nullish();
/** Properties of a STAC 1.1 band, or of an asset as a whole. */
const about = {
  nodata,
  'eo:common_name': z.string().optional(),
  'raster:scale': z.number().optional(),
  'raster:offset': z.number().optional(),
};
const listOf = <Entry extends z.ZodType>(entry: Entry) => z.array(entry).max(MAX_ENTRIES).optional();
const assetSchema = z.object({
  ...about,
  href: z.string().min(1),
  /** https://github.com/stac-extensions/alternate-assets */
  alternate: z.record(z.string(), z.object({ href: z.string().min(1) })).optional(),
  roles: listOf(z.string()),
  gsd: z.number().optional(),
  bands: listOf(z.object({ ...about, name: z.string().optional(), gsd: z.number().optional() })),
  'eo:bands': listOf(z.object({ name: z.string().optional(), common_name: z.string().optional() })),
  'raster:bands': listOf(
    z.object({
      nodata,
      scale: z.number().optional(),
      offset: z.number().optional(),
      spatial_resolution: z.number().optional(),
    }),
  ),
});
const itemSchema = z.object({
  type: z.literal('Feature'),
  stac_version: z.string().regex(/^1\.[01]\./),
  properties: z.looseObject({ 'eo:cloud_cover': z.number().min(0).max(100).optional().catch(undefined) }).optional(),
  assets: z
    .record(z.string(), assetSchema)
    .refine((assets) => Object.keys(assets).length <= MAX_ENTRIES, `more than ${MAX_ENTRIES} assets`),
});

export type ItemBand = {
  /** Its name and, if its asset has only this band, the asset's key. */
  readonly names: readonly string[];
  readonly commonName: string | null;
  readonly scale: number | null;
  readonly offset: number | null;
  /** As written in the Item. */
  readonly nodata: string | null;
};

export type ItemAsset = {
  readonly name: string;
  readonly href: string;
  /** Where the same file is as well. */
  readonly alternates?: readonly string[];
  /** Whether it is at none of its addresses allowed to be read. */
  readonly isRefused?: boolean;
  /** Empty if the asset does not describe its bands: it then counts as one band, if it is a raster. */
  readonly bands: readonly ItemBand[];
  /** The size of a pixel in metres; infinite if not stated. */
  readonly metres: number;
  /** Whether it is meant for viewing: a thumbnail, an overview, a picture in natural colours. */
  readonly isForEyes: boolean;
};

export type Item = ReturnType<typeof itemIn>;

/** Parses an Item's bytes. Throws `InvalidSceneFile` as `itemIn` does, and for a text that is not JSON. */
export function parseItem(key: string, bytes: Uint8Array): Item {
  const message = `${key}: found a text that begins like JSON but is not JSON, allowed is a STAC Item`;
  const invalid = insteadOf(Error, (cause) => new InvalidSceneFile(message, { cause }));
  const json = attempt(() => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), invalid);
  return itemIn(key, json);
}

/**
 * Returns the files of an Item, in its order, its time, its cloud cover in percent and what of its scene is read, if it states them.
 * @throws {InvalidSceneFile} when it is not a STAC 1.0 or 1.1 Item
 */
export function itemIn(key: string, json: unknown) {
  const { success, data, error } = itemSchema.safeParse(json);
  if (!success) {
    const [{ path, message } = { path: [], message: '' }] = error.issues;
    throw new InvalidSceneFile(
      `${key}: found a JSON file that is not a STAC Item: ${citedStart(`${path.join('.')}: ${message}`, 200)}, allowed is one of STAC 1.0 or 1.1, with "type": "Feature", "stac_version" and "assets"`,
    );
  }
  const assets = Object.entries(data.assets).map(([name, asset]) => assetOf(name, asset));
  const { 'eo:cloud_cover': cloudCover, 'swath:area': stating, ...stated } = data.properties ?? {};
  const text = (name: string) => (typeof stated[name] === 'string' ? stated[name] : ''); // no other value is a time, nor loses the scene
  const times: TimeTold[] = [
    { by: 'STAC Item', start: text('datetime') },
    { by: 'STAC Item', start: text('start_datetime'), end: text('end_datetime') },
  ];
  const area = stating == null ? undefined : parseArea(stating, `${key}: properties.swath:area`, InvalidSceneFile);
  return { assets, times, cloudCover, area };
}

const FOR_EYES = ['thumbnail', 'overview', 'visual'];

function assetOf(name: string, asset: z.output<typeof assetSchema>): ItemAsset {
  const [eo = [], raster = []] = [asset['eo:bands'], asset['raster:bands']];
  const count = asset.bands?.length || eo.length || raster.length || 1;
  const bands = Array.from({ length: count }, (_, i): ItemBand => {
    const [now, formerly, values] = [asset.bands?.[i], eo[i], raster[i]];
    const names = [now?.name ?? formerly?.name, count === 1 ? name : undefined];
    const none = now?.nodata ?? values?.nodata ?? asset.nodata ?? null;
    return {
      names: names.filter((one) => one !== undefined),
      commonName: now?.['eo:common_name'] ?? formerly?.common_name ?? asset['eo:common_name'] ?? null,
      scale: now?.['raster:scale'] ?? values?.scale ?? asset['raster:scale'] ?? null,
      offset: now?.['raster:offset'] ?? values?.offset ?? asset['raster:offset'] ?? null,
      nodata: none === null ? null : String(none),
    };
  });
  const metres = asset.gsd ?? asset.bands?.[0]?.gsd ?? raster[0]?.spatial_resolution ?? Number.POSITIVE_INFINITY;
  const isForEyes = (asset.roles ?? []).some((role) => FOR_EYES.includes(role.toLowerCase()));
  const alternates = Object.values(asset.alternate ?? {}).map(({ href }) => href);
  return { name, href: asset.href, alternates, bands, metres, isForEyes };
}

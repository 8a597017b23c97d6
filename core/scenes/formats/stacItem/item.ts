import * as z from 'zod';
import { attempt, citedStart, InvalidSceneFile, insteadOf } from '../../../base/errors.ts';
import { MAX_ENTRIES } from '../../../base/limits.ts';
import type { TimeTold } from '../../../base/time/acquired.ts';
import { parseArea } from '../../../package/areaOfInterest.ts';

/** The parts of a STAC Item that are read: https://github.com/radiantearth/stac-spec/blob/master/item-spec/item-spec.md */

const string = z.string().nullish();
const number = z.number().nullish();
const nodata = z.union([z.number(), z.string().max(100)]).nullish();
/** Properties of a STAC 1.1 band, or of an asset as a whole. */
const about = {
  nodata,
  gsd: number,
  'eo:common_name': string,
  'raster:scale': number,
  'raster:offset': number,
  'raster:spatial_resolution': number,
};
const listOf = <Entry extends z.ZodType>(entry: Entry) => z.array(entry).max(MAX_ENTRIES).nullish();
const linkSchema = z.object({ href: z.string().min(1) });
const assetSchema = z.object({
  ...about,
  ...linkSchema.shape,
  /** https://github.com/stac-extensions/alternate-assets */
  alternate: z.record(z.string(), z.unknown()).nullish(),
  roles: listOf(z.string()),
  bands: listOf(z.object({ ...about, name: string })),
  'eo:bands': listOf(z.object({ name: string, common_name: string })),
  'raster:bands': listOf(z.object({ nodata, scale: number, offset: number, spatial_resolution: number })),
  'proj:transform': listOf(z.number()),
});
const itemSchema = z.object({
  type: z.literal('Feature'),
  stac_version: z.string().regex(/^1\.[01]\./),
  properties: z
    .looseObject({
      nodata: nodata.catch(null),
      'raster:scale': number.catch(null),
      'raster:offset': number.catch(null),
      'eo:cloud_cover': z.number().min(0).max(100).optional().catch(undefined),
    })
    .nullish(),
  assets: z
    .record(z.string(), z.unknown())
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
 * Returns the files of an Item, in its order, why others are not among them, its time, its cloud cover in percent and what of its
 * scene is read, if it states them.
 * @throws {InvalidSceneFile} when it is not a STAC 1.0 or 1.1 Item
 */
export function itemIn(key: string, json: unknown) {
  const { success, data, error } = itemSchema.safeParse(json);
  if (!success)
    throw new InvalidSceneFile(
      `${key}: found a JSON file that is not a STAC Item: ${citedStart(firstOf(error), 200)}, allowed is one of STAC 1.0 or 1.1, with "type": "Feature", "stac_version" and "assets"`,
    );
  const { 'eo:cloud_cover': cloudCover, 'swath:area': stating, ...stated } = data.properties ?? {};
  const parsed = Object.entries(data.assets).map(([name, asset]) => [name, assetSchema.safeParse(asset)] as const);
  const assets = parsed.flatMap(([name, { data }]) => (data ? [assetOf(name, data, stated)] : []));
  const unread = parsed.flatMap(([name, { error }]) => (error ? [`${name} (not read: ${firstOf(error)})`] : []));
  const text = (name: string) => (typeof stated[name] === 'string' ? stated[name] : ''); // no other value is a time, nor loses the scene
  const times: TimeTold[] = [
    { by: 'STAC Item', start: text('datetime') },
    { by: 'STAC Item', start: text('start_datetime'), end: text('end_datetime') },
  ];
  const area = stating == null ? undefined : parseArea(stating, `${key}: properties.swath:area`, InvalidSceneFile);
  return { assets, unread, times, cloudCover, area };
}

const firstOf = ({ issues: [first] }: z.ZodError): string =>
  [first?.path.join('.'), first?.message].filter(Boolean).join(': ');

/** If it is true, Sentinel-2's offset is in Earth Search's values, though stated: https://github.com/Element84/earth-search/issues/9 */
const [APPLIED, OFFSET] = ['earthsearch:boa_offset_applied', -0.1];

type Stated = NonNullable<z.output<typeof itemSchema>['properties']>;
const FOR_EYES = ['thumbnail', 'overview', 'visual'];

/** @param defaults what the Item's properties state of each asset that does not state it */
function assetOf(name: string, asset: z.output<typeof assetSchema>, defaults: Stated): ItemAsset {
  const [now, eo, raster] = [asset.bands ?? [], asset['eo:bands'] ?? [], asset['raster:bands'] ?? []];
  const count = now.length || eo.length || raster.length || 1;
  const keys = count === 1 ? [name.replace(/_\d+m$/, ''), name] : []; // SCL_20m is SCL
  const bands = Array.from({ length: count }, (_, i): ItemBand => {
    const none = now[i]?.nodata ?? raster[i]?.nodata ?? asset.nodata ?? defaults.nodata ?? null;
    const offset =
      now[i]?.['raster:offset'] ?? raster[i]?.offset ?? asset['raster:offset'] ?? defaults['raster:offset'] ?? null;
    return {
      names: [now[i]?.name ?? eo[i]?.name, ...keys].filter((one) => one != null),
      commonName: now[i]?.['eo:common_name'] ?? eo[i]?.common_name ?? asset['eo:common_name'] ?? null,
      scale: now[i]?.['raster:scale'] ?? raster[i]?.scale ?? asset['raster:scale'] ?? defaults['raster:scale'] ?? null,
      offset: defaults[APPLIED] === true && offset === OFFSET ? 0 : offset,
      nodata: none === null ? null : String(none),
    };
  });
  const resolution = 'raster:spatial_resolution';
  const [across = Number.POSITIVE_INFINITY, , , down = 0] = asset['proj:transform'] ?? [];
  const stated = [now[0]?.[resolution], raster[0]?.spatial_resolution, asset[resolution], asset.gsd, now[0]?.gsd];
  const metres = stated.find((one) => one != null) ?? Math.hypot(across, down);
  const isForEyes = (asset.roles ?? []).some((role) => FOR_EYES.includes(role.toLowerCase()));
  const alternates = Object.values(asset.alternate ?? {}).flatMap((one) => linkSchema.safeParse(one).data?.href ?? []);
  return { name, href: asset.href, alternates, bands, metres, isForEyes };
}

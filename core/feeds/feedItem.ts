import { hash } from 'node:crypto';
import * as z from 'zod';
import { citedStart, orElse } from '../base/errors.ts';
import { MAX_ENTRIES, MAX_SCENE_ITEM_BYTES } from '../base/limits.ts';
import { mapped } from '../base/mapped.ts';
import { instantIn } from '../base/time/instant.ts';
import type { Feed } from './feed.ts';
import { itemsPrefix } from './feedKeys.ts';

type Asset = { href: string; [field: string]: unknown };

/** An Item as an API lists it, so far as a feed looks at it. */
const itemSchema = z.looseObject({
  type: z.literal('Feature'),
  stac_version: z.string().regex(/^1\./),
  id: z.string().min(1),
  collection: z.string().nullish(),
  geometry: z.looseObject({ type: z.string() }).nullish(),
  bbox: z.array(z.number()).nullish(),
  properties: z.looseObject({ 'eo:cloud_cover': z.number().nullish().catch(null), updated: z.string().nullish() }),
  // An asset without an address, such as a broken thumbnail, is left out: a package names those that it needs.
  assets: z
    .record(z.string(), z.nullable(z.looseObject({ href: z.string().min(1) })).catch(null))
    .transform((all) => Object.fromEntries(Object.entries(all).filter((one): one is [string, Asset] => !!one[1]))),
  links: z.unknown(),
});
export type FeedItem = z.output<typeof itemSchema>;

export class NotTaken extends Error {}

/** @throws {NotTaken} when it is no Item */
export function parseFeedItem(json: unknown): FeedItem {
  if (json instanceof NotTaken) throw json; // an inventory knows why
  const { success, data, error } = itemSchema.safeParse(json);
  if (success && Object.keys(data.assets).length <= MAX_ENTRIES) return data;
  const [{ path, message } = { path: ['assets'], message: `more than ${MAX_ENTRIES}` }] = error?.issues ?? [];
  const shown = () => String(Object(json).id ?? JSON.stringify(json)); // throws what is nested too deep
  const id = citedStart(orElse('…', shown), 60);
  const why = citedStart([path.join('.'), message].filter(Boolean).join(': '), 200);
  throw new NotTaken(`the Item ${id}: ${why}, allowed are Items of STAC`);
}

/** When an Item was acquired, of an interval its start; null if it does not say. */
export function acquiredAt({ properties }: FeedItem): Date | null {
  const told = properties['datetime'] ?? properties['start_datetime'];
  const at = typeof told === 'string' ? instantIn(told, Infinity) : null;
  return at === null ? null : new Date(at);
}

/** The folder of the Items of one day, which is what a look lists. */
export const dayPrefix = (inboxPrefix: string, feed: string, item: FeedItem): string =>
  `${itemsPrefix(inboxPrefix, feed)}${acquiredAt(item)?.toISOString().slice(0, 10) ?? 'undated'}/`;

/**
 * Returns the key of an Item in the inbox. It has the Item's id, and a few digits of what changes when its catalogue revises it: `updated`,
 * or else the addresses and checksums of its assets, in any order. So a revised Item is another scene, and the same one is never written twice.
 * @throws {NotTaken} when its id does not fit
 */
export function inboxKey(item: FeedItem, feed: string, inboxPrefix: string): string {
  // Letters that every store and file system has; a name that began with a dot would be hidden on a laptop.
  const coded = encodeURIComponent(item.id.toWellFormed()).replaceAll('%', '=');
  const id = coded.replace(/^\.|[!'()*~]/g, (one) => `=${one.charCodeAt(0).toString(16)}`);
  if (id.length > MAX_ID_LETTERS)
    throw new NotTaken(`found an id of ${id.length} letters, allowed are at most ${MAX_ID_LETTERS}`);
  const { updated } = item.properties;
  const assets = JSON.stringify(Object.entries(item.assets).map(versionOf).sort());
  const digits = hash('sha256', updated ? (instantIn(updated, Infinity) ?? updated) : assets);
  return `${dayPrefix(inboxPrefix, feed, item)}${id}.${digits.slice(0, 10)}.stac.json`;
}

/**
 * Returns an Item as it is put into the inbox: with whole addresses, and the area that is wanted of it.
 * @param from the address of the answer that has it, to which relative ones lead
 * @throws {NotTaken} when it is too large
 */
export function inboxBytes(item: FeedItem, { area }: Pick<Feed, 'area'>, from: string): Uint8Array {
  const self = Object([item.links].flat().find((link) => Object(link).rel === 'self'));
  const own = self.href == null ? null : URL.parse(self.href, from); // not the page's, which changes with each look
  const base = own?.href ?? from;
  const placed = (one: unknown) => {
    const { href } = Object(one);
    if (typeof href !== 'string' || /^[a-z][a-z0-9+.-]*:/i.test(href)) return one;
    return { ...Object(one), href: URL.parse(href, base)?.href ?? href };
  };
  const assets = mapped(item.assets, ({ alternate, ...asset }) => ({
    ...(placed(asset) as Asset),
    ...(alternate instanceof Object && { alternate: mapped({ ...alternate }, placed) }),
  }));
  const properties = { ...item.properties, ...(area !== null && { 'swath:area': area }) };
  const written = { ...item, properties, assets, links: own === null ? [] : [{ rel: 'self', href: base }] };
  const bytes = Buffer.from(JSON.stringify(written));
  if (bytes.length <= MAX_SCENE_ITEM_BYTES) return bytes;
  throw new NotTaken(`${citedStart(item.id, 60)}: found ${bytes.length} bytes, allowed are ${MAX_SCENE_ITEM_BYTES}`);
}

/** As file names may have 255 bytes. */
const MAX_ID_LETTERS = 200;

/** What an asset says of its version: signatures of an address change with each answer. */
function versionOf([key, asset]: [string, FeedItem['assets'][string]]) {
  const { href, 'file:checksum': sum, 'file:size': size, updated, etag = [] } = asset;
  return [key, href.replace(/[?#].*$/s, ''), sum, size, updated, etag].flat();
}

import * as z from 'zod';
import { errorNamed, InvalidModelPackage, ObjectTooLarge, onError } from '../base/errors.ts';
import { MAX_SCENE_ITEM_BYTES } from '../base/limits.ts';
import { type Bucket, nullIfNotFound, type ReadObject } from '../base/objectStore.ts';
import { parseArea } from '../package/areaOfInterest.ts';
import { parseObject } from '../package/problems.ts';
import { FEEDS, feedKey } from './feedKeys.ts';

/** How the objects of a bucket are Items. */
const inventorySchema = z.object({
  /** What makes a scene complete, in order: a name, or a name and what stands for it in keys, such as red=SR_B4. */
  bands: z.array(z.string()),
  /** Where in a key the time of acquisition is, as `timeInKey` reads it. */
  time: z.string(),
  /** How many hours are between two listings. */
  every: z.int(),
});
export type Inventory = z.output<typeof inventorySchema>;

/** A feed: a STAC API whose new Items of a collection and an area go into the inbox. It is an object beside the models. */
const feedSchema = z.object({
  /** The address of the API, of an inventory s3://bucket/prefix/. */
  api: z.url(),
  /** As the API names it; of an inventory the pattern of its keys. */
  collection: z.string().min(1),
  inventory: inventorySchema.optional(),
  /** In longitude and latitude; null is everywhere. */
  area: z
    .unknown()
    .transform((json) => (json === null || json === undefined ? null : parseArea(json, 'area')))
    .transform((area) => area && { type: 'MultiPolygon' as const, coordinates: area }),
  /** In percent. Items that do not say theirs are taken. */
  maxCloud: z.number().min(0).max(100).nullable().default(null),
  /** Items acquired before this are left out. */
  since: z.iso.datetime(),
  /** The hosts of https addresses from which assets are read. */
  hosts: z.array(z.string()).default([]),
  /** A removed one is kept, as the model bucket is only written to, and is not listed. */
  status: z.enum(['follows', 'paused', 'removed']).default('follows'),
  /** Why it is paused, if nobody asked for that. */
  why: z.string().optional(),
});
export type Feed = { name: string } & z.output<typeof feedSchema>;

const countSchema = z.object({
  /** Items that the API listed. */
  seen: z.int(),
  taken: z.int(),
  /** Taken before. */
  known: z.int(),
  /** Outside the area, before the time or too cloudy. */
  leftOut: z.int(),
  /** No Items that could be taken; `why` is the first one's reason. */
  refused: z.int(),
  why: z.string().optional(),
});
export type FeedCount = z.output<typeof countSchema>;

const stateSchema = z.object({
  /** When it was last looked at (ISO). */
  at: z.iso.datetime(),
  /** Why the last look failed; null if it did not. */
  error: z.string().nullable(),
  /** Looks that have failed since the last one that did not. */
  failures: z.int(),
  /** The last day on which a look reached as far back as `LOOK_BACK_DAYS.daily`. */
  day: z.string().nullable(),
  /** Of the last look. */
  count: countSchema.nullable(),
});
export type FeedState = z.output<typeof stateSchema>;

/** A feed cannot be looked at; the message says what was found, and what to do. Nothing is lost: the next look begins where this one did. */
export class FeedFailed extends errorNamed('FeedFailed') {}

export const collectionAddress = ({ api, collection }: Pick<Feed, 'api' | 'collection'>): string =>
  `${api.replace(/\/$/, '')}/collections/${encodeURIComponent(collection)}`;

export const hostOf = (url: string): string => new URL(url).host;

const stateKey = (name: string) => `${FEEDS}${name}/state.json`;

/** The feeds of a stage, in its model bucket. */
export function feedsIn(bucket: Pick<Bucket, 'list' | 'read' | 'write'>) {
  const write = (key: string, value: object) => bucket.write(key, Buffer.from(`${JSON.stringify(value, null, 2)}\n`));

  /** @throws {InvalidModelPackage} when it is not what this service writes */
  async function feed(name: string): Promise<Feed | null> {
    const found = await readAs(bucket.read, feedKey(name), feedSchema);
    return found && found.status !== 'removed' ? { name, ...found } : null;
  }

  /** The names of all feeds that there are or were, in order. */
  async function names(): Promise<string[]> {
    return (await bucket.list(FEEDS)).flatMap((key) => /^_feeds\/([^/]+)\/feed\.json$/.exec(key)?.[1] ?? []);
  }

  const state = (name: string): Promise<FeedState | null> => readAs(bucket.read, stateKey(name), stateSchema);

  return {
    feed,
    names,
    state,
    /** Every feed that is not removed, in order, or what is wrong with its file; and its state, which the next look writes anew if it is wrong. */
    async all() {
      const known = (await names()).map(async (name) => {
        const [found, last] = [await feed(name).catch(problemOf), await state(name).catch(noneIfUnreadable)];
        return found && { name, feed: found, state: last && isUnderWay(last) ? { ...last, error: null } : last };
      });
      return (await Promise.all(known)).filter((one) => one !== null);
    },
    put: async ({ name, ...feed }: Feed): Promise<void> => write(feedKey(name), feed),
    putState: async (name: string, state: FeedState): Promise<void> => write(stateKey(name), state),
  };
}

export const UNENDED = 'The look did not end.';
/** No function runs longer than 15 minutes. A look after a failed one is not taken for a good one while it lasts. */
const isUnderWay = ({ at, error, failures }: FeedState) =>
  error === UNENDED && failures === 1 && Date.now() - Date.parse(at) < 900_000;

const UNREADABLE = [InvalidModelPackage, ObjectTooLarge];
const problemOf = onError(UNREADABLE, ({ message: problem }) => ({ problem }));
export const noneIfUnreadable = onError(UNREADABLE, () => null);

async function readAs<T>(read: ReadObject, key: string, schema: z.ZodType<T>): Promise<T | null> {
  const bytes = await read(key, MAX_SCENE_ITEM_BYTES).catch(nullIfNotFound);
  return bytes && parseObject(schema, key, bytes, 'what "swath feed add" writes');
}

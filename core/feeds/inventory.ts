import { citedStart } from '../base/errors.ts';
import { MAX_INVENTORY_OBJECTS } from '../base/limits.ts';
import type { ListedScene } from '../base/objectStore.ts';
import { type Feed, FeedFailed, hostOf } from './feed.ts';
import { NotTaken } from './feedItem.ts';
import { bandsIn, keyPattern } from './keyPattern.ts';

export type ListedObject = Pick<ListedScene, 'key' | 'size' | 'etag' | 'lastModified'>;
/** Lists a page of a bucket's objects under a prefix, in the order of their keys; throws `FeedFailed` where it may not. */
export type ListInventory = (
  at: { bucket: string; prefix: string },
  cursor: string | null,
) => Promise<{ objects: readonly ListedObject[]; cursor: string | null }>;

/** As ListObjectsV2 has it. So many scenes may also be begun at once, as their files follow one another, or nearly so. */
const PAGE = 1000;
/** Files of a scene that changed later may be followed by others that are to come. */
const SETTLED_MILLISECONDS = 3_600_000;
const SHOWN = 100;

type Scene = { id: string; time: string; objects: Map<string, ListedObject>; twice?: ListedObject };

/**
 * Lists an archive's bucket to its end, and makes an Item of the objects of each scene. Of the bucket, only the scenes of a page or two
 * are in memory. A scene that lacks a band, or has changed just now, comes as the reason why it is not taken, and the next listing has it.
 *
 * @throws {FeedFailed} when the listing may not be read, comes to no end, or has nothing that fits the pattern
 */
export async function* inventoryItems({ inventory, ...feed }: Feed, now: Date, list: ListInventory | undefined) {
  const { api: url, collection, since } = feed;
  const at = { bucket: hostOf(url), prefix: url.replace(/^s3:\/\/[^/]+\//, '') };
  if (list === undefined || inventory === undefined)
    throw new FeedFailed(`${url}: a laptop lists no buckets. Add the feed to a stage (--stage).`);
  const inKey = keyPattern({ collection, inventory }, at.prefix);
  const bands = bandsIn(inventory);
  const needed = collection.includes('{band}') ? bands.map(([, band]) => band) : [''];
  const begun = new Map<string, Scene>();
  let last: ListedObject | undefined;
  let isFound = false;
  let cursor: string | null = null;
  for (let count = 0; ; count += PAGE) {
    if (count >= MAX_INVENTORY_OBJECTS)
      throw new FeedFailed(`${url} lists more than ${MAX_INVENTORY_OBJECTS} objects. Give the feed a longer prefix.`);
    const page: Awaited<ReturnType<ListInventory>> = await list(at, cursor);
    for (const object of page.objects) {
      if (last !== undefined && Buffer.compare(Buffer.from(last.key), Buffer.from(object.key)) >= 0)
        throw new FeedFailed(
          `${url} lists ${citedStart(object.key, SHOWN)} after ${citedStart(last.key, SHOWN)}, allowed are keys in their order, each once.`,
        );
      last = object;
      addToScene(object);
    }
    cursor = page.cursor;
    const ended = [...begun].slice(0, Math.max(0, begun.size - (cursor === null ? 0 : PAGE)));
    for (const [key] of ended) begun.delete(key);
    if (ended.length > 0) yield { items: ended.map(([, scene]) => itemOf(scene)), url };
    if (cursor !== null) continue;
    if (isFound || last === undefined) return;
    throw new FeedFailed(
      `${url}: found ${citedStart(last.key, SHOWN)} and the like, of which nothing fits the pattern ${citedStart(collection, SHOWN)} and the time ${inventory.time}.`,
    );
  }

  function addToScene(object: ListedObject): void {
    const { id, band, time } = inKey(object.key) ?? {};
    if (id === undefined || band === undefined || time === undefined) return;
    isFound = true;
    const scene: Scene = begun.get(`${id} ${time}`) ?? { id, time, objects: new Map() };
    begun.set(`${id} ${time}`, scene);
    if (scene.objects.has(band)) scene.twice ??= object;
    else scene.objects.set(band, object);
  }

  function itemOf({ id, time, objects, twice }: Scene): unknown {
    const lacking = needed.filter((band) => !objects.has(band));
    const newest = Math.max(...Array.from(objects.values(), (one) => Date.parse(one.lastModified ?? '')));
    const isRecent = newest > now.getTime() - SETTLED_MILLISECONDS;
    const why =
      (twice && `found ${citedStart(twice.key, SHOWN)} as well, allowed is one file of each band`) ??
      (lacking.length > 0 ? `it waits for its ${lacking.join(', ')}` : undefined) ??
      (isRecent ? 'it waits for an hour in which its files do not change' : undefined);
    if (why !== undefined && Date.parse(time) >= Date.parse(since))
      return new NotTaken(`${citedStart(id, SHOWN)}: ${why}`);
    const assets = Array.from(objects, ([band, { key, size, etag }]) => {
      const names = bands.flatMap(([name, one]) => (band === '' || band === one ? [{ name }] : []));
      const asset = { href: `s3://${at.bucket}/${key}`, bands: names, 'file:size': size, etag };
      return [band === '' ? 'data' : names[0]!.name, asset];
    });
    const item = { type: 'Feature', stac_version: '1.1.0', id, geometry: null, properties: { datetime: time } };
    return { ...item, assets: Object.fromEntries(assets), links: [] };
  }
}

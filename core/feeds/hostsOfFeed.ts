import { MAX_SCENE_ITEM_BYTES } from '../base/limits.ts';
import { nullIfNotFound, type ReadObject } from '../base/objectStore.ts';
import { jsonIn } from '../base/text/jsonIn.ts';
import { feedKey, feedOf } from './feedKeys.ts';

/** The hosts from which an Item's assets may be read: those of its feed, also once that is removed. */
export async function hostsOfFeed(key: string, inboxPrefix: string, read: ReadObject): Promise<string[]> {
  const name = feedOf(key, inboxPrefix);
  const bytes = name && (await read(feedKey(name), MAX_SCENE_ITEM_BYTES).catch(nullIfNotFound));
  const { hosts } = Object(bytes && jsonIn(Buffer.from(bytes).toString())) as { hosts?: unknown };
  return [hosts ?? []].flat().map(String);
}

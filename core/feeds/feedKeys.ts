import { jsonIn } from '../base/errors.ts';
import { MAX_SCENE_ITEM_BYTES } from '../base/limits.ts';
import { isSafeName } from '../base/names.ts';
import { nullIfNotFound, type ReadObject } from '../base/objectStore.ts';

/** Where feeds lie, in the model bucket: no model has such a name. */
export const FEEDS = '_feeds/';
export const feedKey = (name: string): string => `${FEEDS}${name}/feed.json`;

/** The folder of the inbox that has a feed's Items. */
export const itemsPrefix = (inboxPrefix: string, name: string): string => `${inboxPrefix}feeds/${name}/`;

/** Returns the name of the feed that has put an object into the inbox; undefined of others. */
export function feedOf(key: string, inboxPrefix: string): string | undefined {
  const [folder, name = '', ...rest] = key.startsWith(inboxPrefix) ? key.slice(inboxPrefix.length).split('/') : [];
  return folder === 'feeds' && rest.length > 0 && isSafeName(name) ? name : undefined;
}

/** The hosts from which an Item's assets may be read: those of its feed, also once that is removed. */
export async function hostsOfFeed(key: string, inboxPrefix: string, read: ReadObject): Promise<string[]> {
  const name = feedOf(key, inboxPrefix);
  const bytes = name && (await read(feedKey(name), MAX_SCENE_ITEM_BYTES).catch(nullIfNotFound));
  const { hosts } = Object(bytes && jsonIn(Buffer.from(bytes).toString())) as { hosts?: unknown };
  return [hosts ?? []].flat().map(String);
}

import { isSafeName } from '../base/names.ts';

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

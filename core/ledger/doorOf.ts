import { ITEM_ENDINGS, REQUEST_ENDINGS } from '../base/keys.ts';

/** As a file of the inbox, as a request by queue, or over HTTP, where it is answered before it is counted. */
export const DOORS = ['file', 'queue', 'http'] as const;
export type Door = (typeof DOORS)[number];

/**
 * Returns the door that a scene came through, from its key. Scene files in the inbox have no keys like those of the other
 * doors: a request is kept under a key that would be no scene file there, and one like that of answers is refused.
 */
export function doorOf({ key }: { readonly key: string }): Door {
  if (/^answered\/[0-9a-f]{64}\.jsonl$/.test(key)) return 'http';
  const isOfInbox = [...ITEM_ENDINGS, ...REQUEST_ENDINGS].some((ending) => key.endsWith(ending));
  return !isOfInbox && /^requests\/[^/]+\.json$/.test(key) ? 'queue' : 'file';
}

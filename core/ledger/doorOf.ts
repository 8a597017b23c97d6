import { REQUEST_ENDINGS } from '../base/keys.ts';

/** As a file of the inbox, as a request by queue, or over HTTP, where it is answered before it is counted. */
export const DOORS = ['file', 'queue', 'http'] as const;
export type Door = (typeof DOORS)[number];

/**
 * Returns the door that a scene came through, from its key. Keys of scene files in the inbox cannot look like those of the
 * other doors: there, the only scene files that end in .json are requests and STAC Items, which have endings of their own.
 */
export function doorOf({ key }: { readonly key: string }): Door {
  if (/^answered\/[0-9a-f]{64}\.jsonl$/.test(key)) return 'http';
  const isKept = /^requests\/[^/]+\.json$/.test(key) && !REQUEST_ENDINGS.some((ending) => key.endsWith(ending));
  return isKept ? 'queue' : 'file';
}

import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ITEM_ENDINGS } from '../core/keys.ts';

/**
 * Of a STAC Item that is put under a key, the files in the folder of its name beside it, `a.assets` of `a.stac.json`, and the keys
 * that go with them; of another file, none. Links are not followed.
 */
export async function assetsBeside(file: string, key: string): Promise<(readonly [from: string, to: string])[]> {
  const ending = ITEM_ENDINGS.find((one) => file.endsWith(one) && key.endsWith(one));
  if (ending === undefined) return [];
  const folderOf = (item: string) => `${item.slice(0, -ending.length)}.assets`;
  const folder = folderOf(file);
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((from) => [from, `${folderOf(key)}/${relative(folder, from).split(sep).join('/')}`] as const);
}

import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ITEM_ENDINGS } from '../../core/base/keys.ts';
import { siblingsToSend } from '../../core/scenes/raster/siblings/names.ts';

type FromTo = readonly [from: string, to: string];

/** Lists the files that are read with one and put before it under a key: georeferences, and files that an Item names. */
export async function companionsBeside(file: string, key: string): Promise<FromTo[]> {
  const there: FromTo[] = [];
  for (const one of [...siblingsToSend(file, key), ...(await assetsBeside(file, key))])
    if ((await stat(one[0]).catch(() => null))?.isFile()) there.push(one);
  return there;
}

/**
 * Lists the asset files of a STAC Item to be put under a key, with their keys: those in the folder of its name beside it,
 * `a.assets` for `a.stac.json`. None for other files. Links are not followed.
 */
export async function assetsBeside(file: string, key: string): Promise<FromTo[]> {
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

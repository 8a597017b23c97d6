import { readFile, stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { attempt, InvalidSceneFile, onError } from '../../core/base/errors.ts';
import { ITEM_ENDINGS, isAsset } from '../../core/base/keys.ts';
import { MAX_SCENE_ITEM_BYTES } from '../../core/base/limits.ts';
import { assetAt } from '../../core/scenes/formats/stacItem/assetAt.ts';
import { parseItem } from '../../core/scenes/formats/stacItem/item.ts';
import { siblingsToSend } from '../../core/scenes/raster/siblings/names.ts';
import { isIrregular } from './inboxKey.ts';
import { filesBeside } from './sceneFolder.ts';

type FromTo = readonly [from: string, to: string];

/** Lists the files that are read with one and put before it under a key: georeferences, files that an Item names, the files of a folder that is a scene. */
export async function companionsBeside(file: string, key: string): Promise<FromTo[]> {
  const there: FromTo[] = [];
  const all = [...siblingsToSend(file, key), ...(await assetsBeside(file, key)), ...(await filesBeside(file, key))];
  for (const one of all) if ((await stat(one[0]).catch(() => null))?.isFile()) there.push(one);
  return there;
}

/** Lists the files that a STAC Item names below its folder, with their keys; none of a refused Item. Links are not followed. */
export async function assetsBeside(file: string, key: string): Promise<FromTo[]> {
  const isItem = ITEM_ENDINGS.some((ending) => file.endsWith(ending) && key.endsWith(ending));
  if (!isItem || (await stat(file)).size > MAX_SCENE_ITEM_BYTES) return [];
  const bytes = await readFile(file);
  const none = onError(InvalidSceneFile, () => []);
  const hrefs = attempt(() => parseItem(key, bytes).assets.map(({ href }) => href), none);
  const places = { prefixes: [''], buckets: [], hosts: [] };
  const keys = new Set(hrefs.flatMap((href) => attempt(() => [assetAt({ bucket: '', key }, href, places).key], none)));
  const found: FromTo[] = [];
  for (const to of [...keys].filter(isAsset)) {
    const [folder, way] = [dirname(file), posix.relative(posix.dirname(key), to)];
    if (!way.startsWith('../') && !(await isIrregular(folder, way))) found.push([join(folder, way), to]);
  }
  return found;
}

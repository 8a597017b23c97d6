import { InvalidSceneFile, insteadOf } from '../../base/errors.ts';
import { type Item, itemIn } from '../formats/stacItem/item.ts';
import type { ReadText } from './metadata.ts';
import { itemOf } from './product.ts';
import { productIn } from './products.ts';

/**
 * Returns the Item of the one product in a folder, as `swath stac make` writes it, with all files that the metadata name;
 * each `href` is a path in the folder. Throws `InvalidSceneFile` as `productIn` does.
 */
export async function productItem(folder: string, names: readonly string[], read: ReadText): Promise<Item> {
  const located = insteadOf(
    InvalidSceneFile,
    ({ message }) => new InvalidSceneFile(message.startsWith(folder) ? message : `${folder}: ${message}`),
  );
  const product = await productIn(folder, names, read).catch(located);
  const there = new Set(product.assets.flatMap(({ files }) => files.map(({ path }) => path)));
  const item = itemIn(folder, itemOf(product, { there, hrefOf: (path) => path, isPartial: false }).item);
  return { ...item, times: item.times.map((time) => ({ ...time, by: 'metadata' })) };
}

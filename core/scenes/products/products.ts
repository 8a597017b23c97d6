import { InvalidSceneFile, insteadOf, listed } from '../../base/errors.ts';
import { type Item, itemIn } from '../formats/stacItem/item.ts';
import { hlsProduct } from './hls.ts';
import { landsatProduct } from './landsat.ts';
import type { ReadText } from './metadata.ts';
import { planetProduct } from './planet.ts';
import { itemOf, METADATA, type Product } from './product.ts';
import { sentinel1Product } from './sentinel1.ts';
import { sentinel2Product } from './sentinel2.ts';

/** In the order of `METADATA`: Sentinel-2 has a manifest, too. */
const READERS = [sentinel2Product, landsatProduct, hlsProduct, sentinel1Product, planetProduct];

/** Returns the one product of a folder with files of these names; throws `InvalidSceneFile` if there is none, or several. */
export async function productIn(folder: string, names: readonly string[], read: ReadText): Promise<Product> {
  const kinds = METADATA.map((metadata) => names.filter((name) => metadata.test(name)));
  const kind = kinds.findIndex(({ length }) => length > 0);
  const found = (kinds[kind] ?? []).sort((a, b) => b.localeCompare(a));
  const [name, ...others] = found; // the same in XML and as text are one
  if (name !== undefined && others.every((other) => other.slice(0, -4) === name.slice(0, -4)))
    return READERS[kind]!(name, read, { folder, names });
  throw new InvalidSceneFile(
    `${folder}: found ${listed(found) || 'no metadata of a scene'}, allowed are the metadata of one: MTD_MSIL1C.xml or MTD_MSIL2A.xml of Sentinel-2 (in a folder *.SAFE), *_MTL.xml or *_MTL.txt of Landsat Collection 2, *.cmr.xml of HLS, manifest.safe of Sentinel-1, or *_metadata.json of PlanetScope.`,
  );
}

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

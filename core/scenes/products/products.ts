import { InvalidSceneFile } from '../../base/errors.ts';
import { listed } from '../../base/text/listed.ts';
import { landsatProduct } from './landsat.ts';
import type { ReadText } from './metadata.ts';
import type { Product } from './product.ts';
import { sentinel2Product } from './sentinel2.ts';

/** Returns the one product of a folder with files of these names; throws `InvalidSceneFile` if there is none, or several. */
export async function productIn(folder: string, names: readonly string[], read: ReadText): Promise<Product> {
  const metadata = /^(MTD_MSI[^/]*\.xml|[^/]*_MTL\.(xml|txt))$/i;
  const found = names.filter((name) => metadata.test(name)).sort((a, b) => b.localeCompare(a));
  const [name, ...others] = found; // the same in XML and as text are one
  if (name !== undefined && others.every((other) => other.slice(0, -4) === name.slice(0, -4)))
    return /^MTD/i.test(name) ? sentinel2Product(name, read) : landsatProduct(name, read);
  throw new InvalidSceneFile(
    `${folder}: found ${listed(found) || 'no metadata of a scene'}, allowed are the metadata of one: MTD_MSIL1C.xml or MTD_MSIL2A.xml of Sentinel-2 (in a folder *.SAFE), or *_MTL.xml or *_MTL.txt of Landsat Collection 2.`,
  );
}

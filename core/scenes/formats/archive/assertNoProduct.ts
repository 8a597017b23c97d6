import { InvalidSceneFile } from '../../../base/errors.ts';
import { shownName } from './memberName.ts';

/** Names that only files of a scene have as an agency delivers it, and what makes one scene of it. */
const PRODUCTS = [
  {
    of: 'Sentinel-2',
    name: /\.SAFE\/(MTD_MSI[^/]*\.xml|manifest\.safe|GRANULE\/.*\/IMG_DATA\/)/,
    folder: 'the folder *.SAFE that is in it',
  },
  {
    of: 'Landsat',
    name: /(^|\/)L[COETM]0\d_L\d[A-Z]{2}_\d{6}_\d{8}_\d{8}_\d\d_(RT|T1|T2)_(S[RT]_)?(B\d+|QA_[A-Z]+|MTL|ANG)\.\w+$/,
    folder: 'a folder whose name ends in .assets',
  },
];

/** @throws {InvalidSceneFile} when an archive's member is part of a scene of several files, which are no chips */
export function assertNoProduct(key: string, name: string): void {
  const product = PRODUCTS.find((one) => one.name.test(name));
  if (product !== undefined)
    throw new InvalidSceneFile(
      `${key}: found ${shownName(name)}, which is part of a scene of ${product.of}, allowed are archives whose images are chips. Unpack it to ${product.folder}, and have its STAC Item written: npx swath stac make FOLDER`,
    );
}

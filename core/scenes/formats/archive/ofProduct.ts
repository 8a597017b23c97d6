import { InvalidSceneFile } from '../../../base/errors.ts';
import { companionOfName } from '../../../base/keys.ts';

/** Names that only files of a scene have as an agency delivers it: of Sentinel-1 and 2, Landsat, HLS and PlanetScope. */
const NAMES = [
  /\.SAFE\/|(^|\/)(MTD_MSIL\d[AC]\.xml$|manifest\.safe$|GRANULE\/[^/]+\/(IMG_DATA|MTD_TL\.xml))/i,
  /(^|\/)L[COETM]0\d_L\d[A-Z]{2}_\d{6}_\d{8}_\d{8}_\d\d_(RT|T1|T2)_\w+\.\w+$/i,
  /(^|\/)HLS\.[LS]30\.T\w{5}\.\d{7}T\d{6}\.v2\.0\.(B\w\w|Fmask|[SV][AZ]A|cmr)\.(tif|xml)$/,
  /(^|\/)\d{8}_\d{6}_\w+_metadata\.json$/,
];

/** Returns whether an archive's member is part of a scene of several files, which are no chips. */
export const isOfProduct = (name: string): boolean => !isJunk(name) && NAMES.some((one) => one.test(name));

/** Returns whether a member is none that somebody put in: a folder, a hidden file such as `.DS_Store`, macOS's `__MACOSX/`. */
export function isJunk(name: string): boolean {
  const parts = name.split('/');
  const last = parts.at(-1)!;
  return last === '' || last.startsWith('.') || parts.includes('__MACOSX');
}

/** Returns whether an archive's member is not one of its images, judged by its name: junk, or an accompanying file such as notes. */
export const isPassedOver = (name: string): boolean => isJunk(name) || companionOfName(name) !== undefined;

export const withoutImage = (key: string) =>
  new InvalidSceneFile(`${key}: found no image, allowed is an archive with at least one, or with a scene`);

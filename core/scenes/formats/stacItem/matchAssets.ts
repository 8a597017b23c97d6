import { cited, InvalidSceneFile, listed } from '../../../base/errors.ts';
import { areContrary } from '../../../package/commonNames.ts';
import type { SourceBand } from '../../../package/facts.ts';
import { namesOf } from '../../raster/matchBands.ts';
import type { BandMatch } from '../../raster/rasterInfo.ts';
import type { Item, ItemAsset, ItemBand } from './item.ts';

/** Where an Item has a band of the package: a file, and the index of the band in it. */
export type MatchedBand = { readonly asset: ItemAsset; readonly band: number };

/**
 * Finds a package's bands in an Item: all by name, or by the key of a single-band asset; else by common name, but for those
 * that have none in either, such as a mask of clouds. A name does not count where the common names contradict it, and a common
 * name not where bands of several names have it. If several files have a band, the choice prefers, in this order: a file that is
 * allowed to be read, one not meant for viewing, the file with fewer bands, the one with smaller pixels, the first.
 * @throws {InvalidSceneFile} when neither way finds all of them
 */
export function matchAssets(
  key: string,
  { assets, unread }: Pick<Item, 'assets' | 'unread'>,
  wanted: readonly SourceBand[],
): { bands: readonly MatchedBand[]; by: BandMatch } {
  const every = assets.flatMap((asset) => asset.bands.map((_, band): MatchedBand => ({ asset, band })));
  every.sort((a, b) => byRank(a.asset, b.asset));
  const isCalled = (one: MatchedBand, name: string, commonName: string | null) =>
    bandOf(one).names.some((other) => isSame(other, name)) && !areContrary(bandOf(one).commonName, commonName);
  const named = wanted.map(({ name, commonName }) => every.find((one) => isCalled(one, name, commonName)));
  if (isWhole(named)) return { bands: named, by: 'name' };
  const common = wanted.map(({ name, commonName }) => {
    if (commonName === null) return every.find((one) => isCalled(one, name, null) && bandOf(one).commonName === null);
    const stated = every.filter((one) => isSame(bandOf(one).commonName ?? '', commonName));
    const found = stated.length > 0 ? stated : every.filter((one) => isCalled(one, commonName, commonName));
    const rivals = found.filter(({ asset }) => asset.isForEyes === found[0]!.asset.isForEyes);
    return new Set(rivals.map((one) => nameOf(one).toLowerCase())).size === 1 ? found[0] : undefined; // several files of one band share its name
  });
  if (isWhole(common) && new Set(common).size === common.length) return { bands: common, by: 'common name' };
  const there = every.map((one) => namesOf([{ name: nameOf(one), commonName: bandOf(one).commonName }]).slice(0, 60));
  throw new InvalidSceneFile(
    `${key}: found no asset for ${namesOf(wanted.filter((_, i) => named[i] === undefined))} among ${cited(listed([...unread.map((one) => one.slice(0, 100)), ...new Set(there)]) || 'none')}, allowed are assets whose bands, or whose keys, have these names and no contrary common names, or else have these common names, each only one band: ${namesOf(wanted)}`,
  );
}

const bandOf = ({ asset, band }: MatchedBand): ItemBand => asset.bands[band]!;

const nameOf = (one: MatchedBand): string => bandOf(one).names[0] ?? `band ${one.band + 1}`;

const isSame = (a: string, b: string): boolean => a.trim().toLowerCase() === b.toLowerCase();

const isWhole = (found: readonly (MatchedBand | undefined)[]): found is MatchedBand[] => !found.includes(undefined);

/** The better ones first. */
const byRank = (a: ItemAsset, b: ItemAsset): number =>
  Number(a.isRefused ?? false) - Number(b.isRefused ?? false) ||
  Number(a.isForEyes) - Number(b.isForEyes) ||
  a.bands.length - b.bands.length ||
  (a.metres === b.metres ? 0 : a.metres - b.metres);

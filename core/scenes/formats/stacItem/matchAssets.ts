import { cited, InvalidSceneFile, listed } from '../../../base/errors.ts';
import type { SourceBand } from '../../../package/facts.ts';
import { namesOf } from '../../raster/matchBands.ts';
import type { BandMatch } from '../../raster/rasterInfo.ts';
import type { ItemAsset, ItemBand } from './item.ts';

/** Where an Item has a band of the package: a file, and the index of the band in it. */
export type MatchedBand = { readonly asset: ItemAsset; readonly band: number };

/**
 * Finds a package's bands in an Item: all by name, or by the key of a single-band asset; else all by common name. If
 * several files have a band, the choice prefers, in this order: a file that is allowed to be read, one not meant for viewing,
 * the file with fewer bands, the one with smaller pixels, the first.
 * @throws {InvalidSceneFile} when neither way finds all of them
 */
export function matchAssets(
  key: string,
  assets: readonly ItemAsset[],
  wanted: readonly SourceBand[],
): { bands: readonly MatchedBand[]; by: BandMatch } {
  const every = assets.flatMap((asset) => asset.bands.map((_, band): MatchedBand => ({ asset, band })));
  every.sort((a, b) => byRank(a.asset, b.asset));
  const about = ({ asset, band }: MatchedBand): ItemBand => asset.bands[band]!;
  const named = wanted.map(({ name }) => every.find((one) => about(one).names.some((other) => isSame(other, name))));
  if (isWhole(named)) return { bands: named, by: 'name' };
  const common = wanted.map(({ commonName }) => {
    if (commonName === null) return undefined;
    return (
      every.find((one) => isSame(about(one).commonName ?? '', commonName)) ??
      every.find((one) => about(one).names.some((other) => isSame(other, commonName)))
    );
  });
  if (isWhole(common) && new Set(common).size === common.length) return { bands: common, by: 'common name' };
  const missing = wanted.filter((_, i) => named[i] === undefined);
  throw new InvalidSceneFile(
    `${key}: found no asset for ${namesOf(missing) || 'none'} among ${cited(listed(assets.map(({ name }) => name.slice(0, 40))) || 'none')}, allowed are assets whose bands, or whose keys, are called ${namesOf(wanted)}`,
  );
}

const isSame = (a: string, b: string): boolean => a.trim().toLowerCase() === b.toLowerCase();

const isWhole = (found: readonly (MatchedBand | undefined)[]): found is MatchedBand[] => !found.includes(undefined);

/** The better ones first. */
const byRank = (a: ItemAsset, b: ItemAsset): number =>
  Number(a.isRefused ?? false) - Number(b.isRefused ?? false) ||
  Number(a.isForEyes) - Number(b.isForEyes) ||
  a.bands.length - b.bands.length ||
  (a.metres === b.metres ? 0 : a.metres - b.metres);

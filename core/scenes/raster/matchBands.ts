import { cited, InvalidSceneFile, listed } from '../../base/errors.ts';
import type { SourceBand } from '../../package/facts.ts';
import type { Raster } from './raster.ts';
import type { BandMatch } from './rasterInfo.ts';

export type MatchedBands = ReturnType<typeof matchBands>;

/**
 * Finds a package's bands in a raster: by band name, if the raster names its bands so; else by common name
 * (`eo:common_name`); else by position, if the raster has the same number of bands, not counting an alpha band, or
 * counting it: GDAL calls the last of four bands alpha, whatever it is, unless it is told otherwise.
 * @returns for each band of the package, its index in the raster
 * @throws {InvalidSceneFile} when none of these applies
 */
export function matchBands(
  key: string,
  raster: Pick<Raster, 'bands' | 'alpha'>,
  wanted: readonly SourceBand[],
): { bands: readonly number[]; by: BandMatch } {
  const described = raster.bands.map(({ description }) => description?.trim().toLowerCase());
  const named = wanted.map(({ name }) => described.indexOf(name.toLowerCase()));
  if (!named.includes(-1)) return { bands: named, by: 'description' };
  const common = wanted.map(({ commonName }) =>
    commonName === null ? -1 : described.indexOf(commonName.toLowerCase()),
  );
  if (!common.includes(-1) && new Set(common).size === common.length) return { bands: common, by: 'common name' };
  const all = [...raster.bands.keys()];
  const positions = all.length === wanted.length ? all : all.filter((band) => band !== raster.alpha);
  const speaksOfOthers = named.some((band) => band >= 0);
  if (positions.length === wanted.length && !speaksOfOthers) return { bands: positions, by: 'position' };
  throw new InvalidSceneFile(
    `${key}: found ${shownBands(raster)}, allowed are the bands ${namesOf(wanted)}: described by these names, or ${wanted.length} of them in this order`,
  );
}

/** Lists bands by name and, if they have one, common name. */
export const namesOf = (wanted: readonly SourceBand[]): string =>
  listed(wanted.map(({ name, commonName }) => (commonName === null ? name : `${name} (${commonName})`)));

function shownBands({ bands, alpha }: Pick<Raster, 'bands' | 'alpha'>): string {
  const shown = bands.map(({ description }) => description?.slice(0, 40) ?? '(no description)');
  const count = `${bands.length} band${bands.length === 1 ? '' : 's'}`;
  const opacity = alpha === null ? '' : ` (band ${alpha + 1} is tagged as alpha)`;
  const names = bands.some(({ description }) => description !== null) ? `: ${cited(listed(shown))}` : '';
  return count + opacity + names;
}

import { cited, InvalidSceneFile, listed } from '../../base/errors.ts';
import type { SourceBand } from '../../package/facts.ts';
import type { Raster } from './raster.ts';
import type { BandMatch } from './rasterInfo.ts';

export type MatchedBands = ReturnType<typeof matchBands>;

/**
 * Finds a package's bands in a raster: by band name, if the raster names its bands so; else by common name
 * (`eo:common_name`); else by either as a word of its descriptions; else by the colours of an RGB image; else by position,
 * if the raster has the same number of bands, not counting an alpha band, or counting it: GDAL calls the last of four bands
 * alpha, whatever it is, unless it is told otherwise.
 * @param isExact whether a word of a description is no name
 * @returns for each band of the package, its index in the raster; `warnings` say what may be meant otherwise
 * @throws {InvalidSceneFile} when none of these applies
 */
export function matchBands(
  key: string,
  raster: Pick<Raster, 'bands' | 'alpha' | 'photometric'>,
  wanted: readonly SourceBand[],
  isExact = false,
): { bands: readonly number[]; by: BandMatch; warnings?: readonly string[] } {
  const described = raster.bands.map(({ description }) => description?.trim().toLowerCase());
  const exactly = (name: string) => [described.indexOf(name.toLowerCase())].filter((band) => band >= 0);
  const words = described.map((one = '') => wordsOf(one));
  const asWords = (name: string) => [...words.keys()].filter((band) => words[band]!.includes(wordsOf(name)));
  let isNamed = false;
  for (const find of isExact ? [exactly] : [exactly, asWords]) {
    const named = wanted.map(({ name }) => find(name));
    if (isWhole(named)) return { bands: named.flat(), by: 'description' };
    const common = wanted.map(({ commonName }) => (commonName === null ? [] : find(commonName)));
    if (isWhole(common)) return { bands: common.flat(), by: 'common name' };
    isNamed = [...named, ...(find === asWords ? common : [])].some((bands) => bands.length > 0);
    if (isNamed) break; // beside B02, QA_B08 is not B08
  }
  const all = [...raster.bands.keys()];
  const positions = all.length === wanted.length ? all : all.filter((band) => band !== raster.alpha);
  if (positions.length !== wanted.length || isNamed)
    throw new InvalidSceneFile(
      `${key}: found ${shownBands(raster)}, allowed are the bands ${namesOf(wanted)}: described by these names, or ${wanted.length} of them in this order`,
    );
  const colours = wanted.map(({ commonName }) => COLOURS.indexOf(commonName ?? ''));
  if (raster.photometric === 'rgb' && colours.toSorted().join() === '0,1,2') {
    const said = `Its red, green and blue were taken as these of the bands ${namesOf(wanted)}, and not by position. If they are others, describe them by these names.`;
    const bands = colours.map((colour) => positions[colour]!);
    return { bands, by: 'common name', ...(colours.join() !== '0,1,2' && { warnings: [said] }) };
  }
  const said = `Its bands were taken by position as ${namesOf(wanted)}, though it has ${shownBands(raster)}. If they are others, describe them by these names.`;
  return { bands: positions, by: 'position', ...(described.some((one) => one) && { warnings: [said] }) };
}

/** By common name, in the order in which images have them. */
export const COLOURS: readonly string[] = ['red', 'green', 'blue'];

/** Whether there is one band for each, another for each. */
const isWhole = (found: readonly (readonly number[])[]): boolean =>
  found.every((bands) => bands.length === 1) && new Set(found.flat()).size === found.length;

/** Returns the words of a description before its explanation, so that `T32_B04_10m` and `B4, wavelength 665 nm` have `_b4_`. */
const wordsOf = (text: string): string =>
  `_${text.split(',', 1)[0]}_`
    .toLowerCase()
    .replace(/[^\p{L}\d]+/gu, '_')
    .replace(/_b0+(?=\d)/g, '_b');

/** Lists bands by name and, if they have one, common name. */
export const namesOf = (wanted: readonly Pick<SourceBand, 'name' | 'commonName'>[]): string =>
  listed(wanted.map(({ name, commonName }) => (commonName === null ? name : `${name} (${commonName})`)));

function shownBands({ bands, alpha }: Pick<Raster, 'bands' | 'alpha'>): string {
  const shown = bands.map(({ description }) => description?.slice(0, 40) ?? '(no description)');
  const count = `${bands.length} band${bands.length === 1 ? '' : 's'}`;
  const opacity = alpha === null ? '' : ` (band ${alpha + 1} is tagged as alpha)`;
  const names = bands.some(({ description }) => description !== null) ? `: ${cited(listed(shown))}` : '';
  return count + opacity + names;
}

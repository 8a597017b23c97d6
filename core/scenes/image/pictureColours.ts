import type { SourceBand } from '../../package/facts.ts';
import { matchBands } from '../raster/matchBands.ts';
import { makeRasterValues, type Raster, type RasterValues } from '../raster/raster.ts';
import { rasterOf } from './image.ts';

const COLOURS = ['red', 'green', 'blue'];

/**
 * Converts a picture to the bands that a package takes: one band is grey, three are red, green and blue (in the order of
 * their names if these are colours). Colours become grey, grey becomes colours, palettes and grey of fewer than 8 bits are
 * looked up, and 16 bits are reduced to 8 for bands of uint8: all as Pillow's `convert`. Rasters whose bands are described,
 * and packages of other bands, are matched as scenes are.
 * @returns the picture as a raster, and for each band of the package its index there
 * @throws {InvalidSceneFile} when the picture has other bands
 */
export async function pictureColours(where: string, raster: Raster, wanted: readonly SourceBand[]) {
  const stored = [...raster.bands.keys()].filter((band) => band !== raster.alpha);
  const isDescribed = raster.bands.some(({ description }) => description !== null);
  const isPicture = stored.length === 1 || stored.length === 3;
  if (isDescribed || !isPicture || (wanted.length !== 1 && wanted.length !== 3))
    return { raster, bands: matchBands(where, raster, wanted).bands, warnings: [] };

  const isWide = raster.type === 'uint16' && wanted.every(({ dataType }) => dataType === 'uint8');
  const isWhole = raster.type === 'uint8' || raster.type === 'uint16';
  const order = wanted.length === 1 ? [0] : orderOf(wanted);
  const isGrey = stored.length === 1 && raster.photometric !== 'palette';
  const warnings = [
    ...(isWide ? ['Its 16 bits were reduced to the upper 8.'] : []),
    ...(raster.photometric === 'minIsWhite' && isGrey ? ['Its grey was inverted, as its 0 is white.'] : []),
    ...(raster.colours !== undefined && raster.colours.length < ALL_LEVELS && isGrey ? [spread(raster.colours)] : []),
    ...coloursSaid(raster, isGrey, wanted.length === 1),
  ];
  if (raster.colours === undefined && !isWide && (stored.length === 1 || wanted.length === 3)) {
    const bands = order.map((colour) => stored[colour] ?? stored[0]!);
    return { raster, bands, warnings };
  }
  if (!isWhole) return { raster, bands: matchBands(where, raster, wanted).bands, warnings: [] };

  const { width, height } = raster;
  const { planes: found, valid: mask } = await readColours(raster, stored);
  const read = found.map((plane) => (isWide ? Uint8Array.from(plane, (value) => value >> 8) : plane));
  const planes =
    wanted.length === 1 ? [isGrey ? read[0]! : luma(read)] : order.map((colour) => read[colour] ?? read[0]!);
  const values = interleaved(planes);
  const alike = { alpha: null, photometric: 'other', nodata: null, mask } as const;
  const converted = rasterOf({ ...alike, width, height, values, samples: planes.length });
  return { raster: converted, bands: [...planes.keys()], warnings };
}

/** Returns for each band the index of its colour: by its common name or name, else by its position. */
function orderOf(wanted: readonly SourceBand[]): number[] {
  const named = wanted.map(({ name, commonName }) => {
    const byCommon = COLOURS.indexOf(commonName ?? '');
    return byCommon >= 0 ? byCommon : COLOURS.findIndex((colour) => [colour, colour[0]].includes(name.toLowerCase()));
  });
  return COLOURS.every((_, colour) => named.includes(colour)) ? named : [0, 1, 2];
}

function coloursSaid({ colours, photometric }: Raster, isGrey: boolean, toGrey: boolean): string[] {
  if (photometric === 'palette' && colours === undefined)
    return ['Its palette was ignored: its values were taken as they are stored.'];
  if (toGrey) return isGrey ? [] : ['Its colours were converted to grey (luma of ITU-R 601-2).'];
  if (isGrey) return ['Its grey was repeated as red, green and blue.'];
  return photometric === 'palette' ? ['The colours of its palette were taken.'] : [];
}

/** The length of a table of 256 colours. */
const ALL_LEVELS = 3 * 256;

const spread = (colours: Uint8Array): string => `Its ${colours.length / 3} levels of grey were spread over 0 to 255.`;

type Whole = Uint8Array | Uint16Array;

/** Returns the planes of a picture of whole numbers, one of grey or three of colours, and which pixels are transparent. */
async function readColours(raster: Raster, stored: readonly number[]) {
  const { width, height, type, colours, photometric } = raster;
  const planes: RasterValues[] = stored.map(() => makeRasterValues(type, width * height));
  const { valid } = await raster.read({ x: 0, y: 0, width, height }, stored, planes);
  if (colours === undefined) return { planes: planes as Whole[], valid };
  const [indices] = planes as [Whole];
  const channels = photometric === 'palette' ? [0, 1, 2] : [0];
  // An index outside of the table is black.
  const shown = channels.map((channel) => Uint8Array.from(indices, (index) => colours[3 * index + channel] ?? 0));
  return { planes: shown, valid };
}

/** The weights of ITU-R 601-2 luma, in the arithmetic of Pillow's `convert("L")`. */
const [RED, GREEN, BLUE] = [19_595, 38_470, 7471];

function luma([red, green, blue]: readonly Whole[]): Whole {
  const grey = red!.slice();
  for (let i = 0; i < grey.length; i += 1)
    grey[i] = Math.floor((red![i]! * RED + green![i]! * GREEN + blue![i]! * BLUE + 0x8000) / 0x10000);
  return grey;
}

function interleaved(planes: readonly Whole[]): Whole {
  if (planes.length === 1) return planes[0]!;
  const [{ length }] = planes as [Whole];
  const values = planes[0] instanceof Uint16Array ? new Uint16Array(3 * length) : new Uint8Array(3 * length);
  for (let i = 0; i < values.length; i += 1) values[i] = planes[i % 3]![Math.floor(i / 3)]!;
  return values;
}

import type { SourceBand } from '../models/package.ts';
import { type Image, rasterOf } from '../scenes/image/image.ts';
import type { Raster } from '../scenes/raster/raster.ts';

export type Converted = { readonly raster: Raster; readonly warnings: readonly string[] };

/** The common names of the colours, in band order. */
const COLOURS = ['red', 'green', 'blue'];

/**
 * Converts an image to the bands that a package takes: colours to grey for a package of one band, grey to colours for one
 * of red, green and blue. Images whose bands are described, and images for other packages, are unchanged.
 *
 * Palettes, and grey of fewer than 8 bits, are looked up if the format defines their colours; otherwise values are data,
 * and taken as stored.
 */
export async function convertColours(where: string, raster: Raster, wanted: readonly SourceBand[]): Promise<Converted> {
  const order = wanted.map(({ commonName }) => COLOURS.indexOf(commonName ?? ''));
  const takesColours = order.length === 3 && COLOURS.every((_, colour) => order.includes(colour));
  const isDescribed = raster.bands.some(({ description }) => description !== null);
  if (isDescribed || !(wanted.length === 1 || takesColours)) return { raster, warnings: [] };
  return takesColours ? inColours(where, raster, order) : inGrey(where, raster);
}

/** The weights of ITU-R 601-2 luma, in the arithmetic of Pillow's `convert("L")`. */
const [RED, GREEN, BLUE] = [19_595, 38_470, 7471];

async function inGrey(where: string, raster: Raster): Promise<Converted> {
  const { colours, photometric, alpha, width, height } = raster;
  if (colours === undefined && photometric === 'palette')
    return { raster, warnings: ['Its palette was ignored: its values were taken as they are stored.'] };
  const read = colours === undefined ? await readColours(raster) : await lookUp(raster, colours);
  if (read === null) return { raster, warnings: [] };
  const values = read.values.subarray(0, width * height).slice();
  for (let i = 0; i < values.length; i += 1)
    values[i] = Math.floor(
      (read.values[3 * i]! * RED + read.values[3 * i + 1]! * GREEN + read.values[3 * i + 2]! * BLUE + 0x8000) / 0x10000,
    );
  const isOfData = raster.bands.some(({ nodata }) => nodata !== null);
  const isTransparent = !isOfData && (alpha !== null || read.mask?.includes(0) === true);
  const isSpread = colours !== undefined && photometric !== 'palette';
  const said = isSpread ? spread(colours) : 'Its colours were converted to grey (luma of ITU-R 601-2).';
  return {
    raster: rasterOf(where, picture(raster, values, isOfData ? read.mask : null)),
    warnings: [said, ...(isTransparent ? ['Its transparency was ignored.'] : [])],
  };
}

/** @param order for each of the package's bands, the index of its colour */
async function inColours(where: string, raster: Raster, order: readonly number[]): Promise<Converted> {
  const { colours, photometric, alpha } = raster;
  const repeated = 'Its grey was repeated as red, green and blue.';
  if (colours !== undefined) {
    const { values, mask } = await lookUp(raster, colours);
    const ordered = values.map((_, i) => values[i - (i % 3) + order[i % 3]!]!);
    const warnings =
      photometric === 'palette' ? ['The colours of its palette were taken.'] : [spread(colours), repeated];
    return { raster: rasterOf(where, picture(raster, ordered, mask)), warnings };
  }
  const [grey, ...more] = [...raster.bands.keys()].filter((band) => band !== alpha);
  if (grey === undefined || more.length > 0 || photometric !== 'minIsBlack') return { raster, warnings: [] };
  return {
    raster: {
      ...raster,
      bands: order.map(() => raster.bands[grey]!),
      alpha: null,
      read: (window, bands, into) =>
        raster.read(
          window,
          bands.map(() => grey),
          into,
        ),
    },
    warnings: [repeated],
  };
}

function spread(colours: Uint8Array): string {
  return `Its ${colours.length / 3} levels of grey were spread over 0 to 255.`;
}

/** Red, green and blue, pixel-interleaved; the mask is 0 where there is no data, and null if all pixels hold data. */
type Colours = Pick<Image, 'values' | 'mask'>;

/** Returns null if the image does not have three colour bands of 8 or 16 bits. */
async function readColours(raster: Raster): Promise<Colours | null> {
  const { width, height, type, photometric, alpha } = raster;
  const bands = [...raster.bands.keys()].filter((band) => band !== alpha);
  if (photometric !== 'rgb' || bands.length !== 3 || (type !== 'uint8' && type !== 'uint16')) return null;
  const Values = type === 'uint8' ? Uint8Array : Uint16Array;
  const planes = bands.map(() => new Values(width * height));
  const { valid } = await raster.read({ x: 0, y: 0, width, height }, bands, planes);
  const values = new Values(3 * width * height);
  for (let i = 0; i < values.length; i += 1) values[i] = planes[i % 3]![Math.floor(i / 3)]!;
  return { values, mask: valid };
}

/** Looks up an image's values in its colour table; indices outside of it become black. */
async function lookUp(raster: Raster, colours: Uint8Array): Promise<Colours> {
  const { width, height } = raster;
  const numbers = new Uint8Array(width * height);
  const { valid } = await raster.read({ x: 0, y: 0, width, height }, [0], [numbers]);
  const values = new Uint8Array(3 * numbers.length);
  for (let i = 0; i < values.length; i += 1) values[i] = colours[3 * numbers[Math.floor(i / 3)]! + (i % 3)] ?? 0;
  return { values, mask: valid };
}

function picture({ width, height }: Raster, values: Image['values'], mask: Image['mask']): Image {
  const samples = values.length / (width * height);
  return { width, height, values, samples, alpha: null, photometric: 'other', nodata: null, mask };
}

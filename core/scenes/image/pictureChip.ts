import { bytesPerValue, isFloat, makePlane, type Plane, rangeOf } from '../../arrays/dataTypes.ts';
import { makeResize, makesNewValues, type ResizeType, type Size } from '../../arrays/resize.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { MAX_ENLARGEMENT } from '../../base/limits.ts';
import type { SourceBand } from '../../package/facts.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { COLOURS, matchBands } from '../raster/matchBands.ts';
import { makeRasterValues, type Raster, type RasterValues } from '../raster/raster.ts';
import { makeReadPlanes } from '../raster/readPlanes.ts';
import { rasterOf } from './image.ts';

/**
 * Makes one chip of a whole picture, for a package that takes pictures (`swath:picture`), whichever way the picture came:
 * its colours become the package's, its size the package's, and each pixel counts, transparent or not. The chip's warnings
 * say what was done. docs/input.md#pictures
 * @param mostBytes the largest decoded picture
 * @throws {InvalidSceneFile} with what was found and what is allowed
 */
export async function pictureChip(
  where: string,
  picture: Raster,
  { source, resize }: Pick<ModelPackage, 'source' | 'resize'>,
  mostBytes: number,
): Promise<Pick<Chip, 'planes' | 'warnings' | 'nodataShare'>> {
  const { width, height } = picture;
  checkSize(where, picture, source, mostBytes);
  const { raster, bands, warnings } = await pictureColours(where, picture, source.bands);
  const read = makeReadPlanes(where, raster, bands, { source: { bands: source.bands, width, height } });
  const { planes, valid } = await read({ x: 0, y: 0, width, height });
  const said = [...warnings, ...transparencySaid(picture, valid)];
  const isResized = width !== source.width || height !== source.height;
  const type = resizeTypeFor(resize, picture, source);
  if (isResized) said.push(resizeSaid(picture, source, type));
  return {
    planes: isResized ? resizePlanes(planes, type, picture, source) : planes,
    nodataShare: 0,
    ...(said.length > 0 && { warnings: said }),
  };
}

function checkSize(where: string, picture: Raster, wanted: Size, mostBytes: number): void {
  const { width, height } = picture;
  const least = { width: leastOf(wanted.width), height: leastOf(wanted.height) };
  if (width < least.width || height < least.height)
    throw new InvalidSceneFile(
      `${where}: found ${width} × ${height} pixels, allowed are ${wanted.width} × ${wanted.height}, or another size from ${least.width} × ${least.height} on, which is resized`,
    );
  const bytes = picture.bands.reduce((sum, { type = picture.type }) => sum + width * height * sizeOf(type), 0);
  if (bytes > mostBytes)
    throw new InvalidSceneFile(
      `${where}: found ${width} × ${height} pixels, ${bytes} bytes as they are decoded, allowed are at most ${mostBytes} (the parameter maxRecordBytes). Reduce it.`,
    );
}

const leastOf = (side: number): number => Math.ceil(side / MAX_ENLARGEMENT);

const sizeOf = (type: Raster['type']): number => (type === 'int64' || type === 'uint64' ? 8 : bytesPerValue(type));

function transparencySaid({ bands, alpha }: Raster, valid: Uint8Array | null): string[] {
  if (alpha === null && valid === null) return [];
  const isOfNodata = alpha === null && bands.some(({ nodata }) => nodata !== null);
  return [`Its ${isOfNodata ? 'nodata value' : 'transparency'} was ignored.`];
}

function resizeSaid(from: Size, to: Size, type: ResizeType): string {
  const distorts = isSameShape(from, to) ? '' : ', which distorts it: it has another shape';
  return `It was resized from ${from.width} × ${from.height} to ${to.width} × ${to.height} (${type})${distorts}.`;
}

/** Returns whether one size is a scaled version of the other, with sides rounded to a pixel. */
function isSameShape(one: Size, other: Size): boolean {
  const becomes = (from: Size, to: Size) =>
    Math.round((from.height * to.width) / from.width) === to.height ||
    Math.round((from.width * to.height) / from.height) === to.width;
  return becomes(one, other) || becomes(other, one);
}

/** Returns the package's own resize type if it scales: a crop or pad would remove or add a border. */
function resizeTypeFor(own: ResizeType | null, from: Size, to: Size): ResizeType {
  if (own !== null && own !== 'crop' && own !== 'pad') return own;
  return from.width >= to.width && from.height >= to.height ? 'interpolation-area' : 'interpolation-linear';
}

/** Where sums of parts such as 1/3 end just below a half, which they are. */
const TIE = 1e-9;

/** Rounds new integer values half up, and clamps them to their type, because some kernels overshoot. */
function resizePlanes(planes: readonly Plane[], type: ResizeType, from: Size, source: ModelPackage['source']): Plane[] {
  const { bands, ...to } = source;
  const resize = makeResize(type, from, to);
  const values = new Float64Array(to.width * to.height);
  return planes.map((plane, band) => {
    const { dataType } = bands[band]!;
    const resized = makePlane(dataType, values.length);
    resize(plane, values);
    const { low, high } = rangeOf(dataType);
    if (isFloat(dataType) || !makesNewValues(type)) resized.set(values);
    else
      for (let i = 0; i < values.length; i += 1)
        resized[i] = Math.min(Math.max(Math.round(values[i]! + TIE), low), high);
    return resized;
  });
}

/**
 * Converts a picture to the bands that a package takes: one band is grey, three are red, green and blue (in the order of
 * their names if these are colours). Colours become grey, grey becomes colours, palettes and grey of fewer than 8 bits are
 * looked up, and 16 bits are reduced to 8 for bands of uint8: all as Pillow's `convert`. Rasters whose bands are described,
 * and packages of other bands, are matched as scenes are.
 * @returns the picture as a raster, and for each band of the package its index there
 * @throws {InvalidSceneFile} when the picture has other bands
 */
async function pictureColours(where: string, raster: Raster, wanted: readonly SourceBand[]) {
  const stored = [...raster.bands.keys()].filter((band) => band !== raster.alpha);
  const isDescribed = raster.bands.some(({ description }) => description !== null);
  const isPicture = stored.length === 1 || stored.length === 3;
  if (isDescribed || !isPicture || (wanted.length !== 1 && wanted.length !== 3))
    return { raster, warnings: [], ...matchBands(where, raster, wanted) };

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
  if (raster.colours === undefined && !isWide && (stored.length === 1 || wanted.length === 3))
    return { raster, bands: order.map((colour) => stored[colour] ?? stored[0]!), warnings };
  if (!isWhole) return { raster, warnings: [], ...matchBands(where, raster, wanted) };

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

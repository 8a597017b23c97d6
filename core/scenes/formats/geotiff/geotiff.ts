import { InvalidSceneFile, insteadOf, onError } from '../../../base/errors.ts';
import { MAX_TIFF_TAG_BYTES } from '../../../base/limits.ts';
import type { TimeTold } from '../../../base/time/acquired.ts';
import { NoImage } from '../../image/image.ts';
import { parseNodata } from '../../raster/nodata.ts';
import { readPieces } from '../../raster/planReads.ts';
import type { Block, Raster, RasterBand, RasterLimits, RasterSource, ReadBlocks } from '../../raster/raster.ts';
import { makeWindowReader } from '../../raster/windows.ts';
import { decodeBlock } from './block.ts';
import { type Directory, readDirectories } from './directories.ts';
import { parseMetadata } from './gdalTags.ts';
import { countControlPoints, readGeoKeys, readTransform } from './georeference.ts';
import { isSequential, type Layout, PHOTOMETRIC, readLayout } from './layout.ts';

/**
 * Opens a GeoTIFF, COG or BigTIFF: the image of its first directory, as GDAL does, with its mask and its overviews. Further
 * images are ignored. Blocks are read when a window needs them.
 *
 * Reads of the source ascend through the file if its blocks do, one row of blocks at a time.
 *
 * @throws {InvalidSceneFile} when the file is damaged, or in an unsupported encoding: the message lists supported ones
 */
export async function openGeoTiff(file: RasterSource, limits: RasterLimits): Promise<Raster> {
  const source = await keepHead(file);
  const { isLittleEndian, directories } = await readDirectories(source);
  const [directory] = directories as [Directory, ...Directory[]];
  const layoutOf = (of: Directory) => readLayout(of, isLittleEndian, source.size, limits);
  const readBlocks = makeReadBlocks(source);
  const geoKeys = await readGeoKeys(directory);
  const transform = await readTransform(directory, geoKeys);
  const controlPoints = transform === null ? await countControlPoints(directory) : 0;

  async function open(image: Layout, mask: Layout | null): Promise<Raster> {
    const { bands, times, together } = await readBands(directory, image);
    const alpha = alphaOf(image);
    const colours = await coloursOf(directory, image);
    const { width, height, type, blockWidth, blockHeight } = image;
    return {
      ...{ width, height, type, bands, geoKeys, transform, controlPoints, blockWidth, blockHeight, alpha, times },
      hasMask: mask !== null,
      photometric: SHOWN[image.photometric] ?? 'other',
      ...(colours && { colours }),
      isSequential: mask === null && isSequential(image),
      read: makeWindowReader({ image, mask, alpha, nodata: bands[0]!.nodata, together }, readBlocks, limits),
    };
  }

  const image = await layoutOf(directory);
  const raster = await open(image, await readMask(directories, image, layoutOf, false));
  return {
    ...raster,
    async overview(longestSide) {
      const overview = await findOverview(directories, longestSide);
      if (overview === undefined) return raster;
      const reduced = await layoutOf(overview);
      if (reduced.type !== image.type || reduced.samples !== image.samples)
        throw new InvalidSceneFile(
          `${overview.where}: found an overview of ${reduced.samples} bands of ${reduced.type}, allowed are the picture's ${image.samples} of ${image.type}`,
        );
      return { ...(await open(reduced, await readMask(directories, reduced, layoutOf, true))), transform: null };
    },
  };
}

/** Numbers of a colour table of 16 bits, the largest. */
const MAX_COLOURS = 3 * 2 ** 16;

/** Values of ExtraSamples; other values mean ordinary bands. */
const [ASSOCIATED_ALPHA, UNASSOCIATED_ALPHA] = [1, 2];

/** Returns the index of the alpha band. Extra samples come after the colours. */
function alphaOf({ samples, extraSamples }: Layout): number | null {
  const found = extraSamples.findIndex((kind) => kind === ASSOCIATED_ALPHA || kind === UNASSOCIATED_ALPHA);
  const band = samples - extraSamples.length + found;
  return found < 0 || band < 0 ? null : band;
}

/** Bits of NewSubfileType. */
const [REDUCED, MASK] = [1, 4];

async function kindOf(directory: Directory): Promise<{ isReduced: boolean; isMask: boolean }> {
  const bits = (await directory.number('NewSubfileType')) ?? 0;
  return { isReduced: (bits & REDUCED) !== 0, isMask: (bits & MASK) !== 0 };
}

/** Returns an image's mask: of the full size the first, which must fit; of an overview that of its size; or null. */
async function readMask(
  [, ...others]: readonly Directory[],
  { width, height }: Layout,
  layoutOf: (directory: Directory) => Promise<Layout>,
  ofOverview: boolean,
): Promise<Layout | null> {
  for (const directory of others) {
    const { isReduced, isMask } = await kindOf(directory);
    if (!isMask || isReduced !== ofOverview) continue;
    if (ofOverview && (await directory.number('ImageWidth')) !== width) continue;
    const mask = await layoutOf(directory);
    if (mask.width === width && mask.height === height && mask.samples === 1 && mask.type === 'uint8') return mask;
    if (!ofOverview)
      throw new InvalidSceneFile(
        `${directory.where}: found a mask of ${mask.width} × ${mask.height} pixels, ${mask.samples} bands of ${mask.type}, allowed is one of the picture's ${width} × ${height}, 1 band of uint8`,
      );
  }
  return null;
}

/** Returns the smallest overview whose longer side has at least `longestSide` pixels; undefined if none has. */
async function findOverview([, ...others]: readonly Directory[], longestSide: number): Promise<Directory | undefined> {
  let found: { directory: Directory; side: number } | undefined;
  for (const directory of others) {
    const { isReduced, isMask } = await kindOf(directory);
    if (!isReduced || isMask) continue;
    const [width = 0, height = 0] = [await directory.number('ImageWidth'), await directory.number('ImageLength')];
    const side = Math.max(width, height);
    if (side >= longestSide && (found === undefined || side < found.side)) found = { directory, side };
  }
  return found?.directory;
}

/** Returns the bands, and when the image was acquired; the tag DateTime may as well say when the file was made. */
async function readBands(directory: Directory, { samples, type }: Layout) {
  const metadata = (await directory.text('GdalMetadata', MAX_TIFF_TAG_BYTES)) ?? '';
  const written = await directory.text('GdalNodata', MAX_TIFF_TAG_BYTES);
  const nodata = written === undefined ? null : parseNodata(written, type);
  const { bands, acquired, noData } = parseMetadata(metadata, samples);
  const together = noData.map((one) => parseNodata(one, type)).filter((one) => one !== null);
  const dateTime = await directory.text('DateTime', MAX_TIFF_TAG_BYTES).catch(onError(InvalidSceneFile, () => ''));
  const times: TimeTold[] = [
    { by: 'ACQUISITIONDATETIME', start: acquired },
    { by: 'TIFFTAG_DATETIME', start: dateTime ?? '' },
  ];
  return {
    bands: bands.map((band): RasterBand => ({ ...band, nodata })),
    times,
    together: together.length === samples ? together : [],
  };
}

/**
 * Returns the colour table of a palette, of grey of fewer than 8 bits, and of grey whose 0 is white, for whoever shows or
 * takes it as a picture; undefined for other values. Of a palette's 16 bits the upper 8 count, as in Pillow.
 */
async function coloursOf(directory: Directory, { samples, bits, type, photometric }: Layout) {
  if (samples !== 1 || type !== 'uint8') return undefined;
  const [entries, isInverted] = [2 ** bits, photometric === PHOTOMETRIC.minIsWhite];
  if (photometric === PHOTOMETRIC.palette) {
    const stored = await directory.numbers('ColorMap', MAX_COLOURS);
    if (stored?.length !== 3 * entries) return undefined;
    return Uint8Array.from(stored, (_, i) => stored[(i % 3) * entries + Math.floor(i / 3)]! >> 8);
  }
  if (bits === 8 && !isInverted) return undefined;
  const grey = (i: number) => Math.floor(i / 3) * (255 / (entries - 1));
  return Uint8Array.from({ length: 3 * entries }, (_, i) => (isInverted ? 255 - grey(i) : grey(i)));
}

/** What the values represent, by their photometric interpretation; JPEG's YCbCr is read as RGB. */
const SHOWN: { readonly [photometric: number]: Raster['photometric'] } = {
  [PHOTOMETRIC.minIsWhite]: 'minIsWhite',
  [PHOTOMETRIC.minIsBlack]: 'minIsBlack',
  [PHOTOMETRIC.rgb]: 'rgb',
  [PHOTOMETRIC.palette]: 'palette',
  [PHOTOMETRIC.ycbcr]: 'rgb',
};

/** Makes the function that reads blocks of a TIFF; neighbouring blocks share a request. */
function makeReadBlocks(source: RasterSource): ReadBlocks<Layout> {
  const where = ({ of, block }: Block<Layout>) => `${of.where}: block ${block}`;
  return async (wanted, take) => {
    const pieces = wanted.map((what) => {
      const { of, block } = what;
      return { offset: of.offsets[block]!, length: of.byteCounts[block]!, what };
    });
    for await (const { what, bytes } of readPieces(source, pieces, where)) {
      const { of, block } = what;
      const damaged = ({ message }: NoImage) =>
        new InvalidSceneFile(`${where(what)} at byte ${of.offsets[block]}: ${message}`);
      take(what, await decodeBlock(of, block, bytes).catch(insteadOf(NoImage, damaged)));
    }
  };
}

/** Most COGs' directories are no longer than this. */
const HEAD_BYTES = 32 * 1024;

/** Reads a file's start once and caches it: directories and the first blocks are there, so the other reads ascend. */
async function keepHead({ key, size, range }: RasterSource): Promise<RasterSource> {
  const head = await range(0, Math.min(HEAD_BYTES, size));
  return {
    key,
    size,
    async range(offset, length) {
      if (offset >= head.length) return range(offset, length);
      if (offset + length <= head.length) return head.subarray(offset, offset + length);
      const rest = await range(head.length, offset + length - head.length);
      return new Uint8Array(Buffer.concat([head.subarray(offset), rest]));
    },
  };
}

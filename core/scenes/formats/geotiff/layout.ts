import { arrays } from '../../../arrays/dataTypes.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import * as limits from '../../../base/limits.ts';
import type { Blocks, RasterLimits, RasterType } from '../../raster/raster.ts';
import { bandsInBlock, makeRasterValues, rowOf } from '../../raster/raster.ts';
import { type Codec, codecOf, LERC_PACKINGS, LERC_TYPES } from './codecs.ts';
import type { Directory } from './directories.ts';

export type Layout = Awaited<ReturnType<typeof readLayout>>;

export const PHOTOMETRIC = { minIsWhite: 0, minIsBlack: 1, rgb: 2, palette: 3, mask: 4, ycbcr: 6 } as const;

/** Reads how an image's blocks are encoded. Throws `InvalidSceneFile` if that is invalid or unsupported. */
export async function readLayout(directory: Directory, isLittleEndian: boolean, size: number, allowed: RasterLimits) {
  const { maxBlockBytes } = allowed;
  const { where } = directory;
  const number = async (...[tag, otherwise]: [Parameters<Directory['number']>[0], number?]) => {
    const found = (await directory.number(tag)) ?? otherwise;
    if (found === undefined) throw new InvalidSceneFile(`${where}: has no ${tag}`);
    return found;
  };
  const positive = async (...[tag, otherwise]: Parameters<typeof number>) => {
    const found = await number(tag, otherwise);
    if (!(found >= 1) || !Number.isInteger(found))
      throw new InvalidSceneFile(`${where}: found ${found} as ${tag}, allowed are whole numbers from 1`);
    return found;
  };
  const [width, height] = [await positive('ImageWidth'), await positive('ImageLength')];
  if (width * height > limits.MAX_RASTER_PIXELS)
    throw new InvalidSceneFile(
      `${where}: found ${width} × ${height} pixels, allowed are at most ${limits.MAX_RASTER_PIXELS}. Send it in parts, each a window of it: gdal_translate -srcwin 0 0 10000 10000 in.tif out.tif`,
    );
  const samples = await positive('SamplesPerPixel', 1);
  if (samples > limits.MAX_BANDS)
    throw new InvalidSceneFile(`${where}: found ${samples} bands, allowed are at most ${limits.MAX_BANDS}`);

  const bits = same(where, 'BitsPerSample', (await directory.numbers('BitsPerSample', limits.MAX_BANDS)) ?? [1]);
  const format = same(where, 'SampleFormat', (await directory.numbers('SampleFormat', limits.MAX_BANDS)) ?? [1]);
  const type = typeOf(where, bits, format);
  const planar = await number('PlanarConfiguration', 1);
  if (planar !== 1 && planar !== 2)
    throw new InvalidSceneFile(`${where}: found PlanarConfiguration ${planar}, allowed are 1 and 2`);
  const isBandSeparate = planar === 2 && samples > 1;
  const fillOrder = await number('FillOrder', 1);
  if (fillOrder !== 1) throw refused(where, `found FillOrder ${fillOrder}, allowed is 1`, 'COMPRESS=DEFLATE');

  const codec = codecOf(where, await number('Compression', 1));
  const photometric = await number('PhotometricInterpretation', PHOTOMETRIC.minIsBlack);
  checkColours(where, codec, photometric, bits, bandsInBlock({ isBandSeparate, samples }));
  const lercPacking = LERC_PACKINGS[(await directory.numbers('LercParameters', limits.MAX_TIFF_TAGS))?.[1] ?? 0];
  const isOfLerc = LERC_TYPES.some((lerc) => lerc === type && lerc.endsWith(`${bits}`));
  if (lercPacking === undefined || (codec.name === 'LERC' && !isOfLerc))
    throw new InvalidSceneFile(
      `${where}: found LERC of ${type} in ${bits} bits, allowed are values of 8 to 32 bits and float64, as they are, deflated or in Zstd. Write it without LERC.`,
    );
  const predictor = codec.hasPredictor ? await number('Predictor', 1) : 1;
  if (predictor !== 1 && predictor !== 2 && predictor !== 3)
    throw notReadEither(where, `found Predictor ${predictor}, allowed are 1, 2 and 3`);
  if ((predictor === 2 && ![8, 16, 32, 64].includes(bits)) || (predictor === 3 && format !== 3))
    throw notReadEither(
      where,
      `found Predictor ${predictor} for values of ${bits} bits (${type}), allowed are 2 for 8, 16, 32 and 64 bits and 3 for floats`,
    );

  const isTiled = directory.has('TileWidth');
  const blockWidth = isTiled ? await positive('TileWidth') : width;
  let blockHeight = isTiled ? await positive('TileLength') : Math.min(height, await positive('RowsPerStrip', height));
  const rowBytes = bytesPerRow({ blockWidth, isBandSeparate, samples, bits });
  const across = Math.ceil(width / blockWidth);
  let down = Math.ceil(height / blockHeight);
  const planes = isBandSeparate ? samples : 1;
  const blocks = () => across * down * planes;
  checkCount(where, blocks());
  const counts = await locations(directory, isTiled ? 'TileByteCounts' : 'StripByteCounts', blocks());
  let offsets = await locations(directory, isTiled ? 'TileOffsets' : 'StripOffsets', blocks());
  if (offsets === undefined) throw new InvalidSceneFile(`${where}: does not say where its blocks are`);
  const isRaw = codec.name === 'none';
  if (counts === undefined && !isRaw) throw new InvalidSceneFile(`${where}: does not say how long its blocks are`);
  let byteCounts = counts ?? new Float64Array(blocks()).fill(rowBytes * blockHeight);
  // A single strip of no bytes is one whose writer did not know how many, as for libtiff.
  if (!isTiled && blocks() === 1 && byteCounts[0] === 0 && offsets[0] !== 0)
    byteCounts = Float64Array.of(isRaw ? rowBytes * height : size - offsets[0]!);

  // A single uncompressed strip can be split at any row: a large one is read in pieces.
  if (isRaw && !isTiled && down === 1 && rowBytes * blockHeight > PIECE_BYTES) {
    const rows = Math.max(1, Math.floor(PIECE_BYTES / rowBytes));
    const pieces = Math.ceil(height / rows);
    checkCount(where, pieces * planes);
    const [starts, lengths] = [offsets, byteCounts];
    [blockHeight, down] = [rows, pieces];
    offsets = new Float64Array(blocks());
    byteCounts = new Float64Array(blocks());
    for (let i = 0; i < offsets.length; i += 1) {
      const plane = Math.floor(i / pieces);
      const before = (i % pieces) * rows * rowBytes;
      if (starts[plane] === 0 || lengths[plane] === 0) continue;
      offsets[i] = starts[plane]! + before;
      byteCounts[i] = Math.max(1, Math.min(rows * rowBytes, lengths[plane]! - before));
    }
  }
  const values = blockWidth * bandsInBlock({ isBandSeparate, samples });
  const blockBytes = Math.max(rowBytes, values * makeRasterValues(type, 0).BYTES_PER_ELEMENT) * blockHeight;
  if (blockBytes > maxBlockBytes)
    throw refused(
      where,
      `found blocks of ${blockWidth} × ${blockHeight} pixels, ${blockBytes} bytes each, allowed are at most ${maxBlockBytes}`,
      'TILED=YES',
    );
  const layout = {
    // `bits` are those of a stored value; of `type` are values as read: 16-bit floats are float32, integers of other bits the next wider type.
    ...{ where, width, height, samples, bits, type, codec, predictor, photometric, isLittleEndian, isBandSeparate },
    ...{ blockWidth, blockHeight, across, down, offsets, byteCounts },
    // Tiles that hang over the edge are stored whole; the last strip ends with the image.
    rowsOf: (block: number) =>
      isTiled ? blockHeight : Math.min(blockHeight, height - rowOf({ across, down }, block) * blockHeight),
    isStored: (block: number) => offsets[block] !== 0 && byteCounts[block] !== 0,
    jpegTables: (codec.name === 'JPEG' && (await directory.bytes('JPEGTables', limits.MAX_TIFF_TAG_BYTES))) || null,
    lercPacking,
    extraSamples: [...((await directory.numbers('ExtraSamples', limits.MAX_BANDS)) ?? [])],
  };
  checkBlocks(layout, size, maxBlockBytes);
  return layout;
}

type Rows = Pick<Blocks, 'blockWidth' | 'isBandSeparate' | 'samples'>;

export const bytesPerRow = (of: Rows & { readonly bits: number }): number =>
  Math.ceil((of.blockWidth * bandsInBlock(of) * of.bits) / 8);

/** Returns whether an image's blocks, in row order with all bands, are in ascending order in the file. */
export function isSequential({ isBandSeparate, offsets }: Layout): boolean {
  if (isBandSeparate) return false;
  let last = 0;
  for (const offset of offsets) {
    if (offset === 0) continue; // not stored
    if (offset < last) return false;
    last = offset;
  }
  return true;
}

/** Returns the error for something unsupported, with a command that converts it. */
export const refused = (where: string, what: string, option: string): InvalidSceneFile =>
  new InvalidSceneFile(`${where}: ${what}. Convert it: gdal_translate -co ${option} in.tif out.tif`);

/** Returns the error for something that GDAL, as distributions have it, does not read either. */
const notReadEither = (where: string, what: string): InvalidSceneFile =>
  new InvalidSceneFile(`${where}: ${what}. Write it anew with one of these.`);

/** The size to which libtiff splits such strips: small enough for cheap windows, large enough for a request. */
const PIECE_BYTES = 1024 ** 2;

function checkCount(where: string, blocks: number): void {
  if (blocks > limits.MAX_RASTER_BLOCKS)
    throw refused(where, `found ${blocks} blocks, allowed are at most ${limits.MAX_RASTER_BLOCKS}`, 'TILED=YES');
}

async function locations(directory: Directory, tag: Parameters<Directory['numbers']>[0], blocks: number) {
  const found = await directory.numbers(tag, limits.MAX_RASTER_BLOCKS);
  if (found !== undefined && found.length < blocks)
    throw new InvalidSceneFile(
      `${directory.where}: found ${found.length} values of ${tag}, its ${blocks} blocks need as many`,
    );
  return found;
}

/** Checks, before any block is read, that each lies within the file and can hold its values. */
function checkBlocks(layout: Layout, size: number, maxBlockBytes: number): void {
  const { where, offsets, byteCounts, codec, across, down, isBandSeparate, samples } = layout;
  const rowBytes = bytesPerRow(layout);
  const blocks = across * down * (isBandSeparate ? samples : 1);
  for (let block = 0; block < blocks; block += 1) {
    const [offset, length] = [offsets[block]!, byteCounts[block]!];
    if (offset === 0 || length === 0) continue;
    const at = `${where}: block ${block} at byte ${offset}`;
    if (!(offset > 0 && length > 0 && Number.isInteger(offset) && Number.isInteger(length)))
      throw new InvalidSceneFile(`${at}: found ${length} bytes, allowed are whole numbers from 1`);
    if (length > maxBlockBytes)
      throw new InvalidSceneFile(`${at}: found ${length} bytes, allowed are at most ${maxBlockBytes}`);
    if (offset + length > size)
      throw new InvalidSceneFile(`${at}: is cut short: it has ${length} bytes, the file ends at byte ${size}`);
    const values = rowBytes * layout.rowsOf(block);
    if (length * codec.mostPerByte < values)
      throw new InvalidSceneFile(`${at}: is damaged: its ${length} bytes cannot hold ${values} bytes of values`);
  }
}

function same(where: string, tag: string, values: ArrayLike<number>): number {
  for (let i = 1; i < values.length; i += 1)
    if (values[i] !== values[0])
      throw new InvalidSceneFile(
        `${where}: found ${values[0]} and ${values[i]} as ${tag}, allowed is one for all bands. Write each such band into a file of its own.`,
      );
  return values[0]!;
}

/** Returns the type for a SampleFormat: unsigned and signed integers, floats; 4 is undefined, which GDAL takes as unsigned. */
function typeOf(where: string, bits: number, format: number): RasterType {
  const kind = { 1: 'uint', 2: 'int', 3: 'float', 4: 'uint' }[format];
  if (format === 5 || format === 6)
    throw new InvalidSceneFile(
      `${where}: found complex numbers, allowed are whole numbers and floats. Convert it: gdal_translate -ot Float32 DERIVED_SUBDATASET:AMPLITUDE:in.tif out.tif`,
    );
  if (kind === 'float' && bits === 16) return 'float32';
  const held = kind === 'uint' && bits > 0 && bits < 32 ? [8, 16, 32].find((most) => bits <= most) : bits;
  const type = `${kind}${held}`;
  if (!isRasterType(type)) {
    const found = `found ${kind ?? `SampleFormat ${format}`} of ${bits} bits, allowed are uint of 1 to 32 and 64, int of 8, 16, 32 and 64 and float of 16, 32 and 64 bits`;
    throw kind === 'float' && bits === 24 ? refused(where, found, 'NBITS=32') : notReadEither(where, found);
  }
  return type;
}

const isRasterType = (type: string): type is RasterType =>
  Object.hasOwn(arrays, type) || type === 'int64' || type === 'uint64';

/** Colours that GDAL converts to RGB; it reads all others as stored. */
const CONVERTED: { readonly [photometric: number]: string } = { 5: 'CMYK', 8: 'CIELAB', 9: 'ICCLAB', 10: 'ITULAB' };

/** Checks that a block's colours can be read; YCbCr only if the JPEG decoder converts it to RGB. */
function checkColours(where: string, { name }: Codec, photometric: number, bits: number, inBlock: number): void {
  const convert = 'COMPRESS=DEFLATE';
  const notRead = CONVERTED[photometric];
  if (notRead !== undefined)
    throw refused(where, `found colours in ${notRead}, allowed are grey, RGB, palettes and JPEG's YCbCr`, convert);
  if (name !== 'JPEG') {
    if (photometric === PHOTOMETRIC.ycbcr)
      throw refused(where, 'found YCbCr without JPEG, allowed is YCbCr with JPEG alone', convert);
    return;
  }
  if (bits !== 8) throw notReadEither(where, `found JPEG of ${bits} bits, allowed are 8`);
  if (inBlock > 4) throw notReadEither(where, `found JPEG of ${inBlock} bands together, allowed are 1 to 4`);
  const known: readonly number[] = [PHOTOMETRIC.minIsWhite, PHOTOMETRIC.minIsBlack, PHOTOMETRIC.rgb, PHOTOMETRIC.ycbcr];
  if (!known.includes(photometric) || (photometric === PHOTOMETRIC.ycbcr && inBlock !== 3))
    throw notReadEither(
      where,
      `found JPEG of PhotometricInterpretation ${photometric}, allowed are grey, RGB and YCbCr`,
    );
}

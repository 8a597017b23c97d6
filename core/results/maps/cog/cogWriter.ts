import { bytesPerValue } from '../../../arrays/dataTypes.ts';
import type { CogSpec, PaletteColour, Scratch } from './cogSpec.ts';
import { encodeDirectories, type Field } from './directory.ts';
import { geoFields, metadataFields, nodataFields } from './fields.ts';
import { LEADER_BYTES, type Level, makeLevels, TRAILER_BYTES } from './levels.ts';
import type { Deflate, TileShape } from './tile.ts';

export type CogWriter = ReturnType<typeof makeCogWriter>;

export type CogOptions = {
  /** The side of a tile in pixels, a multiple of 16; by default 512, or 256 if the image fits into such a tile. */
  readonly tileSize?: number;
  readonly forceBigTiff?: boolean;
  readonly deflate?: Deflate | undefined;
};

const MAX_CHUNK_BYTES = 8 * 1024 ** 2;

/**
 * Writes a Cloud Optimized GeoTIFF in the layout of GDAL's COG driver: deflated tiles, pixel-interleaved bands, and
 * overviews by powers of two until one fits a tile. It keeps two rows of tiles in memory (2 × tile side × width × bands
 * × bytes of a value); compressed tiles wait in `scratch`. The same rows give the same bytes, however they are split.
 *
 * Measurements are stored as differences (predictor 2 for integers, 3 for floats). Classes, that is integers whose
 * overviews are not averages, are not, because differences do not help there.
 */
export function makeCogWriter(spec: CogSpec, scratch: Scratch, options: CogOptions = {}) {
  const { width, height, dataType, bands, resampling } = spec;
  const { tileSize = Math.max(width, height) <= 256 ? 256 : 512, forceBigTiff = false, deflate } = options;
  // Rounded to the type in which values are stored and compared.
  const nodata = spec.nodata !== null && dataType === 'float32' ? Math.fround(spec.nodata) : spec.nodata;
  const predictor = dataType.startsWith('float') ? 3 : resampling === 'average' ? 2 : 1;
  const shape: TileShape = { dataType, bands: bands.length, tileSize, fill: nodata ?? 0, predictor, deflate };
  const { levels, take } = makeLevels({ width, height, shape, resampling, nodata }, scratch);

  return {
    /** Takes the next rows of each band, `rows × width` values from the top down; they may be changed once this resolves. */
    addRows: take,
    /** The file, after all rows, in pieces of up to 8 MiB, which can be iterated repeatedly while the scratch exists. */
    finish() {
      const { head, size } = encodeHead(spec, levels, shape, forceBigTiff);
      return { size, chunks: { [Symbol.asyncIterator]: () => chunksOf(head, levels, scratch) } };
    },
  };
}

async function* chunksOf(head: Uint8Array, levels: readonly Level[], scratch: Scratch): AsyncGenerator<Uint8Array> {
  yield head;
  for (const { runs } of levels.toReversed())
    for (const { offset, length } of runs)
      for (let start = 0; start < length; start += MAX_CHUNK_BYTES)
        yield await scratch.read(offset + start, Math.min(MAX_CHUNK_BYTES, length - start));
}

/**
 * The text that GDAL writes after a COG's header: directories precede data, tiles are in row order, preceded by their size
 * and followed by their repeated last bytes. The space is kept because editing the file turns NO into YES.
 * https://gdal.org/en/stable/drivers/raster/cog.html#header-ghost-area
 */
const STRUCTURE = [
  'LAYOUT=IFDS_BEFORE_DATA',
  'BLOCK_ORDER=ROW_MAJOR',
  'BLOCK_LEADER=SIZE_AS_UINT4',
  'BLOCK_TRAILER=LAST_4_BYTES_REPEATED',
  'KNOWN_INCOMPATIBLE_EDITION=NO',
  ' ',
].join('\n');
const GHOST = `GDAL_STRUCTURAL_METADATA_SIZE=${String(STRUCTURE.length).padStart(6, '0')} bytes\n${STRUCTURE}`;

/** Offsets of a classic TIFF are below this; a BigTIFF's need not be. */
const CLASSIC_BYTES = 2 ** 32;

/**
 * Encodes header and directories of a COG whose tiles follow immediately, the smallest overview first: the directory of the
 * image, and those of its overviews. Writes a BigTIFF if the file would be too large for a classic TIFF.
 */
export function encodeHead(spec: CogSpec, levels: readonly Level[], shape: TileShape, forceBigTiff: boolean) {
  const dataBytes = levels.flatMap(({ runs }) => runs).reduce((sum, { length }) => sum + length, 0);
  const encode = (isBig: boolean, offsets: readonly Float64Array[]) => {
    const directories = levels.map((level, i) => directoryOf(spec, level, offsets[i]!, shape, i > 0));
    const header = headerOf(isBig);
    return Buffer.concat([header, encodeDirectories(directories, header.length, isBig)]);
  };
  // Offsets do not affect the head's size, and the real ones may be too large for a classic TIFF.
  const none = levels.map(({ byteCounts }) => new Float64Array(byteCounts.length));
  const classicBytes = forceBigTiff ? Number.POSITIVE_INFINITY : encode(false, none).length;
  const isBig = classicBytes + dataBytes > CLASSIC_BYTES;
  const headBytes = isBig ? encode(true, none).length : classicBytes;
  return { head: encode(isBig, tileOffsets(levels, headBytes)), size: headBytes + dataBytes };
}

function headerOf(isBig: boolean): Buffer {
  const bytes = Buffer.alloc(isBig ? 16 : 8);
  bytes.write('II');
  const length = bytes.length + GHOST.length;
  const first = length + (length % 2);
  if (isBig) {
    bytes.writeUInt16LE(43, 2);
    bytes.writeUInt16LE(8, 4);
    bytes.writeBigUInt64LE(BigInt(first), 8);
  } else {
    bytes.writeUInt16LE(42, 2);
    bytes.writeUInt32LE(first, 4);
  }
  return Buffer.concat([bytes, Buffer.from(GHOST)], first);
}

const REDUCED = 1;
const DEFLATE = 8;
const [MIN_IS_BLACK, PALETTE] = [1, 3];
const PIXEL_INTERLEAVED = 1;
const UNSPECIFIED = 0;

function directoryOf(spec: CogSpec, level: Level, offsets: Float64Array, shape: TileShape, isOverview: boolean) {
  const { dataType, bands, palette, transform, geoKeys, nodata } = spec;
  const each = (value: number) => new Array<number>(bands.length).fill(value);
  const short = (tag: Field['tag'], ...values: number[]): Field => ({ tag, type: 'short', values });
  const long = (tag: Field['tag'], ...values: number[]): Field => ({ tag, type: 'long', values });
  const bits = 8 * bytesPerValue(dataType);
  const fields: Field[] = [
    long('ImageWidth', level.width),
    long('ImageLength', level.height),
    short('BitsPerSample', ...each(bits)),
    short('Compression', DEFLATE),
    short('PhotometricInterpretation', palette === undefined ? MIN_IS_BLACK : PALETTE),
    short('SamplesPerPixel', bands.length),
    short('PlanarConfiguration', PIXEL_INTERLEAVED),
    short('Predictor', shape.predictor),
    short('TileWidth', shape.tileSize),
    short('TileLength', shape.tileSize),
    { tag: 'TileOffsets', type: 'offset', values: offsets },
    { tag: 'TileByteCounts', type: 'long', values: level.byteCounts },
    short('SampleFormat', ...each(dataType.startsWith('float') ? 3 : dataType.startsWith('u') ? 1 : 2)),
    ...nodataFields(nodata),
  ];
  if (isOverview) fields.push(long('NewSubfileType', REDUCED));
  if (bands.length > 1) fields.push(short('ExtraSamples', ...each(UNSPECIFIED).slice(1)));
  if (palette !== undefined) fields.push({ tag: 'ColorMap', type: 'short', values: colourMap(palette, 2 ** bits) });
  if (!isOverview) fields.push(...geoFields(transform, geoKeys), ...metadataFields(spec));
  return fields;
}

/** Returns where each tile of each level is in the file, which has the smallest overview first. */
function tileOffsets(levels: readonly Level[], dataStart: number): Float64Array[] {
  let at = dataStart + LEADER_BYTES;
  const place = (bytes: number) => {
    const offset = at;
    at += bytes + TRAILER_BYTES + LEADER_BYTES;
    return offset;
  };
  return levels
    .toReversed()
    .map(({ byteCounts }) => Float64Array.from(byteCounts, place))
    .reverse();
}

/** Returns all reds, all greens and all blues, each from 0 to 65,535 (TIFF 6.0, section 5). */
function colourMap(palette: readonly PaletteColour[], values: number): Uint16Array {
  const map = new Uint16Array(3 * values);
  for (const { value, colour } of palette)
    for (const [channel, part] of colour.entries()) map[channel * values + value] = part * 257;
  return map;
}

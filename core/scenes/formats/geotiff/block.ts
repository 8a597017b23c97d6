import { planeOver } from '../../../arrays/dataTypes.ts';
import { NoImage } from '../../image/image.ts';
import { segmentsOf } from '../../image/jpegSegments.ts';
import { decodeMozjpeg } from '../../image/mozjpeg.ts';
import { bandsInBlock, makeRasterValues, type RasterValues } from '../../raster/raster.ts';
import { unpack } from './codecs.ts';
import { bytesPerRow, type Layout, PHOTOMETRIC } from './layout.ts';
import { decodeLerc } from './lerc.ts';
import { splitJpeg } from './splitJpeg.ts';

/** A block's rows of `blockWidth` pixels, interleaved or of one band, newly allocated. Throws `NoImage` if it cannot be decoded. */
export async function decodeBlock(layout: Layout, block: number, stored: Uint8Array): Promise<RasterValues> {
  const rows = layout.rowsOf(block);
  if (layout.codec.name === 'JPEG') return decodeJpeg(layout, rows, stored);
  if (layout.codec.name === 'LERC') {
    const values = await decodeLerc(layout, rows, stored);
    // libtiff encodes the values of a big-endian file in that byte order.
    if (!layout.isLittleEndian) swap(new Uint8Array(values.buffer), values.BYTES_PER_ELEMENT);
    return values;
  }
  const rowBytes = bytesPerRow(layout);
  const bytes = unpack(layout.codec.name, stored, rows * rowBytes, layout.blockHeight * rowBytes);
  const size = layout.bits / 8;
  if (!layout.isLittleEndian && layout.predictor !== 3) swap(bytes, size);
  if (![8, 16, 32, 64].includes(layout.bits))
    return apart(bytes, rows, layout, bandsInBlock(layout) * layout.blockWidth);
  if (layout.predictor !== 1) {
    const stride = bandsInBlock(layout);
    const shape = { rowValues: stride * layout.blockWidth, stride, bytesPerValue: size };
    (layout.predictor === 2 ? addUp : joinBytes)(bytes, shape);
  }
  return valuesOver(layout, bytes);
}

/** Unpacks values of fewer bits than their type has, most significant bits first. Each row starts on a byte boundary. */
function apart(bytes: Uint8Array, rows: number, { bits, type }: Layout, rowValues: number): RasterValues {
  const values = makeRasterValues(type, rows * rowValues);
  const rowBytes = bytes.length / rows;
  for (let row = 0, to = 0; row < rows; row += 1)
    for (let i = 0, at = row * rowBytes, held = 0, left = 0; i < rowValues; i += 1) {
      for (; left < bits; left += 8) held = held * 256 + bytes[at++]!;
      left -= bits;
      values[to++] = Math.floor(held / 2 ** left);
      held %= 2 ** left;
    }
  return values;
}

function swap({ buffer, byteOffset, length }: Uint8Array, size: number): void {
  const bytes = Buffer.from(buffer, byteOffset, length);
  if (size === 2) bytes.swap16();
  if (size === 3) for (let i = 0; i + 2 < length; i += 3) [bytes[i], bytes[i + 2]] = [bytes[i + 2]!, bytes[i]!];
  if (size === 4) bytes.swap32();
  if (size === 8) bytes.swap64();
}

function valuesOver({ type, bits }: Layout, bytes: Uint8Array): RasterValues {
  const { buffer, byteOffset, length } = bytes;
  if (type === 'float32' && bits === 16) return new Float32Array(new Float16Array(buffer, byteOffset, length / 2));
  if (type === 'uint64') return new BigUint64Array(buffer, byteOffset, length / 8);
  return type === 'int64' ? new BigInt64Array(buffer, byteOffset, length / 8) : planeOver(type, bytes);
}

/**
 * Decodes a JPEG-in-TIFF block (Technical Note 2 to TIFF 6.0): tables may be stored once for all blocks, and the TIFF, not
 * the JPEG, decides whether three components are YCbCr.
 * @returns rows of bytes, pixel-interleaved
 * @throws {NoImage} when the block cannot be decoded
 */
async function decodeJpeg(layout: Layout, rows: number, block: Uint8Array): Promise<Uint8Array> {
  const { blockWidth, blockHeight, jpegTables, photometric } = layout;
  const components = bandsInBlock(layout);
  const shared = jpegTables === null ? [] : segmentsOf(jpegTables).segments;
  const { segments, frame, scan } = segmentsOf(block);
  if (frame === null || scan === null) throw new NoImage('has no picture in its JPEG');
  const fits = frame.width === blockWidth && frame.height >= rows && frame.height <= blockHeight;
  if (!fits || frame.components !== components)
    throw new NoImage(
      `found a JPEG of ${frame.width} × ${frame.height} pixels and ${frame.components} components, allowed are ${blockWidth} × ${rows} and ${components}`,
    );
  const bytes = rows * blockWidth * components;
  if (components !== 1 && components !== 3) {
    const values = new Uint8Array(blockWidth * frame.height * components);
    for (const [band, jpeg] of splitJpeg({ segments, frame, scan, exif: null }, shared).entries()) {
      const plane = await decodeMozjpeg(jpeg, { ...frame, components: 1 });
      for (let i = 0; i < plane.length; i += 1) values[i * components + band] = plane[i]!;
    }
    return values.subarray(0, bytes);
  }
  const jpeg = new Uint8Array(
    Buffer.concat([START, photometric === PHOTOMETRIC.ycbcr ? YCBCR : AS_THEY_ARE, ...shared, ...segments, scan]),
  );
  return (await decodeMozjpeg(jpeg, frame)).subarray(0, bytes);
}

const START = Uint8Array.of(0xff, 0xd8);
/** Adobe's marker, from which libjpeg takes whether three components are YCbCr: its last byte says so. */
const ADOBE = [0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0];
const YCBCR = Uint8Array.from([...ADOBE, 1]);
const AS_THEY_ARE = Uint8Array.from([...ADOBE, 0]);

/** Rows of `rowValues` values, each of which an encoder predicted from that `stride` before it, to compress better. */
type Rows = { readonly rowValues: number; readonly stride: number; readonly bytesPerValue: number };

/** Predictor 2: values are differences from those before (TIFF 6.0, section 14). Expects the machine's byte order. */
function addUp(bytes: Uint8Array, { rowValues, stride, bytesPerValue }: Rows): void {
  const { buffer, byteOffset, length } = bytes;
  if (bytesPerValue === 8) addUp64(new Uint32Array(buffer, byteOffset, length / 4), rowValues, stride);
  else if (bytesPerValue === 4) addUpRows(new Uint32Array(buffer, byteOffset, length / 4), rowValues, stride);
  else if (bytesPerValue === 2) addUpRows(new Uint16Array(buffer, byteOffset, length / 2), rowValues, stride);
  else addUpRows(bytes, rowValues, stride);
}

/** Calls a function per row, so that the engine compiles it soon. */
function addUpRows(values: Uint8Array | Uint16Array | Uint32Array, rowValues: number, stride: number): void {
  for (let row = 0; row < values.length; row += rowValues)
    if (stride === 1) addUpRow(values, row, row + rowValues);
    else addUpRowOf(stride, values, row + stride, row + rowValues);
}

function addUpRow(values: Uint8Array | Uint16Array | Uint32Array, start: number, end: number): void {
  let sum = 0;
  for (let i = start; i < end; i += 1) {
    sum = (sum + values[i]!) | 0;
    values[i] = sum;
  }
}

function addUpRowOf(stride: number, values: Uint8Array | Uint16Array | Uint32Array, start: number, end: number): void {
  for (let i = start; i < end; i += 1) values[i] = values[i]! + values[i - stride]!;
}

/** Adds 64-bit values as two halves, the lower first, because BigInts would be allocated one by one. */
function addUp64(halves: Uint32Array, rowValues: number, stride: number): void {
  for (let row = 0; row < halves.length; row += 2 * rowValues)
    for (let i = row + 2 * stride; i < row + 2 * rowValues; i += 2) {
      const low = halves[i]! + halves[i - 2 * stride]!;
      halves[i] = low;
      halves[i + 1] = halves[i + 1]! + halves[i + 1 - 2 * stride]! + (low > 0xffffffff ? 1 : 0);
    }
}

/**
 * Predictor 3, for floats (Adobe Photoshop TIFF Technical Note 3): each row stores all the most significant bytes first,
 * then all the next, each as the difference from the byte before it. The result is little-endian, whatever the file is.
 */
function joinBytes(bytes: Uint8Array, { rowValues, stride, bytesPerValue }: Rows): void {
  const rowBytes = rowValues * bytesPerValue;
  const row = new Uint8Array(rowBytes);
  for (let start = 0; start < bytes.length; start += rowBytes) {
    row.set(bytes.subarray(start, start + rowBytes));
    for (let i = stride; i < rowBytes; i += 1) row[i] = row[i]! + row[i - stride]!;
    for (let byte = 0; byte < bytesPerValue; byte += 1) {
      let from = (bytesPerValue - 1 - byte) * rowValues;
      for (let to = start + byte; to < start + rowBytes; to += bytesPerValue) bytes[to] = row[from++]!;
    }
  }
}

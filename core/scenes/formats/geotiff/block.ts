import { planeOver } from '../../../arrays/dataTypes.ts';
import { bandsInBlock } from '../../raster/blocks.ts';
import { makeRasterValues, type RasterValues } from '../../raster/raster.ts';
import { unpack } from './codecs.ts';
import { decodeJpeg } from './jpeg.ts';
import { bytesPerRow, type Layout } from './layout.ts';
import { decodeLerc } from './lerc.ts';
import { addUp, joinBytes } from './predictor.ts';

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

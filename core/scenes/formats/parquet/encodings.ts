/**
 * Decoders for a page's values. https://parquet.apache.org/docs/file-format/data-pages/encodings/
 * Each reads exactly the number of values that the page is said to hold, and throws a RangeError if its bytes end too
 * early. They replace the library's own decoders, which trust the run lengths in damaged bytes.
 */

export type Reader = { readonly bytes: Uint8Array; readonly view: DataView; at: number };

export function readerOf(bytes: Uint8Array): Reader {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
}

export function take(reader: Reader, length: number): Uint8Array {
  if (!(length >= 0 && reader.at + length <= reader.bytes.length)) throw new RangeError('a page ends too soon');
  reader.at += length;
  return reader.bytes.subarray(reader.at - length, reader.at);
}

/** Decodes integers of `width` bits (RLE / bit-packing hybrid). */
export function hybrid(reader: Reader, width: number, count: number): Uint32Array {
  const values = new Uint32Array(count);
  if (width > 32) throw new RangeError(`numbers of ${width} bits`);
  for (let have = 0; have < count; ) {
    const head = counted(reader);
    if (head % 2 === 1) {
      const [packed, wanted] = [((head - 1) / 2) * 8, count - have];
      const bytes = take(reader, Math.min(((head - 1) / 2) * width, reader.bytes.length - reader.at));
      const taken = Math.min(packed, wanted);
      if (packed === 0) throw new RangeError('an empty run');
      if (Math.ceil((taken * width) / 8) > bytes.length) throw new RangeError('a page ends too soon');
      for (let i = 0; i < taken; i += 1) values[have + i] = bitsAt(bytes, i * width, width);
      have += taken;
    } else {
      const run = Math.min(head / 2, count - have);
      if (run === 0) throw new RangeError('an empty run');
      values.fill(bitsAt(take(reader, Math.ceil(width / 8)), 0, 8 * Math.ceil(width / 8)), have, have + run);
      have += run;
    }
  }
  return values;
}

/** Returns the number of up to 32 bits that begins at a bit, lowest bits first. */
function bitsAt(bytes: Uint8Array, start: number, width: number): number {
  let value = 0;
  for (let have = 0; have < width; ) {
    const at = start + have;
    const some = Math.min(8 - (at & 7), width - have);
    value += ((bytes[at >> 3]! >> (at & 7)) & ((1 << some) - 1)) * 2 ** have;
    have += some;
  }
  return value;
}

function varint(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = take(reader, 1)[0]!;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw new RangeError('an unterminated number');
}

/** Exact up to 2^53, which no count reaches. */
const counted = (reader: Reader): number => Number(varint(reader));

function zigzag(reader: Reader): bigint {
  const value = varint(reader);
  return (value >> 1n) ^ -(value & 1n);
}

/** Decodes 32-bit or 64-bit integers from their differences (DELTA_BINARY_PACKED). */
export function deltas(reader: Reader, bits: 32 | 64, count: number): bigint[] {
  const [blockSize, miniblocks, said] = [counted(reader), counted(reader), counted(reader)];
  const perMiniblock = blockSize / miniblocks;
  if (said < count || !(Number.isInteger(perMiniblock) && perMiniblock > 0 && perMiniblock % 8 === 0))
    throw new RangeError('its blocks of differences are invalid');
  let value = zigzag(reader);
  const values = count > 0 ? [value] : [];
  while (values.length < count) {
    const least = zigzag(reader);
    for (const width of take(reader, miniblocks)) {
      if (values.length >= said) break;
      if (width > bits) throw new RangeError(`differences of ${width} bits`);
      const packed = take(reader, (perMiniblock / 8) * width);
      for (let i = 0; i < perMiniblock && values.length < count; i += 1) {
        const low = BigInt(bitsAt(packed, i * width, Math.min(width, 32)));
        const high = width > 32 ? BigInt(bitsAt(packed, i * width + 32, width - 32)) << 32n : 0n;
        value = BigInt.asIntN(bits, value + least + low + high);
        values.push(value);
      }
    }
  }
  return values;
}

/** Reassembles values whose first bytes are stored together, then their second bytes, and so on (BYTE_STREAM_SPLIT). */
export function joinedStreams(reader: Reader, size: number, count: number): Reader {
  const split = take(reader, size * count);
  const joined = new Uint8Array(split.length);
  for (let byte = 0, at = 0; byte < size; byte += 1)
    for (let i = 0; i < count; i += 1, at += 1) joined[i * size + byte] = split[at]!;
  return readerOf(joined);
}

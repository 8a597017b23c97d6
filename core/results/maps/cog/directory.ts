import { TAG, type TagName } from '../../../scenes/formats/geotiff/tags.ts';

/** A tag's values. An offset is a LONG, or a LONG8 in a BigTIFF; a text is encoded as UTF-8 unless it is bytes. */
export type Field =
  | { readonly tag: TagName; readonly type: 'short' | 'long' | 'offset' | 'double'; readonly values: ArrayLike<number> }
  | { readonly tag: TagName; readonly type: 'ascii'; readonly text: string | Uint8Array };

/** TIFF 6.0, section 2, and BigTIFF's 16. */
const TYPES = { ascii: 2, short: 3, long: 4, double: 12, offset: 4 } as const;
const LONG8 = 16;

/** What differs in a BigTIFF: https://www.awaresystems.be/imaging/tiff/bigtiff.html */
const CLASSIC = { countBytes: 2, entryBytes: 12, wordBytes: 4 };
const BIG = { countBytes: 8, entryBytes: 20, wordBytes: 8 };

/** Encodes directories with their values, little-endian, from byte `start` on. Values do not change the size. */
export function encodeDirectories(directories: readonly (readonly Field[])[], start: number, isBig: boolean): Buffer {
  const parts: Buffer[] = [];
  let at = start;
  for (const [index, fields] of directories.entries()) {
    const encoded = encodeDirectory(fields, at, index === directories.length - 1, isBig);
    parts.push(encoded);
    at += encoded.length;
  }
  return Buffer.concat(parts);
}

function encodeDirectory(fields: readonly Field[], start: number, isLast: boolean, isBig: boolean): Buffer {
  const { countBytes, entryBytes, wordBytes } = isBig ? BIG : CLASSIC;
  const sorted = fields.toSorted((one, other) => TAG[one.tag] - TAG[other.tag]);
  const values = sorted.map((field) => encodeValues(field, isBig));
  const size = countBytes + entryBytes * fields.length + wordBytes;
  const far = values.filter(({ length }) => length > wordBytes).reduce((sum, { length }) => sum + even(length), 0);
  const bytes = Buffer.alloc(size + far);
  const putWord = (value: number, offset: number) => {
    if (isBig) bytes.writeBigUInt64LE(BigInt(value), offset);
    else bytes.writeUInt32LE(value, offset);
  };

  if (isBig) putWord(fields.length, 0);
  else bytes.writeUInt16LE(fields.length, 0);
  let farAt = size;
  for (const [i, field] of sorted.entries()) {
    const entry = countBytes + entryBytes * i;
    const value = values[i]!;
    bytes.writeUInt16LE(TAG[field.tag], entry);
    bytes.writeUInt16LE(field.type === 'offset' && isBig ? LONG8 : TYPES[field.type], entry + 2);
    putWord(field.type === 'ascii' ? value.length : field.values.length, entry + 4);
    const place = entry + 4 + wordBytes;
    if (value.length <= wordBytes) value.copy(bytes, place);
    else {
      putWord(start + farAt, place);
      value.copy(bytes, farAt);
      farAt += even(value.length);
    }
  }
  putWord(isLast ? 0 : start + bytes.length, size - wordBytes);
  return bytes;
}

/** Rounds up to a word boundary, where values must begin (TIFF 6.0, section 2). */
const even = (length: number): number => length + (length % 2);

function encodeValues(field: Field, isBig: boolean): Buffer {
  if (field.type === 'ascii') return Buffer.concat([Buffer.from(field.text as string), Buffer.of(0)]);
  const { type, values } = field;
  if (type === 'offset' && isBig) return Buffer.from(BigUint64Array.from(values, BigInt).buffer);
  return Buffer.from(ARRAYS[type].from(values).buffer);
}

const ARRAYS = { short: Uint16Array, long: Uint32Array, offset: Uint32Array, double: Float64Array };

import { Buffer } from 'node:buffer';
import { InvalidSceneFile } from '../../../base/errors.ts';

/** A member's entry in a zip's central directory. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export type Entry = {
  readonly name: Uint8Array;
  readonly method: number;
  readonly isUnicode: boolean; // by appendix D, names of others are in code page 437, though many programs write UTF-8
  readonly isEncrypted: boolean;
  readonly checksum: number;
  /** Its size in the archive, and unpacked. */
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where its local header begins. */
  readonly at: number;
};

export type Directory = { readonly start: number; readonly end: number; readonly count: number };

const END = 0x06054b50;
const END_BYTES = 22;
/** In a zip64, the record of the directory's end, and where that is: https://en.wikipedia.org/wiki/ZIP_(file_format)#ZIP64 */
const [END64, END64_AT] = [0x06064b50, 0x07064b50];
const [END64_BYTES, END64_AT_BYTES] = [56, 20];
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL = 0x04034b50;
export const LOCAL_BYTES = 30;

/** Enough bytes of a zip's end to include the end of its directory, which is followed by a comment at most. */
export const TAIL_BYTES = END_BYTES + 0xffff;

/** Finds the directory by the end record, behind which only its comment may be. Throws `InvalidSceneFile`. */
export function findDirectory(key: string, tail: Uint8Array, size: number): Directory {
  const fields = viewOf(tail);
  for (let at = tail.length - END_BYTES; at >= Math.max(0, tail.length - TAIL_BYTES); at -= 1)
    if (fields.getUint32(at, true) === END && at + END_BYTES + fields.getUint16(at + 20, true) === tail.length) {
      const [start, count] = [fields.getUint32(at + 16, true), fields.getUint16(at + 10, true)];
      return directoryOf64(fields, at, size) ?? { start, end: size - tail.length + at, count };
    }
  throw new InvalidSceneFile(`${key}: is an archive without a directory at its end: it is cut short, or damaged`);
}

/** Returns the directory of a zip64, whose own record of the end comes before the one that all zips have, at a place in the last bytes. */
function directoryOf64(fields: DataView, ofEnd: number, size: number): Directory | undefined {
  const locator = ofEnd - END64_AT_BYTES;
  if (locator < END64_BYTES || fields.getUint32(locator, true) !== END64_AT) return undefined;
  const end = longAt(fields, locator + 8);
  const at = end - (size - fields.byteLength);
  if (at < 0 || at + END64_BYTES > locator || fields.getUint32(at, true) !== END64) return undefined;
  return { start: longAt(fields, at + 48), end, count: longAt(fields, at + 32) };
}

/** What is larger than 2^53 is beyond the end of any file. */
const longAt = (fields: DataView, at: number): number => Number(fields.getBigUint64(at, true));

/** Returns an entry's packed and unpacked bytes and place, of which those that take more than 32 bits are in its extra field of zip64. */
function sizesAt(fields: DataView, at: number, extra: number, end: number): [number, number, number] {
  const sizes = [at + 24, at + 20, at + 42].map((field) => fields.getUint32(field, true));
  for (let field = extra; field + 4 <= end; field += 4 + fields.getUint16(field + 2, true)) {
    if (fields.getUint16(field, true) !== 1) continue;
    let next = field + 4;
    for (const [i, size] of sizes.entries())
      if (size === IN_ZIP64 && next + 8 <= Math.min(end, field + 4 + fields.getUint16(field + 2, true))) {
        sizes[i] = longAt(fields, next);
        next += 8;
      }
  }
  const [bytes = 0, packedBytes = 0, start = 0] = sizes;
  return [packedBytes, bytes, start];
}

/** The value of a field of 32 bits whose number is in a field of zip64. */
const IN_ZIP64 = 0xffffffff;

/** Parses the entries of a central directory. Throws `InvalidSceneFile`. */
export function entriesOf(key: string, directory: Uint8Array, { start, count }: Directory): Entry[] {
  const fields = viewOf(directory);
  const entries: Entry[] = [];
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    const isEntry = at + ENTRY_BYTES <= directory.length && fields.getUint32(at, true) === ENTRY;
    const nameEnd = isEntry ? at + ENTRY_BYTES + fields.getUint16(at + 28, true) : 0;
    const end = isEntry ? nameEnd + fields.getUint16(at + 30, true) : Infinity;
    if (end > directory.length)
      throw new InvalidSceneFile(`${key}: is damaged: its directory has no entry ${i} at byte ${start + at}`);
    const [packedBytes, bytes, place] = sizesAt(fields, at, nameEnd, end);
    entries.push({
      name: directory.subarray(at + ENTRY_BYTES, nameEnd),
      isUnicode: (fields.getUint16(at + 8, true) & 0x800) > 0,
      isEncrypted: (fields.getUint16(at + 8, true) & 1) === 1,
      method: fields.getUint16(at + 10, true),
      checksum: fields.getUint32(at + 16, true),
      packedBytes,
      bytes,
      at: place,
    });
    at = end + fields.getUint16(at + 32, true);
  }
  return entries;
}

/** Returns the length of a member's local header from its first bytes; undefined if it is invalid. */
export function localBytes(header: Uint8Array): number | undefined {
  if (header.length < LOCAL_BYTES) return undefined;
  const fields = viewOf(header);
  if (fields.getUint32(0, true) !== LOCAL) return undefined;
  return LOCAL_BYTES + fields.getUint16(26, true) + fields.getUint16(28, true);
}

/** Returns the name of the first file in an archive with this beginning, perhaps cut off; undefined for other files. */
export function firstName(head: Uint8Array): { name: string; isWhole: boolean } | undefined {
  if (localBytes(head) === undefined) return undefined;
  const end = LOCAL_BYTES + viewOf(head).getUint16(26, true);
  return { name: Buffer.from(head.subarray(LOCAL_BYTES, end)).toString('utf8'), isWhole: end <= head.length };
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => new DataView(buffer, byteOffset, byteLength);

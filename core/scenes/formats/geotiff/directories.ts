import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_TIFF_DIRECTORIES, MAX_TIFF_TAGS } from '../../../base/limits.ts';
import { type ByteReader, makeByteReader } from '../../raster/byteReader.ts';
import type { RasterSource } from '../../raster/raster.ts';
import { TAG, type TagName } from './tags.ts';

/**
 * The image file directories of a TIFF or BigTIFF: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section
 * 2, and https://www.awaresystems.be/imaging/tiff/bigtiff.html.
 *
 * They are read here rather than by a package such as @cogeotiff/core: loops in the chain of directories must be detected
 * while it is walked, counts and offsets bounded before anything is allocated, and errors must name the byte. Wrapping the
 * package to do that would take as much code.
 */
export type Directory = ReturnType<typeof directoryOf>;

/** Walks the chain of directories; values outside are read on demand. Throws `InvalidSceneFile` if damaged. */
export async function readDirectories(source: RasterSource) {
  const { key } = source;
  const bytesAt = makeByteReader(source, PAGE_BYTES);
  const head = await bytesAt(0, Math.min(16, source.size), key);
  const start = tiffStart(head);
  if (start === undefined) throw new InvalidSceneFile(`${key}: is not a TIFF: it does not begin with its magic bytes`);
  const { isLittleEndian, isBig } = start;
  const [countBytes, entryBytes, offsetBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
  if (head.length < (isBig ? 16 : 8)) throw new InvalidSceneFile(`${key}: is cut short in its header`);
  const header = viewOf(head);
  if (isBig && (header.getUint16(4, isLittleEndian) !== 8 || header.getUint16(6, isLittleEndian) !== 0))
    throw new InvalidSceneFile(`${key}: is not a valid BigTIFF: found offsets of a size other than 8 bytes`);

  const offsetIn = (view: DataView, at: number) =>
    isBig ? Number(view.getBigUint64(at, isLittleEndian)) : view.getUint32(at, isLittleEndian);

  const directories: Directory[] = [];
  const seen = new Set<number>();
  for (let at = offsetIn(header, isBig ? 8 : 4); at !== 0; ) {
    const where = `${key}: directory ${directories.length} at byte ${at}`;
    if (seen.has(at)) throw new InvalidSceneFile(`${where}: was read before; the chain of directories is circular`);
    seen.add(at);
    if (directories.length === MAX_TIFF_DIRECTORIES)
      throw new InvalidSceneFile(
        `${key}: found more than ${MAX_TIFF_DIRECTORIES} directories, which is the limit. Send each picture in a file of its own: gdal_translate GTIFF_DIR:1:in.tif out.tif`,
      );
    const counted = viewOf(await bytesAt(at, countBytes, where));
    const count = isBig ? offsetIn(counted, 0) : counted.getUint16(0, isLittleEndian);
    if (count > MAX_TIFF_TAGS)
      throw new InvalidSceneFile(`${where}: found ${count} entries, allowed are at most ${MAX_TIFF_TAGS}`);
    const entries = viewOf(await bytesAt(at + countBytes, count * entryBytes + offsetBytes, where));
    const tags = new Map<number, Entry>();
    for (let i = 0; i < count; i += 1) {
      const entry = i * entryBytes;
      const valueAt = entry + entryBytes - offsetBytes;
      tags.set(entries.getUint16(entry, isLittleEndian), {
        type: entries.getUint16(entry + 2, isLittleEndian),
        count: offsetIn(entries, entry + 4),
        inline: new Uint8Array(entries.buffer, entries.byteOffset + valueAt, offsetBytes),
        offset: offsetIn(entries, valueAt),
      });
    }
    directories.push(directoryOf(where, tags, isLittleEndian, bytesAt));
    at = offsetIn(entries, count * entryBytes);
  }
  if (directories.length === 0) throw new InvalidSceneFile(`${key}: is a TIFF without a directory`);
  return { isLittleEndian, directories };
}

/** Returns how a TIFF with this beginning is encoded; undefined if it is not a TIFF. */
export function tiffStart(head: Uint8Array): { isLittleEndian: boolean; isBig: boolean } | undefined {
  const found = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].indexOf(String.fromCharCode(...head.subarray(0, 4)));
  return found < 0 ? undefined : { isLittleEndian: found % 2 === 0, isBig: found > 1 };
}

type Entry = {
  readonly type: number;
  readonly count: number;
  /** The value itself, if it fits into an offset's bytes. */
  readonly inline: Uint8Array;
  readonly offset: number;
};

const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

const READ: { readonly [type: number]: (view: DataView, at: number, isLittleEndian: boolean) => number } = {
  1: (view, at) => view.getUint8(at),
  3: (view, at, isLittle) => view.getUint16(at, isLittle),
  4: (view, at, isLittle) => view.getUint32(at, isLittle),
  5: (view, at, isLittle) => view.getUint32(at, isLittle) / view.getUint32(at + 4, isLittle),
  6: (view, at) => view.getInt8(at),
  7: (view, at) => view.getUint8(at),
  8: (view, at, isLittle) => view.getInt16(at, isLittle),
  9: (view, at, isLittle) => view.getInt32(at, isLittle),
  10: (view, at, isLittle) => view.getInt32(at, isLittle) / view.getInt32(at + 4, isLittle),
  11: (view, at, isLittle) => view.getFloat32(at, isLittle),
  12: (view, at, isLittle) => view.getFloat64(at, isLittle),
  13: (view, at, isLittle) => view.getUint32(at, isLittle),
  16: (view, at, isLittle) => Number(view.getBigUint64(at, isLittle)),
  17: (view, at, isLittle) => Number(view.getBigInt64(at, isLittle)),
  18: (view, at, isLittle) => Number(view.getBigUint64(at, isLittle)),
};

function directoryOf(where: string, tags: ReadonlyMap<number, Entry>, isLittleEndian: boolean, bytesAt: ByteReader) {
  async function bytes(tag: TagName, mostBytes: number): Promise<Uint8Array | undefined> {
    const entry = tags.get(TAG[tag]);
    if (entry === undefined) return undefined;
    const length = entry.count * (TYPE_BYTES[entry.type] ?? 0);
    if (length > mostBytes)
      throw new InvalidSceneFile(`${where}: found ${length} bytes of ${tag}, allowed are at most ${mostBytes}`);
    if (length <= entry.inline.length) return entry.inline.subarray(0, length);
    return bytesAt(entry.offset, length, `${where}: ${tag} at byte ${entry.offset}`);
  }

  /** Returns all numbers of a tag, up to `most` of them; undefined if the directory has no such tag. */
  async function numbers(tag: TagName, most: number): Promise<Float64Array | undefined> {
    const entry = tags.get(TAG[tag]);
    if (entry === undefined || entry.count === 0) return undefined;
    const { type, count } = entry;
    const read = READ[type];
    if (read === undefined) throw new InvalidSceneFile(`${where}: found ${tag} of type ${type}, which is not a number`);
    if (count > most)
      throw new InvalidSceneFile(`${where}: found ${count} values of ${tag}, allowed are at most ${most}`);
    const size = TYPE_BYTES[type]!;
    const view = viewOf((await bytes(tag, most * size))!);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i += 1) values[i] = read(view, i * size, isLittleEndian);
    return values;
  }

  return {
    /** How errors name it: `a.tif: directory 0 at byte 8`. */
    where,
    has: (tag: TagName) => tags.has(TAG[tag]),
    /** Returns a tag's only or first number. */
    number: async (tag: TagName) => asInteger((await numbers(tag, MAX_TIFF_TAGS))?.[0]),
    numbers,
    bytes,
    /** Returns the tag's bytes up to the first zero, as text. */
    async text(tag: TagName, mostBytes: number) {
      const found = await bytes(tag, mostBytes);
      if (found === undefined) return undefined;
      const end = found.indexOf(0);
      return new TextDecoder().decode(end < 0 ? found : found.subarray(0, end));
    },
  };
}

/** Returns a number of a Float64Array as what the engine keeps as an integer: loops over indices that are floats take three times as long. */
function asInteger<Value extends number | undefined>(value: Value): Value {
  const whole = Number(value) | 0;
  return whole === value ? (whole as Value) : value;
}

/** A directory is usually followed by its values. */
const PAGE_BYTES = 16 * 1024;

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => new DataView(buffer, byteOffset, byteLength);

import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { attempt, InvalidSceneFile, insteadOf } from '../../../base/errors.ts';
import { MAX_ZIP_DIRECTORY_BYTES } from '../../../base/limits.ts';
import { unpackedBy } from '../../gunzipped.ts';
import { rangesWithin } from '../../rangesIn.ts';
import type { RasterSource } from '../../raster/raster.ts';
import { streamedRanges } from '../../streamedRanges.ts';
import { memberName, shownName } from '../archive/memberName.ts';
import { piecesOf } from '../format.ts';
import type { OpenedMember } from '../product/archived.ts';
import { type Entry, entriesOf, findDirectory, LOCAL_BYTES, localBytes, TAIL_BYTES } from './directory.ts';

/** A file in a zip; `where` names it in errors. Its data ends before the next member or the directory. */
export type ZipMember = Omit<Entry, 'name'> & { readonly name: string; readonly where: string; readonly end: number };

/** Returns the members, in file order. Throws `InvalidSceneFile` if the directory is damaged or too large. */
export async function membersOf({ key, size, range }: RasterSource): Promise<ZipMember[]> {
  const tailStart = Math.max(0, size - TAIL_BYTES);
  const tail = await range(tailStart, size - tailStart);
  const directory = findDirectory(key, tail, size);
  const { start, end } = directory;
  const bytes = end - start;
  if (bytes < 0) throw new InvalidSceneFile(`${key}: is damaged: its directory begins at byte ${start}, after its end`);
  if (bytes > MAX_ZIP_DIRECTORY_BYTES)
    throw new InvalidSceneFile(
      `${key}: found a directory of ${bytes} bytes, allowed are at most ${MAX_ZIP_DIRECTORY_BYTES}`,
    );
  const found = start < tailStart ? await range(start, bytes) : tail.subarray(start - tailStart, end - tailStart);
  const named = entriesOf(key, found, directory).map((entry, i) => {
    const name = memberName(`${key}: its file ${i}`, entry.name, !entry.isUnicode).replaceAll('\\', '/'); // of Windows' programs
    return { ...entry, name, where: `${key}: ${shownName(name)}` };
  });
  const inOrder = named.toSorted((a, b) => a.at - b.at);
  return inOrder.map((one, i) => ({ ...one, end: inOrder[i + 1]?.at ?? start }));
}

/**
 * Returns where a member's packed bytes begin.
 * @throws {InvalidSceneFile} when they are not between those of others, or its compression is not supported
 */
export async function startOf(range: RasterSource['range'], member: ZipMember): Promise<number> {
  const { where, at, end, packedBytes, method, isEncrypted } = member;
  if (isEncrypted) throw new InvalidSceneFile(`${where}: is encrypted`);
  if (method !== 0 && method !== 8)
    throw new InvalidSceneFile(
      `${where}: found the compression method ${method}, allowed are 0 (stored) and 8 (deflated)`,
    );
  const headerBytes = localBytes(await range(at, LOCAL_BYTES));
  if (headerBytes === undefined) throw damaged(where, `it does not begin at byte ${at}`);
  // Overlapping members are how a small archive unpacks to a huge amount of data.
  const first = at + headerBytes;
  if (first + packedBytes > end)
    throw damaged(where, `its ${packedBytes} bytes go on behind byte ${end}, where others begin`);
  return first;
}

const damaged = (where: string, what: string) => new InvalidSceneFile(`${where}: is damaged: ${what}`);

/** Opens a member for reads of ranges, without comparing its checksum. Throws `InvalidSceneFile` if damaged. */
export async function openMember(range: RasterSource['range'], member: ZipMember): Promise<OpenedMember> {
  const { where, packedBytes, bytes, method } = member;
  const packed = rangesWithin(range, await startOf(range, member), packedBytes);
  if (method === 8) return inflatedRanges(member, { size: packedBytes, range: packed });
  if (packedBytes !== bytes) throw damaged(where, `it unpacks to ${packedBytes} bytes, not to ${bytes}`);
  return { range: packed };
}

/** Unpacks a member to exactly its stated size. Throws `InvalidSceneFile` if it is damaged or unsupported. */
export async function contentOf(range: RasterSource['range'], member: ZipMember): Promise<Uint8Array> {
  const { where, packedBytes, bytes, method, checksum } = member;
  const packed = await range(await startOf(range, member), packedBytes);
  if (packed.length < packedBytes) throw new InvalidSceneFile(`${where}: is cut short`);
  const unfit = insteadOf(Error, (cause) => unfitting(member, cause));
  const inflated = () => inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) });
  const content = method === 0 ? packed : attempt(inflated, unfit);
  if (content.length !== bytes) throw damaged(where, `it unpacks to ${content.length} bytes, not to ${bytes}`);
  if (crc32(content) !== checksum) throw damaged(where, 'its checksum does not match');
  return content;
}

const PACKED_PIECE_BYTES = 1024 ** 2;
const PIECE_BYTES = 256 * 1024;

/** One way through it, from its first byte on. */
type Pass = Pick<RasterSource, 'range'> & { pieces: AsyncGenerator<Uint8Array, void, void> };

/**
 * Reads ranges of a deflated member, of which no more than a piece is in memory. Ranges in ascending order come from one pass
 * over it; one that this has passed begins another. The checksum is not compared, as parts are read.
 * @throws {InvalidSceneFile} when it is damaged where it was read
 */
function inflatedRanges(member: ZipMember, packed: Pick<RasterSource, 'size' | 'range'>): Required<OpenedMember> {
  let pass: Pass = begin();
  let last: Promise<unknown> = Promise.resolve();

  function begin(): Pass {
    const inflate = createInflateRaw({ chunkSize: PIECE_BYTES });
    const pieces = unpackedBy(inflate, piecesOf(packed, PACKED_PIECE_BYTES), (cause) => unfitting(member, cause));
    const again = async (offset: number, length: number) => {
      await pieces.return();
      pass = begin();
      return pass.range(offset, length);
    };
    return { pieces, range: streamedRanges({ size: member.bytes, chunks: pieces, range: again }).range };
  }

  async function read(offset: number, length: number): Promise<Uint8Array> {
    const found = await pass.range(offset, length);
    if (found.length < Math.min(length, member.bytes - offset)) throw unfitting(member);
    return found;
  }

  return {
    range(offset, length) {
      const reading = last.then(() => read(offset, length)); // one after the other, as there is one pass
      last = reading.catch(() => {});
      return reading;
    },
    close: () => last.then(() => pass.pieces.return()),
  };
}

const unfitting = ({ where, bytes }: ZipMember, cause?: Error) =>
  new InvalidSceneFile(`${where}: is damaged: it does not unpack to its ${bytes} bytes`, { cause });

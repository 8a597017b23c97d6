import { crc32, inflateRawSync } from 'node:zlib';
import { citedStart } from '../../../cited.ts';
import { InvalidSceneFile } from '../../../errors.ts';

/** A file in an archive. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export type Member = {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly checksum: number;
  readonly packed: Uint8Array;
  /** What it has unpacked, as the archive says. */
  readonly bytes: number;
};

const END = 0x06054b50;
const END_BYTES = 22;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const MOST_MEMBERS = 1000;

/** A file's name where an archive that begins so says it first; cut off where these bytes end. Undefined of another file. */
export function firstName(head: Uint8Array): { name: string; isWhole: boolean } | undefined {
  if (head.length < LOCAL_BYTES) return undefined;
  const fields = viewOf(head);
  if (fields.getUint32(0, true) !== LOCAL) return undefined;
  const end = LOCAL_BYTES + fields.getUint16(26, true);
  return { name: textOf(head.subarray(LOCAL_BYTES, end)), isWhole: end <= head.length };
}

/**
 * The files in an archive, as its directory at its end names them.
 * @throws InvalidSceneFile where it is cut short, damaged or of a kind that numpy does not write
 */
export function membersOf(key: string, file: Uint8Array): Member[] {
  const fields = viewOf(file);
  const at = endOf(file, fields);
  if (at === undefined)
    throw new InvalidSceneFile(`${key}: is an archive without a directory at its end: it is cut short, or damaged`);
  const count = fields.getUint16(at + 10, true);
  if (count > MOST_MEMBERS)
    throw new InvalidSceneFile(`${key}: found ${count} files in it, allowed are at most ${MOST_MEMBERS}`);
  const damaged = (what: string) => new InvalidSceneFile(`${key}: is damaged: ${what}`);
  const members: Member[] = [];
  const names = new Set<string>();
  let entry = fields.getUint32(at + 16, true);
  for (let i = 0; i < count; i += 1) {
    if (entry + ENTRY_BYTES > at || fields.getUint32(entry, true) !== ENTRY)
      throw damaged(`its directory has no entry ${i} at byte ${entry}`);
    const nameEnd = entry + ENTRY_BYTES + fields.getUint16(entry + 28, true);
    const name = textOf(file.subarray(entry + ENTRY_BYTES, nameEnd));
    const what = citedStart(name, 100);
    if (names.has(name)) throw damaged(`${what} is in it twice`);
    names.add(name);
    const local = fields.getUint32(entry + 42, true);
    if (local + LOCAL_BYTES > file.length || fields.getUint32(local, true) !== LOCAL)
      throw damaged(`${what} does not begin at byte ${local}`);
    const start = local + LOCAL_BYTES + fields.getUint16(local + 26, true) + fields.getUint16(local + 28, true);
    const end = start + fields.getUint32(entry + 20, true);
    if (end > file.length) throw damaged(`${what} goes on behind the archive's end`);
    members.push({
      name,
      isEncrypted: (fields.getUint16(entry + 8, true) & 1) === 1,
      method: fields.getUint16(entry + 10, true),
      checksum: fields.getUint32(entry + 16, true),
      packed: file.subarray(start, end),
      bytes: fields.getUint32(entry + 24, true),
    });
    entry = nameEnd + fields.getUint16(entry + 30, true) + fields.getUint16(entry + 32, true);
  }
  return members;
}

/** Unpacks a member, into as many bytes as it says, and compares its checksum. Throws InvalidSceneFile; `where` begins the message. */
export function unpacked(where: string, { method, isEncrypted, checksum, packed, bytes }: Member): Uint8Array {
  if (isEncrypted) throw new InvalidSceneFile(`${where}: is encrypted`);
  if (method !== 0 && method !== 8)
    throw new InvalidSceneFile(
      `${where}: found the compression method ${method}, allowed are 0 (stored) and 8 (deflated)`,
    );
  const found = method === 0 ? packed : inflated(where, packed, bytes);
  if (found.length !== bytes)
    throw new InvalidSceneFile(`${where}: is damaged: it unpacks to ${found.length} bytes, not to ${bytes}`);
  if (crc32(found) !== checksum) throw new InvalidSceneFile(`${where}: is damaged: its checksum is another one`);
  return found;
}

function inflated(where: string, packed: Uint8Array, bytes: number): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) });
  } catch (cause) {
    throw new InvalidSceneFile(`${where}: is damaged: it does not unpack to its ${bytes} bytes`, { cause });
  }
}

/** Where the end of the directory stands: it is followed by nothing but a comment of the length that it says. */
function endOf(file: Uint8Array, fields: DataView): number | undefined {
  for (let at = file.length - END_BYTES; at >= Math.max(0, file.length - END_BYTES - 0xffff); at -= 1)
    if (fields.getUint32(at, true) === END && at + END_BYTES + fields.getUint16(at + 20, true) === file.length)
      return at;
  return undefined;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

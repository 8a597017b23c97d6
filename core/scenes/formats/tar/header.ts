import { Buffer } from 'node:buffer';
import { InvalidSceneFile } from '../../../base/errors.ts';

/** Everything in a tar begins at a multiple of this. */
export const BLOCK_BYTES = 512;

/** Whether a file that begins so is a tar: its first header's checksum is right. Before POSIX, there was no magic. */
export const beginsLikeTar = (head: Uint8Array): boolean =>
  head.length >= BLOCK_BYTES && hasChecksum(Buffer.from(head.subarray(0, BLOCK_BYTES)));

/**
 * Reads a member's header: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 * @throws {InvalidSceneFile} when it is damaged; the message begins with `where`
 */
export function readHeader(where: string, bytes: Uint8Array) {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, BLOCK_BYTES);
  if (!hasChecksum(block)) throw new InvalidSceneFile(`${where}: is damaged: its checksum does not match`);
  const size = numberIn(block.subarray(124, 136));
  if (size === null) throw new InvalidSceneFile(`${where}: is damaged: it does not say how many bytes follow`);
  const name = upToZero(block.subarray(0, 100));
  // GNU's own headers, whose magic ends with a space, hold times where POSIX has the name's prefix.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? upToZero(block.subarray(345, 500)) : NOTHING;
  return {
    /** The member's kind, as a character: `0` is a file. */
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
    name: prefix.length === 0 ? name : Buffer.concat([prefix, SLASH, name]),
    size,
  };
}

const NOTHING = new Uint8Array();
const SLASH = Buffer.from('/');

/** Checks the sum of all bytes, with the checksum's own as spaces; some old programs sum signed bytes. */
function hasChecksum(block: Buffer): boolean {
  const said = numberIn(block.subarray(148, 156));
  if (said === null || said === 0) return false;
  let [sum, signed] = [0, 0];
  for (let i = 0; i < BLOCK_BYTES; i += 1) {
    const byte = i >= 148 && i < 156 ? 32 : block[i]!;
    sum += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return said === sum || said === signed;
}

/** Parses octal digits or, as GNU has large numbers, a flag bit and a binary number. Null if neither, or negative. */
function numberIn(field: Buffer): number | null {
  if (field[0] === 0x80) {
    const number = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(number) ? number : null;
  }
  const digits = /^ *([0-7]*)[ \0]*$/.exec(field.toString('latin1'))?.[1];
  return digits === undefined ? null : Number.parseInt(digits || '0', 8);
}

export function upToZero(field: Uint8Array): Uint8Array {
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

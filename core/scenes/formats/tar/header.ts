import { Buffer } from 'node:buffer';
import { InvalidSceneFile } from '../../../errors.ts';

/** All that a tar holds begins at a multiple of so many bytes. */
export const BLOCK_BYTES = 512;

/** What stands before a member. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
export type TarHeader = {
  /** The member's kind, a character: `0` is a file. */
  readonly type: string;
  readonly name: Uint8Array;
  /** Bytes of the member. */
  readonly size: number;
};

/** Whether a file that begins so is a tar: its first header's checksum holds. Those from before POSIX have no other mark. */
export function beginsLikeTar(head: Uint8Array): boolean {
  return head.length >= BLOCK_BYTES && hasChecksum(Buffer.from(head.subarray(0, BLOCK_BYTES)));
}

/** @throws InvalidSceneFile where it is damaged; `where` begins the message */
export function readHeader(where: string, bytes: Uint8Array): TarHeader {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, BLOCK_BYTES);
  if (!hasChecksum(block)) throw new InvalidSceneFile(`${where}: is damaged: its checksum is another one`);
  const size = numberIn(block.subarray(124, 136));
  if (size === null) throw new InvalidSceneFile(`${where}: is damaged: it does not say how many bytes follow`);
  const name = upToZero(block.subarray(0, 100));
  // GNU's own headers, whose mark goes on with a space, have times where POSIX has the name's beginning.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? upToZero(block.subarray(345, 500)) : NOTHING;
  return {
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
    name: prefix.length === 0 ? name : Buffer.concat([prefix, SLASH, name]),
    size,
  };
}

const NOTHING = new Uint8Array();
const SLASH = Buffer.from('/');

/** The sum of all bytes, its own counted as spaces; of bytes with a sign, as some old programs have them. */
function hasChecksum(block: Buffer): boolean {
  const said = numberIn(block.subarray(148, 156));
  if (said === null || said === 0) return false;
  let sum = 0;
  let signed = 0;
  for (let i = 0; i < BLOCK_BYTES; i += 1) {
    const byte = i >= 148 && i < 156 ? 32 : block[i]!;
    sum += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return said === sum || said === signed;
}

/** Octal digits; or, as GNU writes large numbers, a bit and then the number itself. Null where it is neither, or negative. */
function numberIn(field: Buffer): number | null {
  if (field[0] === 0x80) {
    const number = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(number) ? number : null;
  }
  const digits = /^ *([0-7]*)[ \0]*$/.exec(field.toString('latin1'))?.[1];
  return digits === undefined ? null : Number.parseInt(digits || '0', 8);
}

function upToZero(field: Uint8Array): Uint8Array {
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_TIFF_TAG_BYTES } from '../../../base/limits.ts';
import type { ByteReader } from '../../raster/byteReader.ts';

const START = Buffer.from('0000000c6a5020200d0a870a', 'hex');
const SOC_SIZ = Buffer.from('ff4fff51', 'hex');
/** GMLJP2's boxes are nested. */
const MOST_NESTED = 8;
const MOST_BOXES = 1000;

export const isJp2 = (head: Uint8Array): boolean => START.equals(head.subarray(0, START.length));

export const isCodestream = (head: Uint8Array): boolean => SOC_SIZ.equals(head.subarray(0, SOC_SIZ.length));

export type Boxes = Awaited<ReturnType<typeof readBoxes>>;

/** The codestream's range in a JP2, and the boxes before (ISO/IEC 15444-1, annex I). Throws `InvalidSceneFile`. */
export async function readBoxes(key: string, size: number, read: ByteReader) {
  const found: { type: string; body: Uint8Array }[] = [];
  for (let at = 0; at < size && found.length < MOST_BOXES; ) {
    const head = await read(at, Math.min(16, size - at), `${key}: a box`);
    const { type, headBytes, bytes } = boxIn(Buffer.from(head), size - at) ?? {};
    if (type === undefined || headBytes === undefined || bytes === undefined)
      throw new InvalidSceneFile(`${key}: is damaged: found a box at byte ${at} that has no length`);
    if (at + bytes > size)
      throw new InvalidSceneFile(
        `${key}: is cut short: its box at byte ${at} has ${bytes} bytes, the file ends at byte ${size}`,
      );
    if (type === 'jp2c') return { start: at + headBytes, end: at + bytes, found };
    if (bytes <= MAX_TIFF_TAG_BYTES) {
      const body = new Uint8Array(await read(at + headBytes, bytes - headBytes, `${key}: a box`));
      found.push({ type, body }, ...within(type, body, 1));
    }
    at += bytes;
  }
  throw new InvalidSceneFile(`${key}: is a JP2 without a codestream`);
}

function within(type: string, body: Uint8Array, depth: number): { type: string; body: Uint8Array }[] {
  if ((type !== 'asoc' && type !== 'jp2h') || depth > MOST_NESTED) return [];
  const found: { type: string; body: Uint8Array }[] = [];
  for (let at = 0; at < body.length && found.length < MOST_BOXES; ) {
    const box = boxIn(Buffer.from(body.subarray(at)), body.length - at);
    if (box === undefined || at + box.bytes > body.length) break;
    const inner = body.subarray(at + box.headBytes, at + box.bytes);
    found.push({ type: box.type, body: inner }, ...within(box.type, inner, depth + 1));
    at += box.bytes;
  }
  return found;
}

/** Parses a box header; a box without a length extends to the end. Undefined if it is invalid. */
function boxIn(head: Buffer, rest: number): { type: string; headBytes: number; bytes: number } | undefined {
  if (head.length < 8) return undefined;
  const [length, type] = [head.readUInt32BE(0), head.toString('latin1', 4, 8)];
  if (length === 0) return { type, headBytes: 8, bytes: rest };
  if (length !== 1) return length < 8 ? undefined : { type, headBytes: 8, bytes: length };
  if (head.length < 16) return undefined;
  const bytes = Number(head.readBigUInt64BE(8));
  return bytes < 16 ? undefined : { type, headBytes: 16, bytes };
}

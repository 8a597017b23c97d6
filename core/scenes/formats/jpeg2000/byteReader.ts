import { InvalidSceneFile } from '../../../errors.ts';
import type { RasterSource } from '../../raster/raster.ts';

/** Many a header comes with the next one. */
const PAGE_BYTES = 64 * 1024;

/** Reads bytes, all of them; `what` stands in the error where the file ends before. */
export type ByteReader = (offset: number, length: number, what: string) => Promise<Uint8Array>;

/**
 * Reads bytes, a page at least, of which the last is kept: whoever goes up through the file asks its source for each byte
 * once, and for few pieces.
 * @throws InvalidSceneFile where the file ends before
 */
export function makeByteReader({ key, size, range }: RasterSource): ByteReader {
  let page = { offset: 0, bytes: new Uint8Array() as Uint8Array };

  return async (offset, length, what) => {
    if (offset + length > size)
      throw new InvalidSceneFile(
        `${key}: is cut short in ${what} at byte ${offset}: it has ${length} bytes, the file ends at byte ${size}`,
      );
    const end = page.offset + page.bytes.length;
    const isBegun = offset >= page.offset && offset < end;
    if (isBegun && offset + length <= end)
      return page.bytes.subarray(offset - page.offset, offset + length - page.offset);
    const kept = isBegun ? page.bytes.subarray(offset - page.offset) : new Uint8Array();
    const from = offset + kept.length;
    const wanted = Math.min(Math.max(length - kept.length, PAGE_BYTES), size - from);
    const bytes = await range(from, wanted);
    if (bytes.length < length - kept.length)
      throw new InvalidSceneFile(`${key}: is cut short in ${what} at byte ${from + bytes.length}`);
    const read = kept.length === 0 ? bytes : new Uint8Array(Buffer.concat([kept, bytes]));
    page = { offset, bytes: read };
    return read.subarray(0, length);
  };
}

import { InvalidSceneFile } from '../../base/errors.ts';
import type { RasterSource } from './raster.ts';

/** Reads exactly `length` bytes; the error for a file that ends too early begins with `where`. */
export type ByteReader = (offset: number, length: number, where: string) => Promise<Uint8Array>;

/** Reads by the page, and keeps the last: who ascends requests each byte once. Throws `InvalidSceneFile` at an early end. */
export function makeByteReader({ size, range }: RasterSource, pageBytes: number): ByteReader {
  let page = { offset: 0, bytes: new Uint8Array() as Uint8Array };

  return async (offset, length, where) => {
    if (offset + length > size)
      throw new InvalidSceneFile(
        `${where}: is cut short: ${length} bytes at byte ${offset} should follow, the file ends at ${size}`,
      );
    const end = page.offset + page.bytes.length;
    const isBegun = offset >= page.offset && offset < end;
    if (isBegun && offset + length <= end)
      return page.bytes.subarray(offset - page.offset, offset + length - page.offset);
    const kept = isBegun ? page.bytes.subarray(offset - page.offset) : new Uint8Array();
    const from = offset + kept.length;
    const bytes = await range(from, Math.min(Math.max(length - kept.length, pageBytes), size - from));
    if (bytes.length < length - kept.length)
      throw new InvalidSceneFile(`${where}: is cut short at byte ${from + bytes.length}`);
    const read = kept.length === 0 ? bytes : new Uint8Array(Buffer.concat([kept, bytes]));
    page = { offset, bytes: read };
    return read.subarray(0, length);
  };
}

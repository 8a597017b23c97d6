import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { unsnappy } from './snappy.ts';

/** How a column's pages may be packed; each is unpacked into at most as many bytes as its header says, which were bounded before. */
export const CODECS: Record<string, (packed: Uint8Array, bytes: number) => Uint8Array> = {
  UNCOMPRESSED: (packed) => packed,
  SNAPPY: unsnappy,
  GZIP: (packed, bytes) => gunzipSync(packed, most(bytes)),
  ZSTD: (packed, bytes) => zstdDecompressSync(packed, most(bytes)),
  BROTLI: (packed, bytes) => brotliDecompressSync(packed, most(bytes)),
};

const most = (bytes: number) => ({ maxOutputLength: Math.max(1, bytes) });

export const isKnownCodec = (codec: string): boolean => Object.hasOwn(CODECS, codec);

/** @throws where it does not unpack to so many bytes */
export function unpack(codec: string, packed: Uint8Array, bytes: number): Uint8Array {
  const page = CODECS[codec]!(packed, bytes);
  if (page.length !== bytes) throw new RangeError(`a page unpacks to ${page.length} bytes, not to ${bytes}`);
  return page;
}

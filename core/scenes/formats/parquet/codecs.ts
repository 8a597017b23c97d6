import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { snappyUncompress } from 'hyparquet';

/** The codecs of a column's pages. Each unpacks to at most the bytes that the page's header states, bounded before. */
export const CODECS: Record<string, (packed: Uint8Array, bytes: number) => Uint8Array> = {
  UNCOMPRESSED: (packed) => packed,
  SNAPPY: (packed, bytes) => {
    const page = new Uint8Array(bytes);
    snappyUncompress(packed, page);
    return page;
  },
  GZIP: (packed, bytes) => gunzipSync(packed, most(bytes)),
  ZSTD: (packed, bytes) => zstdDecompressSync(packed, most(bytes)),
  BROTLI: (packed, bytes) => brotliDecompressSync(packed, most(bytes)),
};

const most = (bytes: number) => ({ maxOutputLength: Math.max(1, bytes) });

export const isKnownCodec = (codec: string): boolean => Object.hasOwn(CODECS, codec);

/** @throws when the page does not unpack to exactly `bytes` bytes */
export function unpack(codec: string, packed: Uint8Array, bytes: number): Uint8Array {
  const page = CODECS[codec]!(packed, bytes);
  if (page.length !== bytes) throw new RangeError(`a page unpacks to ${page.length} bytes, not to ${bytes}`);
  return page;
}

import { Buffer } from 'node:buffer';
import { pipeline } from 'node:stream/promises';
import { createGunzip, type Gunzip, type InflateRaw } from 'node:zlib';
import { InvalidSceneFile } from '../base/errors.ts';
import { MAX_GUNZIP_RATIO, type SceneLimits } from '../base/limits.ts';

const PIECE_BYTES = 256 * 1024;

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

/** How many bytes a gzip file may unpack to: a small one may be all blank; a large one beyond it is a bomb. */
export const mostUnpacked = (size: number, { maxFileBytes, maxRecordBytes }: SceneLimits): number =>
  Math.min(maxFileBytes, Math.max(maxRecordBytes, size * MAX_GUNZIP_RATIO));

/**
 * Yields the unpacked bytes of a gzip file, piece by piece. Each piece owns its memory. Leaving early closes the file.
 * @throws {InvalidSceneFile} when the file is damaged, cut short, continues after its end, or unpacks to more than
 *   `mostBytes`; the data before that point is yielded first. Also throws what `chunks` throws.
 */
export async function* gunzipped(
  { key, size, chunks }: { key: string; size: number; chunks: AsyncIterable<Uint8Array> },
  mostBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  const copies = async function* () {
    for await (const chunk of chunks) yield Buffer.from(chunk); // copied, because unpacking continues while the next chunk is requested
  };
  let bytes = 0;
  const damaged = (cause: Error & { code: unknown }) => {
    const what = cause.code === 'Z_BUF_ERROR' ? 'is cut short' : `is damaged (${cause.message})`;
    return new InvalidSceneFile(`${key}: its gzip ${what}, after unpacking to ${bytes} bytes`, { cause });
  };
  for await (const piece of unpackedBy(gunzip, copies(), damaged)) {
    bytes += piece.length;
    if (bytes > mostBytes)
      throw new InvalidSceneFile(
        `${key}: its ${size} bytes unpack to more than ${mostBytes}, which is the limit (maxFileBytes, and ${MAX_GUNZIP_RATIO} times its size where that is more than maxRecordBytes). Send it unpacked, or in several files.`,
      );
    yield piece;
  }
  if (gunzip.bytesWritten < size)
    throw new InvalidSceneFile(
      `${key}: its gzip ends at byte ${gunzip.bytesWritten}, and something else stands behind; allowed is gzip alone`,
    );
}

/** Yields what one of zlib's streams makes of chunks; `damaged` makes the error if it cannot. Leaving early ends both. */
export async function* unpackedBy(
  unpack: Gunzip | InflateRaw,
  chunks: AsyncIterable<Uint8Array>,
  damaged: (cause: Error & { code: unknown }) => Error,
): AsyncGenerator<Uint8Array, void, void> {
  const piped = pipeline(chunks, unpack);
  piped.catch(() => {}); // the loop throws this error
  try {
    yield* unpack;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) throw damaged(error);
    throw error;
  } finally {
    unpack.destroy();
    await piped.catch(() => {});
  }
}

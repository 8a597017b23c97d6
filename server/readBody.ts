import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../core/doors/online/problem.ts';

/** Pieces of fewer bytes are copied together: a chunk of one byte would take two hundred of memory. */
const BLOCK_BYTES = 64 * 1024;
/** A body that says its length gets memory for all of it once so much has come. */
const TRUSTED_BYTES = 1024 ** 2;
/** Each piece takes two microseconds of the thread, however small it is: so many are read of fewer bytes each on average. */
const MOST_SMALL_PIECES = 2000;
const SMALL_PIECE_BYTES = 32;

/**
 * Reads a request's body. Throws `Problem` with 413 as soon as it is known to exceed `most` bytes.
 *
 * @param hold is told of bytes as they arrive; an error that it throws refuses the request
 */
export async function readBody(
  request: IncomingMessage,
  most: number,
  hold: (bytes: number) => void = () => {},
): Promise<Uint8Array> {
  const tooLarge = () =>
    new Problem(
      413,
      `The body has more than ${most} bytes, which are allowed. Send its inputs in several requests, or put large pictures into the inbox.`,
    );
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > most) throw tooLarge();
  let blocks: Buffer[] = [];
  /** How much of the last one is filled. */
  let used = 0;
  let [bytes, pieces] = [0, 0];

  function add(piece: Buffer): void {
    let last = blocks.at(-1);
    if (last === undefined || used + piece.length > last.length) {
      if (last !== undefined) blocks[blocks.length - 1] = last.subarray(0, used);
      const isKnown = length >= TRUSTED_BYTES && bytes >= TRUSTED_BYTES;
      const left = isKnown ? length - bytes + piece.length : bytes === piece.length ? piece.length : BLOCK_BYTES;
      last = Buffer.allocUnsafe(Math.max(piece.length, left));
      blocks.push(last);
      used = 0;
    }
    used += piece.copy(last, used);
  }

  return new Promise((resolve, reject) => {
    request.on('data', (piece: Buffer) => {
      [bytes, pieces] = [bytes + piece.length, pieces + 1];
      try {
        if (bytes > most) throw tooLarge();
        if (pieces > MOST_SMALL_PIECES && bytes < pieces * SMALL_PIECE_BYTES) {
          // One read of the socket holds ten thousand, all of which would come before anything else.
          (request.socket as Socket & { parser?: { pause?(): void } }).parser?.pause?.();
          throw new Problem(
            413,
            `The body came in ${pieces} chunks of fewer than ${SMALL_PIECE_BYTES} bytes on average. Send it whole, with its content-length.`,
            { headers: { connection: 'close' } },
          );
        }
        hold(piece.length);
        add(piece);
      } catch (error) {
        blocks = [];
        request.removeAllListeners('data');
        reject(error);
      }
    });
    request.once('end', () => {
      const last = blocks.pop()?.subarray(0, used);
      resolve(blocks.length === 0 ? (last ?? Buffer.alloc(0)) : Buffer.concat([...blocks, last!]));
    });
    request.once('error', reject);
    request.once('close', () => reject(new Error('The connection was closed.')));
  });
}

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../core/doors/online/http.ts';

/** A body gets as much memory at first, and then twice as much each time. */
const FIRST_BYTES = 64 * 1024;
/** A body that says its length gets memory for all of it once so much has come. */
const TRUSTED_BYTES = 1024 ** 2;
/** Each piece takes two microseconds of the thread, however small it is: so many are read of fewer bytes each on average. */
const MOST_SMALL_PIECES = 2000;
const SMALL_PIECE_BYTES = 32;

/** Reads a body, of which `hold` is told, and may refuse. Throws `Problem` with 413 once it is known to exceed `most` bytes. */
export async function readBody(request: IncomingMessage, most: number, hold = (_bytes: number) => {}) {
  const tooLarge = () =>
    new Problem(
      413,
      `The body has more than ${most} bytes, which are allowed. Send its inputs in several requests, or put large pictures into the inbox.`,
    );
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > most) throw tooLarge();
  let whole = Buffer.allocUnsafe(Math.min(length, FIRST_BYTES));
  let [bytes, pieces] = [0, 0];

  /** Copies a piece to the others: kept by itself, a chunk of one byte would take two hundred of memory. */
  function add(piece: Buffer): void {
    const before = bytes - piece.length;
    if (bytes > whole.length) {
      const twice = Math.min(length || most, 2 * whole.length);
      const larger = Buffer.allocUnsafe(Math.max(bytes, bytes >= TRUSTED_BYTES ? length : 0, twice));
      whole.copy(larger, 0, 0, before);
      whole = larger;
    }
    piece.copy(whole, before);
  }

  return new Promise<Uint8Array>((resolve, reject) => {
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
            { connection: 'close' },
          );
        }
        hold(piece.length);
        add(piece);
      } catch (error) {
        whole = Buffer.alloc(0);
        request.removeAllListeners('data');
        reject(error);
      }
    });
    request.once('end', () => resolve(whole.subarray(0, bytes)));
    request.once('error', reject);
    request.once('close', () => request.complete || reject(new Error('The connection was closed.')));
  });
}

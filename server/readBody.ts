import type { IncomingMessage } from 'node:http';
import { Problem } from '../core/online/problem.ts';

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
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge();
  const pieces: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      try {
        if (bytes > most) throw tooLarge();
        hold(piece.length);
        pieces.push(piece);
      } catch (error) {
        pieces.length = 0;
        request.removeAllListeners('data');
        reject(error);
      }
    });
    request.once('end', () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('The connection was closed.')));
  });
}

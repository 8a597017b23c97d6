import { HEAD_BYTES } from '../format.ts';

/**
 * Returns whether a file begins like a request: a JSON object in which only a request's text members precede its inputs.
 */
export function beginsLikeRequest(head: Uint8Array): boolean {
  return BEGINNING.test(String.fromCharCode(...head.subarray(0, HEAD_BYTES)));
}

const BEGINNING = /^\s*\{\s*("(id|model|replyTo)"\s*:\s*("[^"\\]*"|null)\s*,\s*)*"inputs"\s*:\s*\[/;

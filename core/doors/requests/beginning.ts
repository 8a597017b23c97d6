import { HEAD_BYTES } from '../../scenes/formats/format.ts';

/**
 * Returns whether a file begins like a request: a JSON object in which only a request's text members precede its inputs.
 */
export function beginsLikeRequest(head: Uint8Array): boolean {
  return BEGINNING.test(String.fromCharCode(...head.subarray(0, HEAD_BYTES)));
}

/** As bytes, with the mark that some editors and shells write in front of UTF-8. */
const BEGINNING = /^(?:\xef\xbb\xbf)?\s*\{\s*("(id|model|replyTo)"\s*:\s*("[^"\\]*"|null)\s*,\s*)*"inputs"\s*:\s*\[/;

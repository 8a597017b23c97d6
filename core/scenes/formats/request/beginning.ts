import { HEAD_BYTES } from '../format.ts';

/** Whether a file begins as a request: a JSON object in which nothing but a request's texts stands in front of its inputs. */
export function beginsLikeRequest(head: Uint8Array): boolean {
  return BEGINNING.test(String.fromCharCode(...head.subarray(0, HEAD_BYTES)));
}

/** As bytes, with the mark that some editors and shells write in front of UTF-8. */
const BEGINNING = /^(?:\xef\xbb\xbf)?\s*\{\s*("(id|model|replyTo)"\s*:\s*("[^"\\]*"|null)\s*,\s*)*"inputs"\s*:\s*\[/;

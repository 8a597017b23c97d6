import { HEAD_BYTES } from '../format.ts';

/** Whether a file begins as a request: a JSON object in which nothing but a request's texts stands in front of its inputs. */
export function beginsLikeRequest(head: Uint8Array): boolean {
  return BEGINNING.test(String.fromCharCode(...head.subarray(0, HEAD_BYTES)));
}

const BEGINNING = /^\s*\{\s*("(id|model|replyTo)"\s*:\s*("[^"\\]*"|null)\s*,\s*)*"inputs"\s*:\s*\[/;

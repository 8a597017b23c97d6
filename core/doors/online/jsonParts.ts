import { MAX_JSON_NESTING, MAX_JSON_VALUES, MAX_REQUEST_INPUTS } from '../../base/limits.ts';
import { Problem } from './http.ts';
import { anotherTurn, isTurnOver } from './turns.ts';

/** So many bytes are scanned before others may have a turn: a tenth of a millisecond. */
const WINDOW_BYTES = 64 * 1024;
const MOST_FRAME_BYTES = 64 * 1024;
/** Elements are cut off no further: a list that is somewhat too long is still told by its length. */
const MOST_PARTS = 10 * MAX_REQUEST_INPUTS;
/** After so many bytes of a text without a quote, as of base64, the next one is searched for: a search costs as much as they do. */
const PLAIN_BYTES = 64;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);
/** Which bytes mean something outside of a text: all others, such as digits, are passed in no time. */
const MEANS = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number([QUOTE, COMMA, COLON, LIST, LIST_END, OBJECT, OBJECT_END].includes(byte)),
);

/**
 * Cuts a body of JSON into parts without parsing it, in one pass over its bytes that keeps only where each part begins. The body is
 * JSON exactly if the frame and all parts are. What is within the budget, `JSON.parse` reads in bounded time and memory.
 * @returns the frame is the body in which the index of its part is in the place of each element of a list within its outermost object
 * @throws {Problem} with 413 for more values, or deeper nesting, than is allowed
 */
export async function jsonParts(body: Uint8Array) {
  const frame: Uint8Array[] = [];
  const parts: Uint8Array[] = [];
  let [depth, values, frameBytes] = [0, 0, 0];
  let [isText, plain] = [false, 0];
  /** Where the frame's next piece begins, and the next part; there is none outside of a list at depth two. */
  let [kept, part] = [0, -1];
  const keep = (bytes: Uint8Array) => {
    frameBytes += bytes.length;
    if (frameBytes > MOST_FRAME_BYTES)
      throw new Problem(
        413,
        `The body has more than ${MOST_FRAME_BYTES} bytes beside its inputs, allowed is {"inputs": […]}.`,
      );
    frame.push(bytes);
  };
  const cut = (end: number) => {
    if (parts.length === MOST_PARTS)
      throw new Problem(
        422,
        `The body cannot be taken: found a list of more than ${MOST_PARTS}, allowed is a list of 1 to ${MAX_REQUEST_INPUTS}.`,
      );
    keep(Buffer.from(`${body[part - 1] === COMMA ? ',' : ''}${parts.length}`));
    parts.push(body.subarray(part, end));
    part = end + 1;
  };

  for (let begin = 0; begin < body.length; begin += WINDOW_BYTES) {
    if (isTurnOver()) await anotherTurn();
    const end = Math.min(begin + WINDOW_BYTES, body.length);
    const until = Buffer.from(body.buffer, body.byteOffset, end);
    for (let at = begin; at < end; at += 1) {
      const byte = body[at]!;
      if (isText && byte !== QUOTE) {
        plain += 1;
        if (plain < PLAIN_BYTES) continue;
        const quote = until.indexOf(QUOTE, at);
        if (quote < 0) break;
        at = quote - 1;
      } else if (isText) {
        isText = isEscaped(body, at);
        plain = 0;
      } else if (MEANS[byte] === 0) continue;
      else if (byte === QUOTE) isText = true;
      else if (byte === COMMA || byte === COLON) {
        values += 1;
        if (depth === 2 && part >= 0 && byte === COMMA) cut(at);
      } else if (byte === LIST || byte === OBJECT) {
        [depth, values] = [depth + 1, values + 1];
        if (depth > MAX_JSON_NESTING)
          throw new Problem(413, `The body is nested deeper than ${MAX_JSON_NESTING}, which is the limit.`);
        if (depth === 2 && byte === LIST) {
          keep(body.subarray(kept, at + 1));
          part = at + 1;
        }
      } else if (byte === LIST_END || byte === OBJECT_END) {
        if (depth === 2 && part >= 0) {
          if (body[part - 1] === COMMA || !isBlank(body.subarray(part, at))) cut(at);
          [kept, part] = [at, -1];
        }
        depth -= 1;
      }
    }
    if (values > MAX_JSON_VALUES)
      throw new Problem(
        413,
        `The body has more than ${MAX_JSON_VALUES} values, names and lists, which are allowed. Send its inputs in several requests, or chips as bands in base64.`,
      );
  }
  if (part >= 0) throw new Problem(400, 'The body ends in the middle of a list and is not JSON.');
  keep(body.subarray(kept));
  return { frame: Buffer.concat(frame), parts };
}

/** Whether the quote at a place is a part of its text: an odd number of backslashes stands before it. */
function isEscaped(body: Uint8Array, quote: number): boolean {
  let before = quote - 1;
  while (body[before] === BACKSLASH) before -= 1;
  return (quote - before) % 2 === 0;
}

/** Whether there is nothing between two brackets. Of a long text, the first byte that is no space tells. */
const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => SPACES.has(byte));

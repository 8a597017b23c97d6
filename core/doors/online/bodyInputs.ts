import * as z from 'zod';
import { citedStart, jsonIn, orElse } from '../../base/errors.ts';
import { MAX_TRUTH_BYTES } from '../../base/limits.ts';
import { memberOffence } from '../requests/input.ts';
import { inputsSchema } from '../requests/request.ts';
import { type HttpRequest, Problem } from './http.ts';
import { jsonParts } from './jsonParts.ts';

/** The body of a request for predictions. Its inputs are validated one by one, so that an invalid input is one error. */
const bodySchema = z.strictObject({ inputs: inputsSchema }, 'a JSON object with inputs');
/** Content types of a single image as the whole body. Its format is detected from its bytes. */
export const IMAGE_TYPES = 'image/png image/jpeg image/webp image/tiff image/jp2 application/octet-stream'.split(' ');

/** An input that is not parsed yet: a part of a large body of JSON, or the file of an image. */
export class RawInput {
  readonly kind: 'json' | 'image';
  readonly bytes: Uint8Array;
  constructor(kind: 'json' | 'image', bytes: Uint8Array) {
    this.kind = kind;
    this.bytes = bytes;
  }
}

/** Bytes of JSON that are parsed at once: they keep the thread for a millisecond or two, whatever they are. */
export const SMALL_BYTES = 64 * 1024;

/** Each input as parsed, or a `RawInput`; an image's error is the request's. Throws `Problem`: 415, 400, 413 or 422. */
export async function bodyInputs({ headers, body }: Pick<HttpRequest, 'headers' | 'body'>) {
  assertNotEncoded(headers);
  const type = bare(headers['content-type'] ?? 'application/json');
  if (isImageType(type)) {
    if (body.length === 0) throw new Problem(422, 'The body is empty, allowed is a file of an image.');
    return { inputs: [new RawInput('image', body)], isImage: true };
  }
  if (type !== 'application/json' && !type.endsWith('+json'))
    throw new Problem(
      415,
      `The content type is ${citedStart(type, 80)}, allowed are application/json and ${IMAGE_TYPES.join(', ')}.`,
    );
  const { frame, parts } = await cutIfLarge(body);
  const allowed = 'a JSON object with inputs. An image as the body needs its content type, such as image/png';
  const json = parseJson(frame, allowed);
  const parsed = bodySchema.safeParse(json);
  if (parsed.success) {
    const { inputs } = parsed.data;
    return { inputs: parts ? inputs.map((i) => new RawInput('json', parts[Number(i)]!)) : inputs, isImage: false };
  }
  throw new Problem(422, `The body cannot be taken: ${memberOffence(parsed.error.issues[0]!, json, 'is inputs')}.`);
}

export function isImageType(contentType: string): boolean {
  const type = bare(contentType);
  return type.startsWith('image/') || type === 'application/octet-stream';
}

/** @throws {Problem} with 415 for a compressed body, which would otherwise be reported as neither JSON nor an image */
export function assertNotEncoded(headers: HttpRequest['headers']): void {
  const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity';
  if (encoding !== 'identity')
    throw new Problem(
      415,
      `The content encoding is ${citedStart(encoding, 40)}, allowed is none: send the body as it is.`,
    );
}

const bare = (contentType: string): string => contentType.split(';', 1)[0]!.trim().toLowerCase();

/** Cuts a large body into its parts; a small one is its own frame. Throws as `jsonParts` does. */
async function cutIfLarge(body: Uint8Array) {
  const frame = body.subarray(0, SMALL_BYTES);
  const first = frame.find((byte) => byte > SPACE) ?? 0;
  // What starts as neither an object nor a list is refused for its start.
  const isCut = body.length > SMALL_BYTES && '{['.includes(String.fromCharCode(first));
  return isCut ? jsonParts(body) : { frame, parts: undefined };
}
const SPACE = 0x20;

/** Parses a body of truths; `allowed` says what it must be. Throws `Problem` with 415, 413 or 400. */
export function jsonBody({ headers, body }: Pick<HttpRequest, 'headers' | 'body'>, allowed: string): unknown {
  assertNotEncoded(headers);
  if (body.length > MAX_TRUTH_BYTES)
    throw new Problem(413, `The body has ${body.length} bytes, allowed are at most ${MAX_TRUTH_BYTES} of truths.`);
  const type = bare(headers['content-type'] ?? 'application/json');
  if (type !== 'application/json' && !type.endsWith('+json'))
    throw new Problem(415, `The content type is ${citedStart(type, 80)}, allowed is application/json.`);
  return parseJson(body, allowed);
}

/** Throws `Problem` with 400; `what` says what the bytes are. */
export function parseJson(body: Uint8Array, allowed: string, what = 'The body'): unknown {
  const text = orElse(null, () => new TextDecoder('utf-8', { fatal: true }).decode(body));
  if (text === null) throw new Problem(400, `${what} is not UTF-8, allowed is JSON in UTF-8.`);
  const json = jsonIn(text);
  if (json === undefined)
    throw new Problem(400, `${what} starts with ${citedStart(text, 40)} and is not JSON, allowed is ${allowed}.`);
  return json;
}

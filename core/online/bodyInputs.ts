import * as z from 'zod';
import { MAX_REQUEST_INPUTS } from '../limits.ts';
import { shown } from '../requests/input.ts';
import { citedStart } from '../text/cited.ts';
import type { HttpRequest } from './http.ts';
import { Problem } from './problem.ts';

const inputsRule = `a list of 1 to ${MAX_REQUEST_INPUTS}`;

/** The body of a request for predictions. Its inputs are validated one by one, so that an invalid input is one error. */
const bodySchema = z.strictObject(
  { inputs: z.array(z.unknown(), inputsRule).min(1, inputsRule).max(MAX_REQUEST_INPUTS, inputsRule) },
  'a JSON object with inputs',
);
/** Content types of a single image as the whole body. Its format is detected from its bytes. */
export const IMAGE_TYPES = [
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/tiff',
  'image/jp2',
  'application/octet-stream',
];

export type BodyInputs = {
  readonly inputs: readonly unknown[];
  /** Whether the body is an image: an error in it is then an error of the request. */
  readonly isImage: boolean;
};

/**
 * Returns the inputs that a request wants predictions for.
 *
 * @throws {Problem} with 415, 400 or 422
 */
export function bodyInputs({ headers, body }: Pick<HttpRequest, 'headers' | 'body'>): BodyInputs {
  assertNotEncoded(headers);
  const type = bare(headers['content-type'] ?? 'application/json');
  if (isImageType(type)) {
    if (body.length === 0) throw new Problem(422, 'The body is empty, allowed is a file of an image.');
    return { inputs: [{ image: base64(body) }], isImage: true };
  }
  if (type !== 'application/json' && !type.endsWith('+json'))
    throw new Problem(
      415,
      `The content type is ${citedStart(type, 80)}, allowed are application/json and ${IMAGE_TYPES.join(', ')}.`,
    );
  const json = readJson(
    body,
    'a JSON object with inputs. An image as the body needs its content type, such as image/png',
  );
  const parsed = bodySchema.safeParse(json);
  if (parsed.success) return { inputs: parsed.data.inputs, isImage: false };
  throw new Problem(422, `The body cannot be taken: ${offence(parsed.error.issues[0]!, json)}.`);
}

/** Returns whether a body of that content type is a single image. */
export function isImageType(contentType: string): boolean {
  const type = bare(contentType);
  return type.startsWith('image/') || type === 'application/octet-stream';
}

/** @throws {Problem} with 415 for a compressed body, which would otherwise be reported as neither JSON nor an image */
function assertNotEncoded(headers: HttpRequest['headers']): void {
  const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity';
  if (encoding !== 'identity')
    throw new Problem(
      415,
      `The content encoding is ${citedStart(encoding, 40)}, allowed is none: send the body as it is.`,
    );
}

/** Returns a content type without its parameters. */
function bare(contentType: string): string {
  return contentType.split(';', 1)[0]!.trim().toLowerCase();
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/**
 * Parses a body that must be JSON.
 *
 * @param allowed what the JSON must be, in words
 * @throws {Problem} with 415 or 400
 */
export function jsonBody({ headers, body }: Pick<HttpRequest, 'headers' | 'body'>, allowed: string): unknown {
  assertNotEncoded(headers);
  const type = bare(headers['content-type'] ?? 'application/json');
  if (type !== 'application/json' && !type.endsWith('+json'))
    throw new Problem(415, `The content type is ${citedStart(type, 80)}, allowed is application/json.`);
  return readJson(body, allowed);
}

function readJson(body: Uint8Array, allowed: string): unknown {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw new Problem(400, 'The body is not UTF-8, allowed is JSON in UTF-8.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, `The body starts with ${citedStart(text, 40)} and is not JSON, allowed is ${allowed}.`);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function offence(issue: z.core.$ZodIssue, json: unknown): string {
  if (issue.code === 'unrecognized_keys')
    return `found the members ${citedStart(issue.keys.join(', '), 100)}, allowed is inputs`;
  const [member] = issue.path;
  const found = member === undefined ? json : Object(json)[member];
  return `${member === undefined ? '' : `${String(member)}: `}found ${shown(found)}, allowed is ${issue.message}`;
}

import * as z from 'zod';
import { InvalidMessage } from '../../base/errors.ts';
import { MAX_MEMBER_NAME_LENGTH, MAX_QUEUE_MESSAGE_BYTES, MAX_REQUEST_INPUTS } from '../../base/limits.ts';
import { isSafeName, safeNameRule } from '../../base/names.ts';
import { citedStart } from '../../base/text/cited.ts';
import { jsonLine } from '../../base/text/jsonLine.ts';

/**
 * Messages with predictions answered over HTTP, sent to where files' predictions are counted. They hold the predictions,
 * the request and the input's index, but nothing of the input except a digest.
 */

/** Half a surrogate pair cannot be stored as UTF-8. */
function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

const safeName = z.string().refine(isSafeName, safeNameRule);
/** A value in a column of the predictions; null if missing. */
const valueSchema = z.union([z.string().refine(isWellFormed), z.number(), z.null()]);

export const answeredInputSchema = z.strictObject({
  /** Its index among the request's inputs, from 0. */
  place: z.int().min(0).max(MAX_REQUEST_INPUTS),
  id: z.string().min(1).max(MAX_MEMBER_NAME_LENGTH).refine(isWellFormed).nullable(),
  /** SHA-256 of its bytes, hexadecimal: of an image's file, or of the values of its bands, one after the other. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Its prediction, in the order of `columns`; null if it was blank and nothing was predicted. */
  values: z.array(valueSchema).nullable(),
});
export type AnsweredInput = z.infer<typeof answeredInputSchema>;

export const answeredSchema = z
  .strictObject({
    request: safeName,
    /** The number of this message, from 0, if a request needs several. */
    part: z.int().min(0).max(MAX_REQUEST_INPUTS),
    model: z.strictObject({ name: safeName, version: safeName }),
    at: z.iso.datetime(),
    /** The door that the request came through. */
    door: z.literal('http'),
    /** The columns of predictions of the model's task, by name. */
    columns: z.array(z.string()).min(1),
    inputs: z.array(answeredInputSchema).min(1).max(MAX_REQUEST_INPUTS),
  })
  .refine(
    ({ columns, inputs }) => inputs.every(({ values }) => values === null || values.length === columns.length),
    'inputs: allowed are as many values for each input as there are columns, or null',
  );
/** A message: what was answered to one request, or a part of it. */
export type Answered = z.infer<typeof answeredSchema>;

const messageSchema = z.strictObject({ answered: answeredSchema });

/** The beginning of a message, and of an object of messages. */
export const ANSWERED_BEGINNING = '{"answered":{';

/** Returns the identity of a message, which counts once, however often it is delivered. */
export function answeredId({ request, part }: Pick<Answered, 'request' | 'part'>): string {
  return `${request}/${part}`;
}

/** Encodes a message on one line; equal messages give equal texts. SQS does not accept U+FFFE and U+FFFF. */
export function encodeAnswered({ request, part, model, at, door, columns, inputs }: Answered): string {
  const { name, version } = model;
  const ordered = inputs.map(({ place, id, digest, values }) => ({ place, id, digest, values }));
  const answered = { request, part, model: { name, version }, at, door, columns, inputs: ordered };
  return jsonLine({ answered }).replace(/[\ufffe\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`);
}

/** @throws {InvalidMessage} with what was found and what is allowed */
export function parseAnswered(text: string): Answered {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InvalidMessage(
      `Answered predictions cannot be counted: found a text that starts with ${citedStart(text, 40)} and is not JSON, allowed is a JSON object with answered.`,
    );
  }
  const { success, data, error } = messageSchema.safeParse(json);
  if (success) return data.answered;
  const [issue] = error.issues;
  const where = issue!.path.length === 0 ? '' : `${issue!.path.join('.')}: `;
  throw new InvalidMessage(`Answered predictions cannot be counted: ${citedStart(`${where}${issue!.message}`, 300)}.`);
}

/** Splits an answer into messages of up to `mostBytes` bytes; inputs too large for any message are omitted. */
export function splitAnswered(
  whole: Omit<Answered, 'part'>,
  mostBytes = MAX_QUEUE_MESSAGE_BYTES,
): { messages: string[]; leftOut: number } {
  const own = Buffer.byteLength(encodeAnswered({ ...whole, part: MAX_REQUEST_INPUTS, inputs: [] }));
  const parts: AnsweredInput[][] = [];
  let room = 0;
  let leftOut = 0;
  for (const input of whole.inputs) {
    const bytes = Buffer.byteLength(encodeAnswered({ ...whole, part: 0, inputs: [input] })) - own + COMMA;
    if (own + bytes > mostBytes) leftOut += 1;
    else if (parts.length === 0 || bytes > room) {
      parts.push([input]);
      room = mostBytes - own - bytes;
    } else {
      parts.at(-1)!.push(input);
      room -= bytes;
    }
  }
  return { messages: parts.map((inputs, part) => encodeAnswered({ ...whole, part, inputs })), leftOut };
}

/** More than the separator of two inputs, by as much as a part's number may be shorter than the longest. */
const COMMA = 8;

import type * as z from 'zod';
import { attempt, citedStart, InvalidMessage, InvalidSceneFile, insteadOf, jsonIn } from '../base/errors.ts';
import { inGroups } from '../base/inGroups.ts';
import { jsonLine } from '../base/text/jsonLine.ts';

/** Encodes a message on one line; equal messages give equal texts. JSON allows U+FFFE and U+FFFF, but SQS does not. */
export const encodeMessage = (message: unknown): string =>
  jsonLine(message).replace(/[\ufffe\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`);

/** Throws `InvalidMessage`, which begins with `refusal` and says what was found and which members are `allowed`. */
export function parseJson(text: string, refusal: string, allowed: string): unknown {
  const json = jsonIn(text);
  if (json !== undefined) return json;
  throw new InvalidMessage(
    `${refusal}: found a text that starts with ${citedStart(text, 40)} and is not JSON, allowed is a JSON object with ${allowed}.`,
  );
}

/** Returns what a schema reads. Throws `InvalidMessage` with the first issue, behind the beginning of the error. */
export function checked<Schema extends z.ZodType>(schema: Schema, json: unknown, refusal: string): z.output<Schema> {
  const { success, data, error } = schema.safeParse(json);
  if (success) return data;
  const { path, message } = error.issues[0]!;
  const where = path.length === 0 ? '' : `${path.join('.')}: `;
  throw new InvalidMessage(`${refusal}: ${where}${citedStart(message, 300)}.`);
}

/** Parses a message that is stored in a file: what is wrong with it is wrong with the file. */
export function inFile<Message>(key: string, parse: () => Message): Message {
  const wrong = (cause: Error) => new InvalidSceneFile(`${key}: ${cause.message}`, { cause });
  return attempt(parse, insteadOf(InvalidMessage, wrong));
}

/** Groups items into messages of up to `mostBytes` bytes; those too large for any message are left out. */
export function inMessages<Item>(items: readonly Item[], encode: (some: readonly Item[]) => string, mostBytes: number) {
  const own = Buffer.byteLength(encode([]));
  const most = mostBytes - own;
  const sized = items.map((item) => ({ item, bytes: Buffer.byteLength(encode([item])) - own + 1 })); // and a comma
  const fitting = sized.filter(({ bytes }) => bytes <= most);
  const groups = inGroups(fitting, [most], ({ bytes }) => [bytes]).map((group) => group.map(({ item }) => item));
  return { groups, leftOut: items.length - fitting.length };
}

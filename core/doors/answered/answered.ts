import { hash } from 'node:crypto';
import * as z from 'zod';
import { answeredKey } from '../../base/keys.ts';
import { MAX_MEMBER_NAME_LENGTH, MAX_QUEUE_MESSAGE_BYTES, MAX_REQUEST_INPUTS } from '../../base/limits.ts';
import type { ModelRef } from '../../base/messages.ts';
import { isSafeName, safeNameRule } from '../../base/names.ts';
import { checked, encodeMessage, inMessages, parseJson } from '../queueMessage.ts';

/** Messages with predictions answered over HTTP. They hold nothing of an input but its index, its id and a digest. */

/** Half a surrogate pair cannot be stored as UTF-8. */
const isWellFormed = (text: string) => text.isWellFormed();
const safeName = z.string().refine(isSafeName, safeNameRule);

const answeredInputSchema = z.strictObject({
  place: z.int().min(0).max(MAX_REQUEST_INPUTS),
  id: z.string().min(1).max(MAX_MEMBER_NAME_LENGTH).refine(isWellFormed).nullable(),
  /** SHA-256 of its bytes, hexadecimal: of an image's file, or of the values of its bands, one after the other. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** As in `Chip`; absent for an input that names no records. */
  features: z.array(z.string().refine(isWellFormed).nullable()).optional(),
  /** Its prediction, in the order of `columns`; null if it was blank and nothing was predicted. */
  values: z.array(z.union([z.string().refine(isWellFormed), z.number(), z.null()])).nullable(),
});
export type AnsweredInput = z.infer<typeof answeredInputSchema>;

const answeredSchema = z
  .strictObject({
    request: safeName,
    /** The number of this message, from 0, if a request needs several. */
    part: z.int().min(0).max(MAX_REQUEST_INPUTS),
    model: z.strictObject({ name: safeName, version: safeName }),
    at: z.iso.datetime(),
    door: z.literal('http'),
    columns: z.array(z.string()).min(1),
    inputs: z.array(answeredInputSchema).min(1).max(MAX_REQUEST_INPUTS),
  })
  .refine(
    ({ columns, inputs }) => inputs.every(({ values }) => values === null || values.length === columns.length),
    'inputs: allowed are as many values for each input as there are columns, or null',
  );
export type Answered = z.infer<typeof answeredSchema>;

const messageSchema = z.strictObject({ answered: answeredSchema });

export const ANSWERED_BEGINNING = '{"answered":{';

/** Returns the identity of a message, which counts once, however often it is delivered. */
export const answeredId = ({ request, part }: Pick<Answered, 'request' | 'part'>): string => `${request}/${part}`;

/** Encodes a message on one line; equal messages give equal texts. */
export function encodeAnswered({ request, part, model, at, door, columns, inputs }: Answered): string {
  const { name, version } = model;
  const ordered = inputs.map(({ place, id, digest, features, values }) => ({ place, id, digest, features, values }));
  return encodeMessage({ answered: { request, part, model: { name, version }, at, door, columns, inputs: ordered } });
}

/** @throws {InvalidMessage} with what was found and what is allowed */
export function parseAnswered(text: string): Answered {
  const refusal = 'Answered predictions cannot be counted';
  return checked(messageSchema, parseJson(text, refusal, 'answered'), refusal).answered;
}

/** Splits an answer into messages of up to `mostBytes` bytes; inputs too large for any message are omitted. */
export function splitAnswered(whole: Omit<Answered, 'part'>, mostBytes = MAX_QUEUE_MESSAGE_BYTES) {
  const encode = (inputs: readonly AnsweredInput[], part = MAX_REQUEST_INPUTS) =>
    encodeAnswered({ ...whole, part, inputs: [...inputs] });
  const { groups, leftOut } = inMessages(whole.inputs, (some) => encode(some), mostBytes);
  return { messages: groups.map((inputs, part) => encode(inputs, part)), leftOut };
}

/** Joins messages into one object, one per line, whose key is derived from its content. */
export function encodeGathered(messages: readonly Answered[]): { key: string; bytes: Uint8Array } {
  const byId = new Map(messages.map((one) => [answeredId(one), one]));
  const ids = [...byId.keys()].sort();
  const bytes = new TextEncoder().encode(ids.map((id) => `${encodeAnswered(byId.get(id)!)}\n`).join(''));
  return { key: answeredKey(hash('sha256', bytes)), bytes };
}

/** A shadow's predictions are additional columns beside the answer: readers find columns by name and ignore these. */
const BEGINNING = 'shadow/';

export const shadowColumn = (version: string, name: string): string => `${BEGINNING}${version}/${name}`;

export const hasShadow = ({ columns }: Pick<Answered, 'columns'>): boolean =>
  columns.some((name) => name.startsWith(BEGINNING));

/** Returns the columns of a version's predictions as a shadow, by its task's names; null if a message has none. */
export function columnsOfShadow({ columns, model }: Pick<Answered, 'columns' | 'model'>, { name, version }: ModelRef) {
  const beginning = shadowColumn(version, '');
  if (model.name !== name || !columns.some((column) => column.startsWith(beginning))) return null;
  // Columns of other versions get an empty name.
  return columns.map((column) => (column.startsWith(beginning) ? column.slice(beginning.length) : ''));
}

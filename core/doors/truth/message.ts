import * as z from 'zod';
import { MAX_QUEUE_MESSAGE_BYTES, MAX_REQUEST_INPUTS } from '../../base/limits.ts';
import { isSafeName, safeNameRule } from '../../base/names.ts';
import { checked, encodeMessage, inMessages, parseJson } from '../queueMessage.ts';
import { type Truth, type TruthJson, toTruth, truthSchema } from './truth.ts';

/** Messages with truths, sent to where they are joined to predictions. */

const truthsSchema = z.strictObject({
  model: z.string().refine((one) => one.split('/').length < 3 && one.split('/').every(isSafeName), safeNameRule),
  /** When they were stated: of two truths for one chip, the later one counts. */
  at: z.iso.datetime(),
  truths: z.array(truthSchema).min(1).max(MAX_REQUEST_INPUTS),
  /** Set when truths are resent because their chips were not known before: since when, and the last delay. */
  again: z.strictObject({ since: z.iso.datetime(), delaySeconds: z.int().min(1) }).optional(),
});
export type TruthsMessage = z.infer<typeof truthsSchema>;

const messageSchema = z.strictObject({ truth: truthsSchema });

export const isTruthsMessage = (body: string): boolean => /^\s*\{\s*"truth"/.test(body);

export const encodeTruths = (truth: TruthsMessage): string => encodeMessage({ truth });

/** @throws {InvalidMessage} with what was found and what is allowed */
export function parseTruths(text: string): TruthsMessage & { readonly read: readonly Truth[] } {
  const refusal = 'Truths cannot be joined';
  const { truth } = checked(messageSchema, parseJson(text, refusal, 'truth'), refusal);
  return { ...truth, read: truth.truths.map((one, i) => toTruth(one, truth.at, `truths[${i}]`)) };
}

/** Splits truths into messages of up to `mostBytes` bytes, of which a truth takes a part. */
export function splitTruths(
  whole: Omit<TruthsMessage, 'truths'>,
  truths: readonly TruthJson[],
  mostBytes = MAX_QUEUE_MESSAGE_BYTES,
): string[] {
  const encode = (some: readonly TruthJson[]) => encodeTruths({ ...whole, truths: [...some] });
  return inMessages(truths, encode, mostBytes).groups.map(encode);
}

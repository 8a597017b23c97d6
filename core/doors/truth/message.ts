import * as z from 'zod';
import { InvalidMessage } from '../../base/errors.ts';
import { MAX_QUEUE_MESSAGE_BYTES, MAX_REQUEST_INPUTS } from '../../base/limits.ts';
import { isSafeName, safeNameRule } from '../../base/names.ts';
import { citedStart } from '../../base/text/cited.ts';
import { jsonLine } from '../../base/text/jsonLine.ts';
import { type Truth, type TruthJson, toTruth, truthSchema } from './truth.ts';

/** Messages with truths, sent to where they are joined to predictions. */

export const truthsSchema = z.strictObject({
  model: z.string().refine(isSafeName, safeNameRule),
  /** When they were stated: of two truths for one chip, the later one counts. */
  at: z.iso.datetime(),
  truths: z.array(truthSchema).min(1).max(MAX_REQUEST_INPUTS),
  /** Set when truths are resent because their chips were not known before: since when, and the last delay. */
  again: z.strictObject({ since: z.iso.datetime(), delaySeconds: z.int().min(1) }).optional(),
});
export type TruthsMessage = z.infer<typeof truthsSchema>;

const messageSchema = z.strictObject({ truth: truthsSchema });

/** Returns whether a message holds truths of chips. */
export function isTruthsMessage(body: string): boolean {
  return /^\s*\{\s*"truth"/.test(body);
}

/** Encodes a message on one line. SQS does not accept U+FFFE and U+FFFF. */
export function encodeTruths(truth: TruthsMessage): string {
  return jsonLine({ truth }).replace(/[\ufffe\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`);
}

/** @throws {InvalidMessage} with what was found and what is allowed */
export function parseTruths(text: string): TruthsMessage & { readonly read: readonly Truth[] } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InvalidMessage(
      `Truths cannot be joined: found a text that starts with ${citedStart(text, 40)} and is not JSON, allowed is a JSON object with truth.`,
    );
  }
  const { success, data, error } = messageSchema.safeParse(json);
  if (!success) {
    const [issue] = error.issues;
    const where = issue!.path.length === 0 ? '' : `${issue!.path.join('.')}: `;
    throw new InvalidMessage(`Truths cannot be joined: ${citedStart(`${where}${issue!.message}`, 300)}.`);
  }
  const { at, truths } = data.truth;
  return { ...data.truth, read: truths.map((one, i) => toTruth(one, at, `truths[${i}]`)) };
}

/** Splits truths into messages of up to `mostBytes` bytes. */
export function splitTruths(
  whole: Omit<TruthsMessage, 'truths'>,
  truths: readonly TruthJson[],
  mostBytes = MAX_QUEUE_MESSAGE_BYTES,
): string[] {
  const own = Buffer.byteLength(encodeTruths({ ...whole, truths: [] }));
  const parts: TruthJson[][] = [];
  let room = 0;
  for (const one of truths) {
    const bytes = Buffer.byteLength(encodeTruths({ ...whole, truths: [one] })) - own + 1; // and a comma
    if (parts.length === 0 || bytes > room) {
      parts.push([one]);
      room = mostBytes - own - bytes;
    } else {
      parts.at(-1)!.push(one);
      room -= bytes;
    }
  }
  return parts.map((some) => encodeTruths({ ...whole, truths: some }));
}

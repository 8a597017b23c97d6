import { createHash } from 'node:crypto';
import * as z from 'zod';
import { promotionKey, promotionsPrefix } from '../keys.ts';
import type { Bucket } from '../objectStore.ts';

const attempt = {
  at: z.iso.datetime(),
  /** What was to be promoted, and what in the place of; null where there was nothing. */
  version: z.string(),
  before: z.string().nullable(),
  /** An ARN, or on a laptop a user's name; null where nobody said. */
  by: z.string().nullable(),
  reason: z.string().nullable(),
};
/** The sentences of the gate, one for each rule. */
const refusals = z.array(z.string());

const promotionSchema = z.object({
  ...attempt,
  /** Whether it was promoted before, and is once more by a rollback. */
  isRollback: z.boolean(),
  /** Why the gate refused what was promoted anyway. */
  refusals: refusals.optional(),
});
/** Releases that know no gate pass over it: it does not say whether it is a rollback. */
const refusalSchema = z.object({ ...attempt, isRefused: z.literal(true), refusals });
const recordSchema = z.union([refusalSchema, promotionSchema]);

/** One promotion, for whoever asks later who it was, when, and why. */
export type PromotionRecord = z.infer<typeof promotionSchema>;
/** One that the gate refused. */
export type RefusalRecord = z.infer<typeof refusalSchema>;
export type HistoryRecord = PromotionRecord | RefusalRecord;
/** Who promotes, and why. */
export type PromotionNote = Partial<Pick<PromotionRecord, 'by' | 'reason'>>;

/** Each promotion is an object of its own, so that nobody writes over another's. The same one once more is the same object. */
export async function recordPromotion(
  bucket: Pick<Bucket, 'write'>,
  name: string,
  record: HistoryRecord,
): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(record));
  const digest = createHash('sha256').update(bytes).digest('hex');
  await bucket.write(promotionKey(name, record.at, digest.slice(0, 8)), bytes);
}

/** The latest promotions of a model and those that were refused, the latest first. What somebody else has put beside them is passed over. */
export async function readPromotions(
  bucket: Pick<Bucket, 'read' | 'list'>,
  name: string,
  limit: number,
): Promise<HistoryRecord[]> {
  const keys = (await bucket.list(promotionsPrefix(name))).sort().slice(-limit);
  const read = await Promise.all(keys.map(async (key) => parse(await bucket.read(key))));
  return read.filter((record) => record !== null).reverse();
}

function parse(bytes: Uint8Array): HistoryRecord | null {
  try {
    return recordSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    return null;
  }
}

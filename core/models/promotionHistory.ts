import { createHash } from 'node:crypto';
import * as z from 'zod';
import { promotionKey, promotionsPrefix } from '../keys.ts';
import type { Bucket } from '../objectStore.ts';

const attempt = {
  at: z.iso.datetime(),
  /** The version to promote, and the one it replaces; null if there was none. */
  version: z.string(),
  before: z.string().nullable(),
  /** An ARN, or a user name on a laptop; null if unknown. */
  by: z.string().nullable(),
  reason: z.string().nullable(),
};
/** The gate's sentences, one per rule. */
const refusals = z.array(z.string());

const promotionSchema = z.object({
  ...attempt,
  /** Whether this was a rollback to an earlier version. */
  isRollback: z.boolean(),
  /** Why the gate refused the version that was promoted anyway. */
  refusals: refusals.optional(),
});
/** Releases without a gate skip these records, because they lack `isRollback`. */
const refusalSchema = z.object({ ...attempt, isRefused: z.literal(true), refusals });
const recordSchema = z.union([refusalSchema, promotionSchema]);

/** Who promoted a version, when and why. */
export type PromotionRecord = z.infer<typeof promotionSchema>;
/** A promotion that the gate refused. */
export type RefusalRecord = z.infer<typeof refusalSchema>;
export type HistoryRecord = PromotionRecord | RefusalRecord;
/** Who promotes, and why. */
export type PromotionNote = Partial<Pick<PromotionRecord, 'by' | 'reason'>>;

/**
 * Records a promotion as an object of its own, so that no record overwrites another. Repeating a promotion writes the same
 * object.
 */
export async function recordPromotion(
  bucket: Pick<Bucket, 'write'>,
  name: string,
  record: HistoryRecord,
): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(record));
  const digest = createHash('sha256').update(bytes).digest('hex');
  await bucket.write(promotionKey(name, record.at, digest.slice(0, 8)), bytes);
}

/** Returns a model's latest promotions and refusals, latest first. Foreign objects beside them are ignored. */
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

import { hash } from 'node:crypto';
import * as z from 'zod';
import { orElse } from '../base/errors.ts';
import { promotionKey, promotionsPrefix } from '../base/keys.ts';
import type { ModelRef } from '../base/messages.ts';
import type { Bucket } from '../base/objectStore.ts';
import { encodePromoted, makeModels, noneIfInvalid, type Promotion, parsePromoted } from './models.ts';
import { askedSchema } from './questions.ts';

/**
 * The history of a model's promotions. What is live is written first, with everything that the history says of it, and the
 * history is a copy of that: a writer that dies in between leaves nothing that is not so, and the next one completes it.
 */

const refusalSchema = z.object({
  at: z.iso.datetime(),
  version: z.string(),
  before: z.string().nullable(),
  /** An ARN, or a user name on a laptop; null if unknown. */
  by: z.string().nullable(),
  reason: z.string().nullable(),
  isRefused: z.literal(true),
  refusals: z.array(z.string()),
  /** Which question to the gate it was; absent if its data were not tested. */
  asked: askedSchema.optional(),
});
export type RefusalRecord = z.infer<typeof refusalSchema>;
export type PromotionRecord = Pick<RefusalRecord, 'version' | 'before' | 'by' | 'reason' | 'asked'> & {
  /** Null if `promoted.json` was written by hand. */
  at: string | null;
  isRollback: boolean;
  refusals?: string[];
};
export type HistoryRecord = PromotionRecord | RefusalRecord;
export type PromotionNote = Partial<Pick<PromotionRecord, 'by' | 'reason'>>;

/** Matches the end of `promotionKey`. */
const KEY = /(\d{8})-(\d{5})(?:-[0-9a-f]+)?\.json$/;

/** Writes the live promotion into the history if it is missing there; returns the number of the last one. */
export async function recordLive(bucket: Bucket, live: Promotion | null, name: string): Promise<number> {
  const keys = await bucket.list(promotionsPrefix(name));
  const last = Math.max(0, ...keys.map((key) => Number(KEY.exec(key)?.[1] ?? 0)));
  if (live === null || live.nth === 0) return last;
  const key = promotionKey(name, live.nth);
  if (!keys.includes(key)) await bucket.write(key, encodePromoted(live));
  return Math.max(last, live.nth);
}

/** Records a refused attempt, after the promotion with the number `nth`. */
export async function recordRefusal(bucket: Bucket, name: string, nth: number, record: RefusalRecord): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(record));
  const beginning = promotionKey(name, nth).split('-').slice(0, -1).join('-');
  const since = (await bucket.list(`${beginning}-`)).length;
  await bucket.write(promotionKey(name, nth, Math.max(1, since), hash('sha256', bytes).slice(0, 8)), bytes);
}

/** A model's promotions and refusals, latest first: the first promotion is live, though perhaps not yet recorded. */
export async function readPromotions(bucket: Pick<Bucket, 'read' | 'list'>, name: string, limit: number) {
  const keys = (await bucket.list(promotionsPrefix(name))).filter((key) => KEY.test(key)).sort();
  const live = await makeModels(bucket.read, name).promotion().catch(noneIfInvalid); // only now: nothing listed is later
  const read = await Promise.all(keys.slice(-limit).map(async (key) => parse(key, await bucket.read(key))));
  const records = read.filter((record) => record !== null).reverse();
  const latest = records.find(({ record }) => 'nth' in record);
  if (live !== null && !(latest?.nth === live.nth && latest.record.version === live.version)) {
    const later = records.findIndex(({ nth, record }) => nth < live.nth || 'nth' in record); // refused since
    records.splice(later < 0 ? records.length : later, 0, { nth: live.nth, record: live });
  }
  return records.slice(0, limit).map(({ record }) => ('nth' in record ? toRecord(record) : record));
}

/** Returns the questions to the gate about a version: those that it refused, and those that it let pass. */
export async function questionsAbout(bucket: Pick<Bucket, 'read' | 'list'>, { name, version }: ModelRef) {
  const records = await readPromotions(bucket, name, Number.POSITIVE_INFINITY);
  return records.flatMap((record) => (record.version === version && record.asked) || []);
}

/** Returns whether a version is live or ever was: a rollback forgets the version that it leaves, and the history does not. */
export async function wasPromoted(bucket: Pick<Bucket, 'read' | 'list'>, { name, version }: ModelRef) {
  const records = await readPromotions(bucket, name, Number.POSITIVE_INFINITY);
  return records.some((record) => record.version === version && !('isRefused' in record));
}

function toRecord(promotion: Omit<Promotion, 'name'>): PromotionRecord {
  const { version, promotedAt: at, replaced: before, isRollback, by, reason, refusals, asked } = promotion;
  return { at, version, before, isRollback, by, reason, ...(refusals && { refusals }), ...(asked && { asked }) };
}

function parse(key: string, bytes: Uint8Array) {
  const [, nth, refused] = KEY.exec(key)!;
  const refusal = () => refusalSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  const record = orElse(null, () => (Number(refused) === 0 ? parsePromoted(key, bytes) : refusal()));
  return record && { nth: Number(nth), record };
}

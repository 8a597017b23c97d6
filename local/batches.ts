import * as z from 'zod';
import { type BatchRef, type BatchResult, batchRefSchema, batchResultSchema } from '../core/messages.ts';

/** Hears of a batch of bulk files that a step has come to an end with. */
export type OnBatch = (batch: BatchRef, result: BatchResult) => void;

const batchMessageSchema = z.object({ batch: batchRefSchema });

/** Tells of a batch where a step was about one: what it was sent, and what it answered. */
export function tellOfBatch(message: unknown, result: unknown, onBatch: OnBatch): void {
  const sent = batchMessageSchema.safeParse(message);
  const answered = batchResultSchema.safeParse(result);
  if (sent.success && answered.success) onBatch(sent.data.batch, answered.data);
}

import * as z from 'zod';
import { type BatchRef, type BatchResult, batchRefSchema, batchResultSchema } from '../../core/base/messages.ts';

/** Called with each batch of bulk files that a step has ended. */
export type OnBatch = (batch: BatchRef, result: BatchResult) => void;

const batchMessageSchema = z.object({ batch: batchRefSchema });

/** Reports a batch if a step processed one: the step's input and answer. */
export function tellOfBatch(message: unknown, result: unknown, onBatch: OnBatch): void {
  const sent = batchMessageSchema.safeParse(message);
  const answered = batchResultSchema.safeParse(result);
  if (sent.success && answered.success) onBatch(sent.data.batch, answered.data);
}

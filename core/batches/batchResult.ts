import type { BatchResult } from '../messages.ts';

/** The step that a batch's failures are told of. */
export const BATCH_STEP = 'Batch';

/** What comes of a batch that another one has. */
export function leftOut(files: number): BatchResult {
  return { files, done: 0, empty: 0, duplicate: 0, invalid: 0, failed: 0, leftOut: files, unsettled: 0 };
}

/** The same of several batches together. */
export function addResults(results: readonly BatchResult[]): BatchResult {
  const sum = leftOut(0);
  for (const result of results) for (const name of Object.keys(sum) as (keyof BatchResult)[]) sum[name] += result[name];
  return sum;
}

import type { BatchResult } from '../base/messages.ts';

export const BATCH_STEP = 'Batch';

/** Returns the result of a batch that another execution holds. */
export function leftOut(files: number): BatchResult {
  return { files, done: 0, empty: 0, duplicate: 0, invalid: 0, failed: 0, leftOut: files, unsettled: 0 };
}

export function addResults(results: readonly BatchResult[]): BatchResult {
  const sum = leftOut(0);
  for (const result of results) for (const name of Object.keys(sum) as (keyof BatchResult)[]) sum[name] += result[name];
  return sum;
}

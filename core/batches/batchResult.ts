import { added } from '../base/added.ts';
import type { BatchResult } from '../base/messages.ts';

export const BATCH_STEP = 'Batch';

export function leftOut(files: number): BatchResult {
  return { files, done: 0, empty: 0, duplicate: 0, invalid: 0, failed: 0, leftOut: files, unsettled: 0 };
}

export const addResults = (results: readonly BatchResult[]): BatchResult =>
  results.reduce((a, b) => added(a, b), leftOut(0));

import assert from 'node:assert/strict';
import type { PartResult, RunRef } from '../../core/base/messages.ts';
import type { WriteObject } from '../../core/base/objectStore.ts';
import { numbersOf } from '../../core/drift/totals.ts';
import { driftSchema } from '../../core/ledger/ledgerRow.ts';
import type { Summed } from '../../core/package/task.ts';
import type { ClassCounts } from '../../core/tasks/classification/classCounts.ts';
import { inRow, type StoredSummary, summaryIn } from '../../core/tasks/registry.ts';
import { writeSummary } from '../../core/tasks/summaries.ts';

/** What a part of a run was classified as. */
export type PartCounts = { part: number } & ClassCounts;

/** Writes what infer would have found of a run's parts; answers what infer would answer. */
export async function writeSummaries(
  write: WriteObject,
  run: RunRef,
  parts: readonly PartCounts[],
): Promise<PartResult[]> {
  for (const { part, ...counts } of parts) await writeSummary(write, run, part, counts, null);
  return parts.map(({ part }) => ({ part }));
}

/** The baseline model's classes. */
const COWS = ['cows-0', 'cows-1', 'cows-2', 'cows-3plus'];

/** The attribute of a row that keeps these counts, of the baseline model's classes if no others are named. */
export function storedCounts(
  counts: readonly number[],
  { names = COWS, ...more }: Partial<ClassCounts> & { names?: readonly string[] } = {},
): StoredSummary {
  const sum = { counts, missing: 0, probabilitySum: 0, ...more };
  return inRow(sum, { classes: counts.map((_, value) => ({ name: names[value]!, value })) });
}

/** What a row's summary counts by class, chips without a number included. */
export function countsIn(row: { summary?: string | undefined }): ClassCounts {
  return (summaryIn(row) ?? assert.fail('The row has no summary.')) as ClassCounts;
}

/** The numbers that follow from a row's summary. */
export function numbersIn(row: { summary?: string | undefined }): ReturnType<typeof numbersOf> {
  return numbersOf(countsIn(row));
}

/** The numbers of a row of the metrics table, with what stands beside them. */
export function judgedIn(item: Record<string, unknown> | undefined): Record<string, unknown> {
  const { judgement, ...beside } = item ?? assert.fail('There is no such row.');
  const numbers: Summed = JSON.parse(String(judgement));
  const { shares } = numbersOf(numbers);
  return { ...beside, drift: driftSchema.nullable().parse(beside['drift']), shares, ...numbers };
}

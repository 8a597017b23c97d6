import type { PartResult, RunRef } from '../../core/messages.ts';
import type { WriteObject } from '../../core/objectStore.ts';
import type { ClassCounts } from '../../core/tasks/classification/classCounts.ts';
import { writeSummary } from '../../core/tasks/summaries.ts';

/** What a part of a run was classified as. */
export type PartCounts = { part: number } & ClassCounts;

/** Writes what infer would have found of a run's parts; answers what infer would answer. */
export async function writeSummaries(
  write: WriteObject,
  run: RunRef,
  parts: readonly PartCounts[],
): Promise<PartResult[]> {
  for (const { part, ...counts } of parts) await writeSummary(write, run, part, counts);
  return parts.map(({ part }) => ({ part }));
}

import type { PackageFacts } from '../package/facts.ts';
import type { NamedCount, Summed } from '../package/task.ts';
import { taskOfSum } from './registry.ts';

/**
 * Returns the attribute that keeps a run's summary in its row. It is JSON, because DynamoDB's numbers end at 1e-130 and its
 * client's at 2^53; with the names of classification's classes, so that a row can be read without its package, and the month in which
 * the scene was acquired, because the index of runs by day has this attribute and not the time.
 */
export function inRow(sum: Summed, { classes }: Pick<PackageFacts, 'classes'>, month?: number): StoredSummary {
  const names = sum['task'] === undefined ? { names: classes.map(({ name }) => name) } : {};
  return { summary: JSON.stringify({ ...sum, ...names, ...(month && { monthAcquired: month }) }) };
}

export type StoredSummary = { summary: string };
type Row = { summary?: string | undefined };
type Named = { task?: string; names?: string[]; counts?: number[]; monthAcquired?: number };

/** Returns the month in which a run's scene was acquired; undefined if that is not known. */
export const monthOf = (row: Row): number | undefined => namesIn(row).monthAcquired;

const namesIn = ({ summary }: Row): Named => JSON.parse(summary ?? '{}');

/** Returns the summary in a run's row, if it has one. */
export const summaryIn = ({ summary }: Row): Summed | undefined =>
  summary === undefined ? undefined : ofRow({ summary });

/** Returns the chips by class name, for classification; else none. */
export const namedIn = (row: Row): NamedCount[] => (namesIn(row).task === undefined ? classesIn(row) : []);

/** Returns the predictions by class name, if the task has classes; for masks, the class shares, summed over the chips. */
export function classesIn(row: Row): NamedCount[] {
  const { names = [], counts = [] } = namesIn(row);
  return names.map((name, at) => ({ name, count: counts[at] ?? 0 }));
}

export function ofRow({ summary }: StoredSummary): Summed {
  const sum: Summed = JSON.parse(summary);
  return taskOfSum(sum).summary.schema.parse(sum);
}

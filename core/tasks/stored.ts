import type { ModelPackage } from '../models/package.ts';
import { chipsIn, taskOf, taskOfSum } from './registry.ts';
import type { StoredCounts, Summed } from './task.ts';

/**
 * Returns a summary as tables store it. Classification has attributes of its own, which former releases wrote and read. Any
 * other task's summary is JSON, because DynamoDB's numbers end at 1e-130 and its client's at 2^53, in the attribute of the
 * classes: the index by day projects attributes by name, and a projection cannot be changed. A former release reads it as
 * that many chips of one class. See docs/decisions/0018-where-a-tasks-summary-is-kept.md.
 */
export function inRow(sum: Summed, model: ModelPackage): StoredCounts {
  const task = taskOf(model);
  const { name, missing, stored } = task;
  if (stored !== undefined) return stored.inRow(sum, model);
  const count = Math.round(chipsIn(task, sum)); // the shares add up to it, except for rounding
  return { classes: [{ name, count, summary: JSON.stringify(sum) }], missing: missing(sum), probabilitySum: 0 };
}

type FewCounts = { [Name in keyof StoredCounts]?: StoredCounts[Name] | undefined };

/** Returns the summary in a run's row, if it has one. */
export function summaryIn({ classes, missing = 0, probabilitySum = 0 }: FewCounts): Summed | undefined {
  return classes && ofRow({ classes, missing, probabilitySum });
}

/** Returns chips by class name, for a run whose task stores them so; else none. */
export function namedIn({ classes = [] }: FewCounts): StoredCounts['classes'] {
  return classes.filter(({ summary }) => summary === undefined);
}

/** Returns the summary of a row that must have one. */
export function ofRow(row: StoredCounts): Summed {
  const json = row.classes[0]?.summary;
  if (json === undefined) return taskOfSum({}).stored!.ofRow(row);
  const sum: Summed = JSON.parse(json);
  return taskOfSum(sum).summary.schema.parse(sum);
}

import type { ModelPackage } from '../models/package.ts';
import { chipsIn } from './chipsIn.ts';
import { taskOf, taskOfSum } from './registry.ts';
import type { StoredCounts, Summed } from './task.ts';

/**
 * How the tables keep summaries. Classification has attributes of its own, which former releases wrote and read. Any other
 * task's summary is JSON, as DynamoDB's numbers end at 1e-130 and its client's at 2^53, and stands where the classes would:
 * the index by day holds attributes by their names, and what an index holds cannot be changed. A former release takes it for
 * so many chips of one class. See docs/decisions/0018-where-a-tasks-summary-is-kept.md.
 */
export function inRow(sum: Summed, model: ModelPackage): StoredCounts {
  const task = taskOf(model);
  const { name, missing, stored } = task;
  if (stored !== undefined) return stored.inRow(sum, model);
  const count = Math.round(chipsIn(task, sum)); // shares add up to it but for their rounding
  return { classes: [{ name, count, summary: JSON.stringify(sum) }], missing: missing(sum), probabilitySum: 0 };
}

type FewCounts = { [Name in keyof StoredCounts]?: StoredCounts[Name] | undefined };

/** The summary of a run's row, where it has come to one. */
export function summaryIn({ classes, missing = 0, probabilitySum = 0 }: FewCounts): Summed | undefined {
  return classes && ofRow({ classes, missing, probabilitySum });
}

/** Chips by the names of classes, of a run whose task has such names; none of another. */
export function namedIn({ classes = [] }: FewCounts): StoredCounts['classes'] {
  return classes.filter(({ summary }) => summary === undefined);
}

/** The same, of a row that has one. */
export function ofRow(row: StoredCounts): Summed {
  const json = row.classes[0]?.summary;
  if (json === undefined) return taskOfSum({}).stored!.ofRow(row);
  const sum: Summed = JSON.parse(json);
  return taskOfSum(sum).summary.schema.parse(sum);
}

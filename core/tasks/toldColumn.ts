import type { Column } from '../predictions/column.ts';
import type { Task } from './task.ts';

/** Returns the column of late truths of a task's chips. */
export function toldColumn({ truth, truthLater }: Pick<Task, 'truth' | 'truthLater'>): Column {
  return truthLater?.column ?? truth;
}

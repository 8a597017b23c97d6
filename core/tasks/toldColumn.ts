import type { Column } from '../predictions/column.ts';
import type { Task } from './task.ts';

/** The column of what somebody has said later is true of a task's chips. */
export function toldColumn({ truth, truthLater }: Pick<Task, 'truth' | 'truthLater'>): Column {
  return truthLater?.column ?? truth;
}

import type { ModelPackage } from '../../core/package/package.ts';
import { type Edit, editedPackage, INPUT, PROPERTIES } from './packages.ts';

/** For tests: a model of rows of two numbers, A and B, with the baseline's classes and their values as `label`. */
export const rowModel = (type: string, ...edits: Edit[]): Promise<ModelPackage> =>
  editedPackage([...rowEdits(type), ...edits]);

export function rowEdits(type: string): Edit[] {
  return [
    [`${PROPERTIES}/bands`, ['A', 'B'].map((name) => ({ name, data_type: type }))],
    [`${PROPERTIES}/swath:truth`, 'label'],
    [`${INPUT}/bands`, ['A', 'B']],
    [`${INPUT}/input/dim_order`, ['batch', 'feature']],
    [`${INPUT}/input/shape`, [-1, 2]],
    [`${INPUT}/value_scaling`, null],
  ];
}

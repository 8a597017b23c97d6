import type { ModelPackage } from '../package/package.ts';
import type { Summed } from '../package/task.ts';
import { classificationShown } from './classification/shown.ts';
import { multilabelShown } from './multilabel/shown.ts';
import { taskOfSum } from './registry.ts';
import { regressionShown } from './regression/shown.ts';
import { segmentationShown } from './segmentation/shown.ts';
import type { Shown } from './shown.ts';

export const SHOWN: readonly Shown[] = [classificationShown, multilabelShown, regressionShown, segmentationShown];

export const shownOf = (model: Pick<ModelPackage, 'task'>): Shown => shownAs(model.task.name);

/** Returns how the task of a summary is presented. */
export const shownOfSum = (sum: Summed): Shown => shownAs(taskOfSum(sum).name);

/** @throws {Error} when there is no task of this name */
export function shownAs(name: string): Shown {
  const shown = SHOWN.find((one) => one.name === name);
  if (shown === undefined) throw new Error(`nothing says how the task ${name} is shown`);
  return shown;
}

import { makeClassDifference } from './classification/classDifference.ts';
import type { MakeDifference } from './difference.ts';
import { makeLabelDifference } from './multilabel/labelDifference.ts';
import { makeValueDifference } from './regression/valueDifference.ts';
import { makeMaskDifference } from './segmentation/maskDifference.ts';

/**
 * The comparisons of two versions, one for each task that can be compared. Separate from the tasks, because functions that
 * only present results do not need them.
 */
export const DIFFERENCES: ReadonlyMap<string, MakeDifference> = new Map<string, MakeDifference>([
  ['classification', makeClassDifference],
  ['multilabel', makeLabelDifference],
  ['regression', makeValueDifference],
  ['segmentation', makeMaskDifference],
]);

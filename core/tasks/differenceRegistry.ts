import { makeClassDifference } from './classification/classDifference.ts';
import { makeLabelDifference } from './multilabel/labelDifference.ts';
import { makeValueDifference } from './regression/valueDifference.ts';
import { makeMaskDifference } from './segmentation/maskDifference.ts';
import type { MakeDifference } from './shown.ts';

/** Comparisons of two versions, by task; apart from the tasks, which functions that only present do not need. */
export const DIFFERENCES: ReadonlyMap<string, MakeDifference> = new Map<string, MakeDifference>([
  ['classification', makeClassDifference],
  ['multilabel', makeLabelDifference],
  ['regression', makeValueDifference],
  ['segmentation', makeMaskDifference],
]);

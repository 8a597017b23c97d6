import { makeClassDifference } from './classification/classDifference.ts';
import type { MakeDifference } from './difference.ts';
import { makeLabelDifference } from './multilabel/labelDifference.ts';
import { makeValueDifference } from './regression/valueDifference.ts';
import { makeMaskDifference } from './segmentation/maskDifference.ts';

/** How two versions are compared, a line for each task of which they can be. Functions that only tell have no use for it. */
export const DIFFERENCES: ReadonlyMap<string, MakeDifference> = new Map<string, MakeDifference>([
  ['classification', makeClassDifference],
  ['multilabel', makeLabelDifference],
  ['regression', makeValueDifference],
  ['segmentation', makeMaskDifference],
]);

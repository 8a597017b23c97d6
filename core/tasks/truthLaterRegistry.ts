import { readLabels } from './multilabel/readLabels.ts';
import { compareMask } from './segmentation/compareMask.ts';
import type { MakeCompareMask, MakeReadLater } from './truthLater.ts';

/**
 * How late truths are read, for tasks whose scene files cannot state them (`truthLater`): as words, or as masks. Separate
 * from the tasks, because functions that only count do not need it.
 */
export const READ_LATER: ReadonlyMap<string, MakeReadLater> = new Map([['multilabel', readLabels]]);
export const COMPARE_MASK: ReadonlyMap<string, MakeCompareMask> = new Map([['segmentation', compareMask]]);

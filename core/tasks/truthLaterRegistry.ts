import { readLabels } from './multilabel/readLabels.ts';
import { compareMask } from './segmentation/compareMask.ts';
import type { MakeCompareMask, MakeReadLater } from './truthLater.ts';

/** How truths are read that scene files cannot state. Separate from the tasks: functions that only count do not need it. */
export const READ_LATER: ReadonlyMap<string, MakeReadLater> = new Map([['multilabel', readLabels]]);
export const COMPARE_MASK: ReadonlyMap<string, MakeCompareMask> = new Map([['segmentation', compareMask]]);

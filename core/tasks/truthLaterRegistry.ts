import { readLabels } from './multilabel/readLabels.ts';
import { compareMask } from './segmentation/compareMask.ts';
import type { MakeCompareMask, MakeReadLater } from './truthLater.ts';

/**
 * How what somebody says later is read, of the tasks whose files of scenes cannot say it (`truthLater`), a line each: by a word, or by a mask.
 * Functions that only count have no use for it.
 */
export const READ_LATER: ReadonlyMap<string, MakeReadLater> = new Map([['multilabel', readLabels]]);
export const COMPARE_MASK: ReadonlyMap<string, MakeCompareMask> = new Map([['segmentation', compareMask]]);

import { studentT } from './fQuantile.ts';
import type { MeanOfScenes } from './meanOfScenes.ts';

/** Returns the end of the one-sided confidence interval: by Student's t, with as many degrees of freedom as scenes less one. */
export function marginOfScenes({ error, scenes }: MeanOfScenes, confidence: number): number {
  return error === null || scenes <= 1 ? Infinity : error * studentT(confidence, scenes - 1);
}

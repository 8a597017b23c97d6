import type { ModelPackage } from '../models/package.ts';
import type { TruthSaid, TruthValue } from './task.ts';

/** Makes the reader of what is said. What cannot be meant throws `InvalidSceneFile`, whose message `where` begins. */
export type MakeReadLater = (
  model: Pick<ModelPackage, 'classes'>,
) => (says: TruthSaid, where: () => string) => TruthValue;

/**
 * Of a task of maps, whose truth is a mask: makes what says how the pixels of one chip's map and its mask compare. `isKnown` has 0 where the
 * mask has no data; null where it has everywhere.
 */
export type MakeCompareMask = (
  model: Pick<ModelPackage, 'classes'>,
) => (predicted: ArrayLike<number>, truth: ArrayLike<number>, isKnown: Uint8Array | null) => TruthValue;

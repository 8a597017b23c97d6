import type { PackageFacts } from '../package/facts.ts';
import type { TruthSaid, TruthValue } from '../package/task.ts';

/** Makes the reader of late truths. It throws `InvalidSceneFile` for an invalid one; the message begins with `where`. */
export type MakeReadLater = (
  model: Pick<PackageFacts, 'classes'>,
) => (says: TruthSaid, where: () => string) => TruthValue;

/**
 * For tasks whose truth is a mask: makes the function that compares the pixels of a chip's map with its mask. `isKnown` is
 * 0 where the mask has no data; null if it has data everywhere.
 */
export type MakeCompareMask = (
  model: Pick<PackageFacts, 'classes'>,
) => (predicted: ArrayLike<number>, truth: ArrayLike<number>, isKnown: Uint8Array | null) => TruthValue;

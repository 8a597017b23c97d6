import type { PackageFacts } from '../package/facts.ts';
import type { TruthSaid, TruthValue } from '../package/task.ts';

/** Makes the reader of late truths. It throws `InvalidSceneFile` for an invalid one; the message begins with `where`. */
export type MakeReadLater = (
  model: Pick<PackageFacts, 'classes'>,
) => (says: TruthSaid, where: () => string) => TruthValue;

/** Makes what compares a map with its mask of truth. `isKnown` is 0 where that has no data; null if it has all. */
export type MakeCompareMask = (
  model: Pick<PackageFacts, 'classes'>,
) => (predicted: ArrayLike<number>, truth: ArrayLike<number>, isKnown: Uint8Array | null) => TruthValue;

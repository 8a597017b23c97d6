/**
 * How often one class was confused with another: the indices of the true and the predicted class, and a count above 0, in
 * order. Pairs that never occurred are omitted, so the size grows with the mistakes, not with the classes.
 */
export type Confused = [truth: number, predicted: number, count: number][];

/** Adds two counts; commutative. */
export function addedConfused(a: Confused, b: Confused): Confused {
  const counts = new Map<number, number>();
  for (const [truth, predicted, count] of [...a, ...b]) {
    const cell = cellOf(truth, predicted);
    counts.set(cell, (counts.get(cell) ?? 0) + count);
  }
  return confusedIn(counts);
}

/** Encodes a pair of indices as a number that sorts like the pair. */
export function cellOf(truth: number, predicted: number): number {
  return truth * PLACES + predicted;
}

export function confusedIn(counts: ReadonlyMap<number, number>): Confused {
  return [...counts]
    .toSorted(([a], [b]) => a - b)
    .map(([cell, count]) => [Math.floor(cell / PLACES), cell % PLACES, count]);
}

/** More than the number of classes of any model. */
const PLACES = 2 ** 20;

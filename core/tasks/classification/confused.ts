/**
 * How often a class was taken for another one: the places of the true and of the predicted class in the package, and a count
 * above 0, in their order. Pairs that never came are left out, so what it takes grows with the mistakes and not with the classes.
 */
export type Confused = [truth: number, predicted: number, count: number][];

/** Both together: the same in whichever order they are added. */
export function addedConfused(a: Confused, b: Confused): Confused {
  const counts = new Map<number, number>();
  for (const [truth, predicted, count] of [...a, ...b]) {
    const cell = cellOf(truth, predicted);
    counts.set(cell, (counts.get(cell) ?? 0) + count);
  }
  return confusedIn(counts);
}

/** One pair of places as a number, by which pairs sort as they are to stand. */
export function cellOf(truth: number, predicted: number): number {
  return truth * PLACES + predicted;
}

export function confusedIn(counts: ReadonlyMap<number, number>): Confused {
  return [...counts]
    .toSorted(([a], [b]) => a - b)
    .map(([cell, count]) => [Math.floor(cell / PLACES), cell % PLACES, count]);
}

/** More than a model has classes. */
const PLACES = 2 ** 20;

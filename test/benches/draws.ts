import type { KnownPlaces } from '../../core/statistics/stratifiedAreas.ts';

/** For tests by simulation: a class drawn in proportion to these counts or shares. */
export function picked(weights: readonly number[], random: () => number, total = totalOf(weights)): number {
  let left = random() * total;
  const last = weights.length - 1;
  for (let place = 0; place < last; place += 1) {
    left -= weights[place]!;
    if (left < 0) return place;
  }
  return last;
}

/** The classes of so many chips, counted. */
export function drawn(weights: readonly number[], chips: number, random: () => number): number[] {
  const counts = weights.map(() => 0);
  const total = totalOf(weights);
  for (let chip = 0; chip < chips; chip += 1) counts[picked(weights, random, total)]! += 1;
  return counts;
}

const totalOf = (weights: readonly number[]): number => weights.reduce((sum, weight) => sum + weight, 0);

/** How many places of each mapped class (row) truly are of each class (column), all of one size. */
export const placesOf = (counts: readonly (readonly number[])[], land = 1): KnownPlaces => ({
  chips: counts.flat().reduce((sum, one) => sum + one, 0),
  land: Object.fromEntries(counts.flatMap((row, i) => row.map((chips, j) => [`${i} ${j}`, chips * land]))),
  squares: counts.map((row) => row.reduce((sum, one) => sum + one * land ** 2, 0)),
});

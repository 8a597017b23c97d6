import { sum } from 'simple-statistics';
import { jensenShannonDistance } from '../../core/statistics/jensenShannon.ts';
import type { Random } from '../../replay/sfc32.ts';
import { type Picture, type Scene, squareAt } from './picture.ts';
import { CLASSES, countsOf, type Ranges } from './ranges.ts';

/** Draws scenes from a picture: squares of neighbouring chips from anywhere, and others that have really changed. */

export type Draw = () => Scene;

const whole = (random: Random, below: number) => Math.floor(random() * below);

/** Draws squares of which at least half of the chips have data. */
export function anywhere(
  { width, height }: Picture,
  { side, classAt }: Ranges,
  [columns, rows]: readonly [number, number],
  random: Random,
): Draw {
  return () => {
    for (;;) {
      const [x, y] = [whole(random, width - columns * side + 1), whole(random, height - rows * side + 1)];
      const scene = squareAt(x, y, columns, rows, side);
      if (2 * sum(countsOf(scene, classAt)) >= scene.chips.length) return scene;
    }
  };
}

/** So many squares stand for all that there are. */
const CANDIDATES = 4000;

/**
 * Draws squares of neighbouring chips as they are, but those with more of a class more often, by exp(tilt · share), such that the expected mix of
 * classes is at the distance. So scenes differ as real ones do. Undefined if no tilt comes so far.
 */
export function tilted(
  draw: Draw,
  { classAt, reference }: Ranges,
  own: number,
  distance: number,
  random: Random,
): Draw | undefined {
  const candidates = Array.from({ length: CANDIDATES }, draw);
  const shares = candidates.map((scene) => {
    const counts = countsOf(scene, classAt);
    return counts.map((count) => count / sum(counts));
  });
  const weightsOf = (tilt: number) => shares.map((share) => Math.exp(tilt * (share[own]! - 1)));
  const mixOf = (tilt: number) => {
    const weights = weightsOf(tilt);
    return reference.map((_, k) => sum(shares.map((share, i) => weights[i]! * share[k]!)));
  };
  const tilt = solved((tilt) => jensenShannonDistance(mixOf(tilt), reference), distance, 100);
  if (tilt === undefined) return undefined;
  let total = 0;
  const until = weightsOf(tilt).map((weight) => (total += weight));
  return () => {
    const at = random() * total;
    return candidates[until.findIndex((end) => at < end)]!;
  };
}

/** Replaces chips by chips of one class from anywhere in the picture, each with the same chance, such that the expected mix is at the distance. */
export function replaced(
  draw: Draw,
  { classAt, reference, chips: all }: Ranges,
  own: number,
  distance: number,
  random: Random,
): Draw {
  const total = sum(reference);
  const mixOf = (share: number) => reference.map((count, k) => (1 - share) * count + (k === own ? share * total : 0));
  const share = solved((share) => jensenShannonDistance(mixOf(share), reference), distance, 1)!;
  const others = all.filter(([x, y]) => classAt(x, y) === own);
  return () => {
    const { columns, chips } = draw();
    return { columns, chips: chips.map((chip) => (random() < share ? others[whole(random, others.length)]! : chip)) };
  };
}

/** Chips that are drawn at random from the whole picture, so that each is independent. */
export function shuffled({ chips }: Ranges, [columns, rows]: readonly [number, number], random: Random): Draw {
  return () => ({ columns, chips: Array.from({ length: columns * rows }, () => chips[whole(random, chips.length)]!) });
}

/** Where a growing function reaches a value, by bisection; undefined if it does not below `most`. */
function solved(of: (x: number) => number, value: number, most: number): number | undefined {
  if (of(most) < value) return undefined;
  let [low, high] = [0, most];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (of(middle) < value) low = middle;
    else high = middle;
  }
  return high;
}

export const ALL_CLASSES = Array.from({ length: CLASSES }, (_, own) => own);

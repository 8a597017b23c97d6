import { jensenShannonDistance } from './jensenShannon.ts';

/** With as many of the rarest class to be expected, quiet samples pass the limiting floor of 1 % in at most 2 %. */
const ENOUGH_OF_EACH = 7.5;
/** Larger samples take too long to draw. With forty classes, 9 % of 200 chips pass the limit, but none comes near a threshold of 0.25. */
const MOST_CHIPS = 200;
/** Of these, 200 are beyond a floor of 1 %, by which it is known to 7 % of that. */
const TRIALS = 20_000;
const MOST_KEPT = 50;

/** Sorted, by n and reference: each α has a floor of its own among them. */
const known = new Map<string, Float64Array>();

/** Whether the limiting distribution of the noise floor is too coarse for such a sample. */
export function isSmall(n: number, reference: readonly number[]): boolean {
  const used = reference.filter((count) => count > 0);
  const total = used.reduce((sum, count) => sum + count, 0);
  return used.length > 1 && Number.isInteger(n) && n <= MOST_CHIPS && (n * Math.min(...used)) / total < ENOUGH_OF_EACH;
}

/**
 * Returns the noise floor of a small sample of independent chips, by simulation, and of two classes exactly: the Jensen–Shannon distance that at most a share `alpha` of samples
 * drawn from the reference exceeds. The limiting distribution is passed up to nine times as often there. Draws are the same on every machine. What a
 * reference of N chips leaves open widens the floor by √(1 + n/N), as in the limit.
 */
export function simulatedFloor(n: number, reference: readonly number[], alpha: number): number {
  if (reference.length === 2) return exactFloor(n, reference, alpha);
  const key = JSON.stringify([n, reference]);
  const distances = known.get(key) ?? simulate(n, reference);
  if (known.size >= MOST_KEPT) known.clear();
  known.set(key, distances);
  const total = reference.reduce((sum, count) => sum + count, 0);
  return widened(distances[TRIALS - 1 - Math.floor(alpha * TRIALS)]!, n, total);
}

function simulate(n: number, reference: readonly number[]): Float64Array {
  const total = reference.reduce((sum, count) => sum + count, 0);
  const order = reference.map((_, place) => place).sort((a, b) => reference[b]! - reference[a]!);
  let state = 1; // of the generator of S. K. Park and K. W. Miller, Communications of the ACM 31 (1988) 1192, with their later multiplier
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const distances = new Float64Array(TRIALS).map(() => {
    const counts = reference.map(() => 0);
    for (let chip = 0; chip < n; chip += 1) {
      let left = random() * total;
      let place = 0;
      while (place < order.length - 1 && left >= reference[order[place]!]!) {
        left -= reference[order[place]!]!;
        place += 1;
      }
      counts[order[place]!]! += 1;
    }
    return jensenShannonDistance(counts, reference);
  });
  return distances.sort();
}

/** Of two classes, there are few enough samples to add up the probabilities of all. */
function exactFloor(n: number, reference: readonly number[], alpha: number): number {
  const [rare, common] = reference.toSorted((a, b) => a - b) as [number, number];
  const odds = rare / common;
  let probability = (1 + odds) ** -n;
  const samples = Array.from({ length: n + 1 }, (_, count) => {
    const sample = { probability, distance: jensenShannonDistance([count, n - count], [rare, common]) };
    probability *= (odds * (n - count)) / (count + 1);
    return sample;
  }).sort((a, b) => b.distance - a.distance);
  let beyond = 0;
  for (const { distance, probability: own } of samples) {
    beyond += own;
    if (beyond > alpha) return widened(distance, n, rare + common);
  }
  return 0;
}

const widened = (floor: number, n: number, total: number): number =>
  Math.min(floor * Math.sqrt(1 + n / total), Math.sqrt(Math.LN2));

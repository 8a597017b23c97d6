import { gammaln } from 'simple-statistics';
import { inverseUpperGamma } from './incompleteGamma.ts';
import { relativeEntropyTerm } from './jensenShannon.ts';

/** With as many of the rarest class to be expected, quiet samples pass the limiting floor of 1 % in at most 2 %. */
const ENOUGH_OF_EACH = 7.5;
/** The gamma distribution is up to a third too wide for a handful of classes and few chips: these are drawn, which takes a tenth of a second. */
const [FEW_CHIPS, FEW_CLASSES] = [200, 20];
/** Of these, 200 are beyond a floor of 1 %, by which it is known to 7 % of that. */
const TRIALS = 20_000;
const MODULUS = 2 ** 31 - 1;
/** Squared floors by n, reference and α. */
const drawn = new Map<string, number>();
/** A Poisson count is further from its mean, in standard deviations and one more, in less than 10⁻¹⁵ of cases. */
const MOST_DEVIATIONS = 9;

/** Whether the limiting distribution of the noise floor is too coarse for such a sample. */
export function isSparse(n: number, reference: readonly number[]): boolean {
  const used = reference.filter((count) => count > 0);
  const total = used.reduce((sum, count) => sum + count, 0);
  return used.length > 1 && Number.isInteger(n) && (n * Math.min(...used)) / total < ENOUGH_OF_EACH;
}

/**
 * Returns the noise floor of independent chips with rare classes: the Jensen–Shannon distance that about a share `alpha` of samples drawn from the reference exceeds, by simulation
 * where chips and classes are few. Else, the squared distance is a sum over classes. Given that Poisson counts add up to n, its mean and variance are those of L. Holst, Biometrika 59 (1972) 137; its quantile is
 * that of the gamma distribution that has both. What a reference of N chips leaves open widens the floor by √(1 + n/N), as in the limit.
 */
export function sparseFloor(n: number, reference: readonly number[], alpha: number): number {
  const used = reference.filter((count) => count > 0);
  const total = used.reduce((sum, count) => sum + count, 0);
  if (n <= FEW_CHIPS && used.length <= FEW_CLASSES) {
    const key = JSON.stringify([n, used, alpha]);
    const squared = drawn.get(key) ?? simulate(n, used, total)[TRIALS - 1 - Math.floor(alpha * TRIALS)]!;
    drawn.set(key, squared);
    return widened(Math.sqrt(Math.max(0, squared)), n, total);
  }
  const parts = used.map((count) => moments(n, count / total));
  const [mean = 0, variance = 0, withCount = 0] = [0, 1, 2].map((k) => parts.reduce((sum, part) => sum + part[k]!, 0));
  const left = variance - withCount ** 2 / n;
  return widened(Math.sqrt((inverseUpperGamma(mean ** 2 / left, alpha) * left) / mean), n, total);
}

/** The mean and variance of a class's part of the squared distance, and its covariance with the count. */
function moments(n: number, share: number): [number, number, number] {
  const expected = n * share;
  const width = MOST_DEVIATIONS * (Math.sqrt(expected) + 1);
  const sums: [number, number, number] = [0, 0, 0];
  for (let count = Math.max(0, Math.floor(expected - width)); count <= expected + width; count += 1) {
    const probability = Math.exp(count * Math.log(expected) - expected - gammaln(count + 1));
    const part = partOf(count / n, share);
    sums[0] += probability * part;
    sums[1] += probability * part ** 2;
    sums[2] += probability * part * (count - expected);
  }
  return [sums[0], sums[1] - sums[0] ** 2, sums[2]];
}

/** A class's part of the squared distance. */
function partOf(found: number, share: number): number {
  const middle = (found + share) / 2;
  return (relativeEntropyTerm(found, middle) + relativeEntropyTerm(share, middle)) / 2;
}

/** Draws the same samples on every machine; returns their squared distances, sorted. */
function simulate(n: number, reference: readonly number[], total: number): Float64Array {
  const shares = reference.map((count) => count / total).sort((a, b) => b - a);
  const parts = shares.map((share) => Array.from({ length: n + 1 }, (_, count) => partOf(count / n, share)));
  const ends = shares.map((_, place) => shares.slice(0, place + 1).reduce((sum, share) => sum + share) * MODULUS);
  let state = 1; // of the generator of S. K. Park and K. W. Miller, Communications of the ACM 31 (1988) 1192, with their later multiplier
  const squares = new Float64Array(TRIALS).map(() => {
    const counts = shares.map(() => 0);
    for (let chip = 0; chip < n; chip += 1) {
      const product = state * 48_271;
      state = product - Math.floor(product / 2 ** 31) * MODULUS; // the operator % would take most of the time
      if (state >= MODULUS) state -= MODULUS;
      let place = 0;
      while (place < ends.length - 1 && state >= ends[place]!) place += 1;
      counts[place]! += 1;
    }
    return parts.reduce((sum, part, place) => sum + part[counts[place]!]!, 0);
  });
  return squares.sort();
}

const widened = (floor: number, n: number, total: number): number =>
  Math.min(floor * Math.sqrt(1 + n / total), Math.sqrt(Math.LN2));

import { gammaln } from 'simple-statistics';
import { inverseUpperGamma } from './incompleteGamma.ts';
import { jensenShannonDistance, relativeEntropyTerm } from './jensenShannon.ts';

/** With as many of the rarest class to be expected, quiet samples pass the limiting floor of 1 % in at most 2 %. */
const ENOUGH_OF_EACH = 7.5;
/** Samples have more of the rare one of two classes in less than 10⁻⁶⁰ of cases. */
const MOST_OF_RARE = 100;
/** A Poisson count is further from its mean, in standard deviations and one more, in less than 10⁻¹⁵ of cases. */
const MOST_DEVIATIONS = 9;

/** Whether the limiting distribution of the noise floor is too coarse for such a sample. */
export function isSparse(n: number, reference: readonly number[]): boolean {
  const used = reference.filter((count) => count > 0);
  const total = used.reduce((sum, count) => sum + count, 0);
  return used.length > 1 && Number.isInteger(n) && (n * Math.min(...used)) / total < ENOUGH_OF_EACH;
}

/**
 * Returns the noise floor of independent chips with rare classes: the Jensen–Shannon distance that about a share `alpha` of samples drawn from the reference exceeds, of two classes
 * exactly. The squared distance is a sum over classes. Given that Poisson counts add up to n, its mean and variance are those of L. Holst, Biometrika 59 (1972) 137; its quantile is
 * that of the gamma distribution that has both. What a reference of N chips leaves open widens the floor by √(1 + n/N), as in the limit.
 */
export function sparseFloor(n: number, reference: readonly number[], alpha: number): number {
  const used = reference.filter((count) => count > 0);
  const total = used.reduce((sum, count) => sum + count, 0);
  if (used.length === 2) return exactFloor(n, used, alpha);
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
    const middle = (count / n + share) / 2;
    const part = (relativeEntropyTerm(count / n, middle) + relativeEntropyTerm(share, middle)) / 2;
    sums[0] += probability * part;
    sums[1] += probability * part ** 2;
    sums[2] += probability * part * (count - expected);
  }
  return [sums[0], sums[1] - sums[0] ** 2, sums[2]];
}

/** Of two classes, there are few enough samples to add up the probabilities of all. */
function exactFloor(n: number, reference: readonly number[], alpha: number): number {
  const [rare, common] = reference.toSorted((a, b) => a - b) as [number, number];
  const odds = rare / common;
  let probability = (1 + odds) ** -n;
  const samples = Array.from({ length: Math.min(n, MOST_OF_RARE) + 1 }, (_, count) => {
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

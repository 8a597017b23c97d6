import type { Sizes } from './clustering.ts';
import { fQuantile } from './fQuantile.ts';
import { inverseUpperGamma } from './incompleteGamma.ts';
import { jensenShannonDistance } from './jensenShannon.ts';

/** How much the shares of independent chips vary: see `spreadOfShares`. */
export type Spread = { readonly sum: number; readonly degreesOfFreedom: number };

/** The spread of chips that have one of k classes each. */
export const spreadOfClasses = (k: number): Spread => ({ sum: k - 1, degreesOfFreedom: k - 1 });

/**
 * Returns the noise floor: the Jensen–Shannon distance that a sample of `n` exceeds by chance in a share `alpha` of cases, compared with a reference drawn from
 * the same distribution: √(q / 8 · (1/n + 1/N)). The squared distance of such samples, times 8 / (1/n + 1/N), tends to Σ λᵢ χ²₁ (Rao and Scott), for k classes to
 * a chi-square with k − 1 degrees of freedom. Its quantile q is Σλ/ν times that of chi-square with ν (Satterthwaite); if the sizes follow from scenes, Σλ times
 * that of F with ν and ν · (scenes − 1) degrees of freedom, because the variance is estimated from so many scenes (D. R. Thomas and J. N. K. Rao, JASA 82 (1987)
 * 630). No distance exceeds √(ln 2) = 0.833, nor does the floor; 0 for one class, where nothing can differ.
 * @example noiseFloor({ n: 1000, reference: 10_000 }, spreadOfClasses(4)) // 0.0395
 */
export function noiseFloor(sizes: Sizes, spread: Spread, alpha = 0.01): number {
  if (spread.sum <= 0) return 0;
  const { n, reference } = sizes;
  return Math.min(Math.sqrt((quantile(sizes, spread, alpha) / 8) * (1 / n + 1 / reference)), Math.sqrt(Math.LN2));
}

/**
 * Returns the noise floor where all of the reference is equal: the distance of a sample of which as many are odd as chance explains.
 * @example floorOfEqual({ n: 3, reference: 20 }, 0.002) // 0.5605, as two of three may be odd
 */
export function floorOfEqual(sizes: Sizes, alpha: number): number {
  const share = oddByChance(sizes, alpha);
  return jensenShannonDistance([share, 1 - share], [0, 1]);
}

/** In simulated quiet years of classes that clump, alarms then stay below one in two years; balanced classes of 20 scenes lose no power. */
const ENOUGH_SCENES = 2;

/**
 * Returns what clumps add to the noise floor: the distance of a window with as many more of the rare classes as it has, up to its scenes that may be odd by chance. Rare are
 * those that together would not fill two scenes of the reference, which does not show how they vary. 0 for months and segments, whose scenes vary as all do.
 */
export function floorOfRare(observed: readonly number[], reference: readonly number[], sizes: Sizes, alpha: number) {
  const { scenes, clustering } = sizes;
  if (scenes === undefined || clustering === undefined || clustering.ofReference !== undefined) return 0;
  const more = reference.map(() => 0);
  let together = 0;
  for (const k of [...reference.keys()].sort((a, b) => reference[a]! - reference[b]!)) {
    together += reference[k]!;
    if (together * clustering.scenes < ENOUGH_SCENES) more[k] = Math.max(0, observed[k]! - reference[k]!);
  }
  const sum = more.reduce((total, share) => total + share, 0);
  const odd = Math.min(sum, oddByChance({ n: scenes, reference: clustering.scenes }, alpha));
  const clumped = reference.map((share, k) => (1 - odd) * share + (sum && (odd * more[k]!) / sum));
  return jensenShannonDistance(clumped, reference);
}

/** The share of a sample that may be odd by chance: it puts j odd ones of both sides all into it in C(n, j) / C(n + N, j) of cases, by R. A. Fisher's exact test (J. R. Stat. Soc. 98 (1935) 39). */
function oddByChance({ n, reference }: Sizes, alpha: number): number {
  let odd = 0;
  for (let chance = n / (n + reference); chance > alpha && odd < n; odd += 1)
    chance *= Math.max(0, n - odd - 1) / (n + reference - odd - 1);
  return Math.min(1, odd / n);
}

/** Returns the least `n` with which chance stays below a distance, with this reference; infinite if none does. */
export function leastSize(sizes: Sizes, spread: Spread, distance: number, alpha = 0.01): number {
  const inverse = (8 * distance ** 2) / quantile(sizes, spread, alpha) - 1 / sizes.reference;
  return inverse > 0 ? 1 / inverse : Infinity;
}

/** Returns how many standard errors a mean is away by chance in a share `alpha` of cases, in either direction. */
export const deviationsOfChance = ({ clustering }: Pick<Sizes, 'clustering'>, alpha: number): number =>
  Math.sqrt(quantile({ clustering: clustering && { ...clustering, degreesOfFreedom: 1 } }, ONE, alpha));

const ONE: Spread = { sum: 1, degreesOfFreedom: 1 };

function quantile({ clustering }: Pick<Sizes, 'clustering'>, { sum, degreesOfFreedom }: Spread, alpha: number): number {
  if (clustering === undefined) return ((2 * inverseUpperGamma(degreesOfFreedom / 2, alpha)) / degreesOfFreedom) * sum;
  const { scenes, degreesOfFreedom: ofScenes } = clustering;
  return sum * fQuantile(ofScenes, ofScenes * (scenes - 1), alpha);
}

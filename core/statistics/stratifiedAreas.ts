import { Z } from './normal.ts';

/**
 * Places whose truth is known: how many there are, their land by mapped and true class, such as '0 2', where there is any, and for each mapped class
 * the sum of their squares.
 */
export type KnownPlaces = { chips: number; land: { [classes: string]: number }; squares: number[] };

/** The share of the area that is truly of a class, with its standard error and its 95 % interval. */
export type AreaShare = { share: number; standardError: number; interval: readonly [low: number, high: number] };

/**
 * Estimates the shares of an area that are truly of each class, from a map and a sample of places whose truth is known: P. Olofsson et al., Remote Sensing of
 * Environment 148 (2014) 42, equations 9 to 11. The classes of the map are the strata, and the sample within each is taken as random. A class of which no
 * place is known is taken as mapped.
 *
 * Few places of a stratum tell little of its errors, and if all of them are right, the equations know no error at all. The interval therefore adds one
 * place to each stratum (in the manner of A. Agresti and B. A. Coull, The American Statistician 52 (1998) 119), of which a part is wrong for each class:
 * over all strata, half a place. It is symmetric in logits, so that it stays within 0 and 1.
 *
 * The equations are of places of one size. Places of different land count by it, and a stratum of n of them as (Σ land)² / Σ land² places (L. Kish,
 * Survey Sampling (1965), 11.7).
 *
 * @param mapped the share of the area that the map gives each class; they add up to 1
 */
export function stratifiedAreas(mapped: readonly number[], { land, squares }: KnownPlaces): AreaShare[] {
  const lands = mapped.map((_, i) => mapped.map((__, j) => land[`${i} ${j}`] ?? 0));
  const sums = lands.map((row) => row.reduce((sum, one) => sum + one, 0));
  const sizes = sums.map((sum, i) => (sum === 0 ? 0 : sum ** 2 / squares[i]!));
  const known = lands.map((row, i) => row.map((one) => (sums[i] === 0 ? 0 : (one / sums[i]!) * sizes[i]!)));
  const wrong = mapped.reduce((sum, weight) => sum + weight ** 2, 0) / 2; // half a place, divided among the effective number of strata
  return mapped.map((_, j) => {
    let [share, variance, middle, spread] = [0, 0, 0, 0];
    for (const [i, weight] of mapped.entries()) {
      const [n, count, own] = [sizes[i]!, known[i]![j]!, i === j ? 1 : 0];
      const p = n === 0 ? own : count / n;
      share += weight * p;
      variance += n < 2 ? 0 : (weight ** 2 * p * (1 - p)) / (n - 1);
      const smoothed = (count + (i === j ? 1 - wrong : wrong)) / (n + 1);
      middle += weight * smoothed;
      spread += (weight ** 2 * smoothed * (1 - smoothed)) / (n + 1);
    }
    const [low, high] = logitInterval(middle, Math.sqrt(spread));
    return { share, standardError: Math.sqrt(variance), interval: [Math.min(low, share), Math.max(high, share)] };
  });
}

function logitInterval(middle: number, deviation: number): [number, number] {
  if (middle <= 0 || middle >= 1) return [middle, middle];
  const logit = Math.log(middle / (1 - middle));
  const half = (Z * deviation) / (middle * (1 - middle));
  return [logit - half, logit + half].map((at) => 1 / (1 + Math.exp(-at))) as [number, number];
}

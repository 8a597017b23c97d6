import type { BandProfile } from '../../package/bandProfile.ts';
import { inverseUpperGamma } from '../../statistics/incompleteGamma.ts';

/**
 * Returns how much the shares of bins vary from chip to chip: the values of a chip are alike, so its pixels carry less
 * information than the same number of independent values.
 *
 * The statistic n · Σ (p̂ᵢ − pᵢ)² / pᵢ of n chips tends to Σ λᵢ χ²₁, where the λ are the eigenvalues of diag(p)⁻¹ V and V
 * is the covariance matrix of the chips' shares (Rao and Scott, JASA 76 (1981) 221). Their sum and their sum of squares are
 * traces: `valuesPerChip` is (k − 1) / Σ λ, Kish's effective sample size per chip, and `degreesOfFreedom` is (Σ λ)² / Σ λ²,
 * Satterthwaite's (Biometrics Bulletin 2 (1946) 110).
 *
 * @param shares for each chip, at least two of them, the shares of its values in each of k bins
 * @param mostPerChip the most values that a chip may count for: the number sampled
 */
export function spreadOfChips(
  shares: readonly (readonly number[])[],
  mostPerChip: number,
): Pick<BandProfile, 'valuesPerChip' | 'degreesOfFreedom'> {
  const bins = shares[0]!.length;
  const mean = (of: (share: readonly number[]) => number, over: number) =>
    shares.reduce((sum, share) => sum + of(share), 0) / over;
  const p = Array.from({ length: bins }, (_, i) => mean((share) => share[i]!, shares.length));
  let [sum, squares] = [0, 0];
  for (let i = 0; i < bins; i += 1)
    for (let j = 0; j < bins; j += 1) {
      const covariance = mean((share) => (share[i]! - p[i]!) * (share[j]! - p[j]!), shares.length - 1);
      if (i === j) sum += covariance / p[i]!;
      squares += covariance ** 2 / (p[i]! * p[j]!);
    }
  const free = Math.max(1, bins - 1);
  if (!(sum * mostPerChip > free)) return { valuesPerChip: mostPerChip, degreesOfFreedom: free };
  return { valuesPerChip: free / sum, degreesOfFreedom: sum ** 2 / squares };
}

type Spread = Pick<BandProfile, 'valuesPerChip' | 'degreesOfFreedom' | 'chips' | 'counts'>;

/**
 * Returns the Jensen–Shannon distance to the profile that a window of this many chips exceeds by chance in a share `alpha`
 * of quiet windows: √(Σλ/ν · χ²₍ν, 1−α₎ / 8 · (1/chips + 1/chips of the profile)), with ν `degreesOfFreedom` and Σλ = (k −
 * 1) / `valuesPerChip`. With one independent value per chip, it equals `noiseFloor`. Infinite without chips; 0 for one bin.
 */
export function noiseFloorOfChips(chips: number, profile: Spread, alpha: number): number {
  const { counts, valuesPerChip, degreesOfFreedom, chips: inProfile } = profile;
  const sum = (counts.length - 1) / valuesPerChip;
  const quantile = (2 * inverseUpperGamma(degreesOfFreedom / 2, alpha) * sum) / degreesOfFreedom;
  return Math.sqrt((quantile / 8) * (1 / chips + 1 / inProfile));
}

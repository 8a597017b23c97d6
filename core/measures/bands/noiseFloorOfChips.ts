import { inverseUpperGamma } from '../../drift/statistics/incompleteGamma.ts';
import type { BandProfile } from '../../models/bandProfile.ts';

/**
 * How the shares of bins differ from chip to chip: the values of a chip are alike, so its pixels tell less than as many values
 * that are each drawn by itself.
 *
 * The statistic n · Σ (p̂ᵢ − pᵢ)² / pᵢ of n chips tends to Σ λᵢ χ²₁, where the λ are the eigenvalues of diag(p)⁻¹ V and V is the
 * covariance matrix of the chips' shares (Rao and Scott, JASA 76 (1981) 221). Their sum and their sum of squares are traces:
 * `valuesPerChip` is (k − 1) / Σ λ, Kish's effective sample size per chip, and `degreesOfFreedom` is (Σ λ)² / Σ λ²,
 * Satterthwaite's (Biometrics Bulletin 2 (1946) 110).
 *
 * @param shares of each chip, at least two of them, those of its values that are in each of k bins
 * @param mostPerChip the most values that a chip may count for: as many as were looked at
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
 * The Jensen–Shannon distance that a window of so many chips shows against the profile by chance in a share `alpha` of quiet
 * windows: √(Σλ/ν · χ²₍ν, 1−α₎ / 8 · (1/chips + 1/chips of the profile)), with ν `degreesOfFreedom` and Σλ = (k − 1) / `valuesPerChip`.
 * With a value to each chip, drawn by itself, it is `noiseFloor`. Infinite for no chip; 0 for one bin.
 */
export function noiseFloorOfChips(chips: number, profile: Spread, alpha: number): number {
  const { counts, valuesPerChip, degreesOfFreedom, chips: inProfile } = profile;
  const sum = (counts.length - 1) / valuesPerChip;
  const quantile = (2 * inverseUpperGamma(degreesOfFreedom / 2, alpha) * sum) / degreesOfFreedom;
  return Math.sqrt((quantile / 8) * (1 / chips + 1 / inProfile));
}

import { inverseUpperGamma } from './incompleteGamma.ts';

/**
 * Returns the noise floor: the Jensen–Shannon distance that a sample of `n` exceeds by chance in a share `alpha` of cases,
 * compared with a reference of `referenceTotal` drawn from the same distribution over `classesInUse` classes: √(χ²₍k−1,
 * 1−α₎ / 8 · (1/n + 1/N)). The squared distance of such samples, times 8 / (1/n + 1/N), tends to a chi-square with k − 1
 * degrees of freedom. No distance exceeds √(ln 2) = 0.833, nor does the floor; 0 for one class, where nothing can differ.
 *
 * @example noiseFloor(1000, 10_000, 4) // 0.0395
 */
export const noiseFloor = (n: number, referenceTotal: number, classesInUse: number, alpha = 0.01): number => {
  if (classesInUse <= 1) return 0;
  const quantile = 2 * inverseUpperGamma((classesInUse - 1) / 2, alpha);
  return Math.min(Math.sqrt((quantile / 8) * (1 / n + 1 / referenceTotal)), Math.sqrt(Math.LN2));
};

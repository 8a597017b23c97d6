import { inverseUpperGamma } from './incompleteGamma.ts';

/**
 * The Jensen–Shannon distance that a sample of `n` shows against a reference of `referenceTotal`, both drawn from one
 * distribution over `classesInUse` classes, by chance in a share `alpha` of cases: √(χ²₍k−1, 1−α₎ / 8 · (1/n + 1/N)).
 * It holds because the squared distance of such samples, times 8 / (1/n + 1/N), tends to a chi-square of k − 1 degrees
 * of freedom. Infinite for n = 0; 0 for one class, where nothing can differ.
 *
 * @example noiseFloor(1000, 10_000, 4) // 0.0395
 */
export const noiseFloor = (n: number, referenceTotal: number, classesInUse: number, alpha = 0.01): number => {
  if (classesInUse <= 1) return 0;
  const quantile = 2 * inverseUpperGamma((classesInUse - 1) / 2, alpha);
  return Math.sqrt((quantile / 8) * (1 / n + 1 / referenceTotal));
};

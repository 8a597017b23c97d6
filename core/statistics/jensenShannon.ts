import { classesInUse } from './classesInUse.ts';

/**
 * Returns the Jensen–Shannon distance of two distributions over the same classes, as counts or shares: the square root
 * of the mean divergence (in nats) of each from their midpoint. From 0 (identical) to √ln 2 ≈ 0.8326 (disjoint).
 *
 * Equals scipy.spatial.distance.jensenshannon(p, q), which Evidently uses, because it takes the same steps: between nearly
 * identical distributions (below 1e-5) the rounding of the midpoint shows, up to 1e-8 of distance. Where that rounding
 * turns the sum negative, scipy (1.17) returns NaN and this 0.
 *
 * @example jensenShannonDistance([1, 0], [1, 1]) // 0.4645014
 */
export const jensenShannonDistance = (p: readonly number[], q: readonly number[]): number => {
  const { observed, reference } = classesInUse(p, q);
  const middle = observed.shares.map((share, index) => (share + reference.shares[index]!) / 2);
  const divergence = relativeEntropy(observed.shares, middle) + relativeEntropy(reference.shares, middle);
  return Math.sqrt(Math.max(0, divergence) / 2);
};

const relativeEntropy = (shares: readonly number[], middle: readonly number[]): number =>
  shares.reduce((sum, share, index) => sum + relativeEntropyTerm(share, middle[index]!), 0);

export const relativeEntropyTerm = (share: number, middle: number): number => {
  if (share === 0) return 0;
  const ratio = share / middle;
  // Near 1 the ratio has lost the digits that determine its logarithm.
  return share * (ratio > 0.5 ? Math.log1p((share - middle) / middle) : Math.log(ratio));
};

/**
 * How alike the chips of a scene are, as measured on the scenes of a reference. A scene of n chips says as much about shares as n^`exponent` independent chips:
 * H. Fairfield Smith's law of plots, J. Agric. Sci. 28 (1938) 1. With an exponent of 1, chips are independent; with 0, a scene counts as one, however large it is.
 */
export type Clustering = {
  /** The effective number of scenes that it was measured on, and of chips in one of them. */
  readonly scenes: number;
  readonly chips: number;
  readonly exponent: number;
  /** Satterthwaite's, of the scenes' shares: see `spreadOfShares`. */
  readonly degreesOfFreedom: number;
  /** Of predicted numbers: the standard deviation of the scenes' means, in that of the reference's values. */
  readonly betweenScenes?: number | undefined;
  /** The effective number of scenes that the reference is made of, if it is only some of these. */
  readonly ofReference?: number;
};

/** Without a measurement, a scene counts as one chip: no shares within scenes vary more. */
const ONE_CHIP = { chips: 1, exponent: 0 };

/**
 * Returns the number of independent chips that say as much as n chips of some scenes. Scenes of different size count as n²/Σnᵢ² of equal size (Kish), which is
 * never too many. No scene counts for more than one of the reference's size, because what differs from date to date does not average out within a scene.
 * @param squares Σnᵢ², the sum of the squares of the scenes' sizes
 */
export const effectiveChips = (n: number, squares: number, { chips, exponent } = ONE_CHIP): number =>
  n === 0 ? 0 : (n ** 2 / squares) * Math.min(squares / n, chips) ** exponent;

/** Both sides in independent chips, what is known of how alike those of a scene are, and the effective number of the sample's scenes. */
export type Sizes = {
  readonly n: number;
  readonly reference: number;
  readonly clustering?: Clustering | undefined;
  readonly scenes?: number;
};

/** @param total the chips of the reference */
export function sizesOfScenes(n: number, squares: number, total: number, clustering: Clustering | undefined): Sizes {
  const { scenes = total, ofReference = scenes, chips = 1, exponent = 0 } = clustering ?? {};
  const own = effectiveChips(n, squares, clustering);
  return { n: own, reference: ofReference * chips ** exponent, clustering, scenes: n && n ** 2 / squares };
}

/**
 * Returns how much shares vary: the sum of the eigenvalues λ of diag(p)⁻¹ V, where V is the covariance matrix of the shares, and its degrees of freedom
 * (Σλ)²/Σλ². J. N. K. Rao and A. J. Scott, JASA 76 (1981) 221; F. E. Satterthwaite, Biometrics Bulletin 2 (1946) 110. For chips of one class each, the sum is k − 1.
 * @param shares those of two or more units, each over the same classes; a class that none has is left out
 */
export function spreadOfShares(shares: readonly (readonly number[])[]): { sum: number; degreesOfFreedom: number } {
  const units = shares.length;
  const all = shares[0]!.map((_, k) => shares.reduce((total, share) => total + share[k]!, 0) / units);
  const used = all.flatMap((p, k) => (p > 0 ? [k] : []));
  const apart = shares.map((share) => used.map((k) => (share[k]! - all[k]!) / Math.sqrt(all[k]!)));
  let [sum, squares] = [0, 0];
  for (let i = 0; i < used.length; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let covariance = 0;
      for (const one of apart) covariance += one[i]! * one[j]!;
      covariance /= units - 1;
      if (i === j) sum += covariance;
      squares += (i === j ? 1 : 2) * covariance ** 2;
    }
  const degreesOfFreedom = squares === 0 ? used.length - 1 : sum ** 2 / squares;
  return { sum, degreesOfFreedom: Math.max(1, degreesOfFreedom) }; // of two classes it is 1, but for rounding
}

/** How alike chips of scenes are, by the sum of eigenvalues, `ofChips` of single ones; `sizes` are in the order of `shares`. */
export function clusteringOf(shares: readonly (readonly number[])[], sizes: readonly number[], ofChips: number) {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const scenes = total ** 2 / sizes.reduce((sum, size) => sum + size ** 2, 0);
  const chips = total / scenes;
  const { sum, degreesOfFreedom } = spreadOfShares(shares);
  const exponent = chips > 1 && sum > 0 ? Math.log(ofChips / sum) / Math.log(chips) : 1;
  return { scenes, chips, exponent: Math.min(1, Math.max(0, exponent)), degreesOfFreedom };
}

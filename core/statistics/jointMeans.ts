import { dot, inverse, type Matrix, times } from './inverse.ts';

/** How several means differ from scene to scene, and how they do so together. */
export type JointMeans = Scatter & {
  /** The mean number of chips of these scenes. */
  readonly chips: number;
  readonly means: readonly number[];
  /** How many standard errors the furthest of these scenes is away from the others: each mean by itself, and given the other means. */
  readonly furthest: { readonly alone: readonly number[]; readonly together: readonly number[] };
};

export type Scatter = {
  readonly scenes: number;
  /** The lower triangle of the covariance matrix of the scenes' means, row by row. */
  readonly covariance: readonly (readonly number[])[];
};

/** The number of scenes that it takes to measure so many joint means. */
export const leastScenes = (means: number): number => means + 1 + LEAST_FREEDOM;

/** With fewer degrees of freedom, what the means have in common cannot be told from chance. */
const LEAST_FREEDOM = 6;
/** Of each variance, so that means which always move alike can be told apart. */
const RIDGE = 1e-9;

/**
 * Measures the joint means of scenes.
 * @param means those of each scene
 * @param chips the mean number of chips of a scene
 * @returns undefined for fewer than two means, one that never varies, or too few scenes
 */
export function jointMeansOf(means: readonly (readonly number[])[], chips: number): JointMeans | undefined {
  const scenes = means.length;
  const size = means[0]?.length ?? 0;
  if (size < 2 || scenes < leastScenes(size)) return undefined;
  const about = means[0]!; // so that equal means have a variance of exactly 0, despite rounding
  const centre = about.map((first, b) => means.reduce((sum, one) => sum + (one[b]! - first) / scenes, first));
  const apart = means.map((one) => one.map((value, b) => value - centre[b]!));
  const covariance = centre.map((_, a) =>
    centre.slice(0, a + 1).map((__, b) => apart.reduce((sum, one) => sum + one[a]! * one[b]!, 0) / (scenes - 1)),
  );
  if (covariance.some((row) => !(row.at(-1)! > 0))) return undefined;
  const alone = centre.flatMap((_, b) => {
    const own = apart.map((one) => [one[b]!]);
    return furthestOf(own, { scenes, covariance: [[covariance[b]!.at(-1)!]] });
  });
  const together = furthestOf(apart, { scenes, covariance });
  return { scenes, chips, means: centre, covariance, furthest: { alone, together } };
}

/** Whether something can be expected by it: of more scenes than means, with a positive definite covariance matrix. */
export function canExpect({ scenes, covariance }: Scatter): boolean {
  if (scenes <= covariance.length || covariance.some((row) => !(row.at(-1)! > 0))) return false;
  return inverseScatter({ scenes, covariance }).every((row, b) => row[b]! > 0);
}

/** The inverse scatter matrix of so many scenes, and the means of others, less those of these scenes. */
type Apart = { inverse: Matrix; apart: readonly number[]; scenes: number };

/**
 * Returns by how much each mean differs from what the others let expect, and the standard error of that. With the inverse W of the
 * scatter matrix and the distances d from its centre, the residual of mean b is (W d)ᵦ / Wᵦᵦ, and the residual variance
 * 1 / (Wᵦᵦ (scenes − means)): D. R. Cox and N. Wermuth, Multivariate Dependencies (1996), 3.4.
 * @param units the number of scenes that the means are of
 */
export function residualsOf({ inverse, apart, scenes }: Apart, units: number): { residual: number; error: number }[] {
  const weighted = times(inverse, apart);
  const distance = dot(weighted, apart);
  return apart.map((_, b) => {
    const own = inverse[b]![b]!;
    const residual = weighted[b]! / own;
    const leverage = Math.max(0, distance - residual ** 2 * own);
    return { residual, error: Math.sqrt((1 / units + 1 / scenes + leverage) / (own * (scenes - apart.length))) };
  });
}

/** Inverts the scatter matrix, with every variance taken as 1 meanwhile. */
export function inverseScatter({ covariance, scenes }: Scatter): Matrix {
  const deviations = covariance.map((row) => Math.sqrt(row.at(-1)!));
  const rows = deviations.map((_, a) =>
    deviations.map((__, b) =>
      a === b ? 1 + RIDGE : covariance[Math.max(a, b)]![Math.min(a, b)]! / (deviations[a]! * deviations[b]!),
    ),
  );
  return inverse(rows).map((row, a) => row.map((value, b) => value / (deviations[a]! * deviations[b]! * (scenes - 1))));
}

/** Returns the most standard errors by which any scene is away from what the others let expect. */
function furthestOf(apart: Matrix, scatter: Scatter): number[] {
  const inverse = inverseScatter(scatter);
  const each = apart.map((one) => residualsOf(without(inverse, one, scatter.scenes), 1));
  return each[0]!.map((_, b) =>
    each.reduce((most, one) => Math.max(most, Math.abs(one[b]!.residual / one[b]!.error)), 0),
  );
}

/** Takes one scene out of the scatter matrix: J. Sherman and W. J. Morrison, Ann. Math. Statist. 21 (1950) 124. */
function without(inverse: Matrix, apart: readonly number[], scenes: number): Apart {
  const share = scenes / (scenes - 1);
  const weighted = times(inverse, apart);
  const by = share / (1 - share * dot(weighted, apart));
  const left = inverse.map((row, a) => row.map((value, b) => value + by * weighted[a]! * weighted[b]!));
  return { inverse: left, apart: apart.map((value) => value * share), scenes: scenes - 1 };
}

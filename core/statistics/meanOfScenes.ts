import { added } from '../base/added.ts';
import { studentT } from './fQuantile.ts';

/** A mean over chips that are alike within scenes. */
export type MeanOfScenes = {
  mean: number;
  /** Its standard error; null for a single scene, which does not show how scenes differ. */
  error: number | null;
  /** The effective number of scenes: scenes of different size count as n²/Σnᵢ² of equal size (Kish). */
  scenes: number;
};

/**
 * Adds up a number over chips, scene by scene. The standard error is that of a ratio of sums over clusters: √(k/(k − 1) Σ (sᵢ − m nᵢ)²) / n for
 * the sum sᵢ of the nᵢ chips of scene i, k scenes and the mean m. W. G. Cochran, Sampling Techniques (1977), 6.4 and 9A.1. Of scenes of one chip
 * each, it is that of the mean of independent chips.
 */
export function makeMeanOfScenes() {
  const scenes = new Map<string, { n: number; sum: number }>();
  const alone = { n: 0, sum: 0 };
  let ofAlone: SceneProducts = { count: 0, sizes: 0, products: 0, squares: 0 };
  return {
    /** @param scene undefined for a chip that counts by itself */
    add(value: number, scene: string | undefined): void {
      const own = scene === undefined ? alone : (scenes.get(scene) ?? { n: 0, sum: 0 });
      own.n += 1;
      own.sum += value;
      if (scene === undefined) ofAlone = added(ofAlone, productsOf({ n: 1, sum: value }));
      else scenes.set(scene, own);
    },
    /** Null without chips. */
    summary(): MeanOfScenes | null {
      const all = [alone, ...scenes.values()].reduce((a, b) => added(a, b));
      if (all.n === 0) return null;
      return meanOfScenes(all, [...scenes.values()].map((one) => productsOf(one)).reduce(added, ofAlone));
    },
  };
}

/** Over the scenes i with nᵢ chips and the sum sᵢ over them: their number, Σ nᵢ², Σ nᵢ sᵢ and Σ sᵢ². */
export type SceneProducts = { count: number; sizes: number; products: number; squares: number };

/** Those of a single scene; or of n chips that count by themselves, of whose numbers `squares` is the sum of squares: if they are 0 or 1, their sum. */
export function productsOf({ n, sum, squares = sum }: { n: number; sum: number; squares?: number }, isScene = true) {
  if (!isScene) return { count: n, sizes: n, products: sum, squares };
  return { count: 1, sizes: n ** 2, products: n * sum, squares: sum ** 2 };
}

/** @param n above 0 */
export function meanOfScenes({ n, sum }: { n: number; sum: number }, scenes: SceneProducts): MeanOfScenes {
  const { count, sizes, products, squares } = scenes;
  const mean = sum / n;
  const apart = Math.max(0, squares - 2 * mean * products + mean ** 2 * sizes);
  const error = count < 2 ? null : Math.sqrt((count / (count - 1)) * apart) / n;
  return { mean, error, scenes: n ** 2 / sizes };
}

/** Returns the end of the one-sided confidence interval: by Student's t, with as many degrees of freedom as scenes less one. */
export function marginOfScenes({ error, scenes }: MeanOfScenes, confidence: number): number {
  const errors = error === null ? Infinity : studentT(confidence, scenes - 1);
  return errors === Infinity ? Infinity : error! * errors;
}

import type { PackageFacts } from '../../package/facts.ts';
import { studentT } from '../../statistics/fQuantile.ts';
import { meanOfScenes, type SceneProducts } from '../../statistics/meanOfScenes.ts';
import { deviationsOfChance } from '../../statistics/noiseFloor.ts';
import { Z } from '../../statistics/normal.ts';
import type { Accuracy } from '../shown.ts';
import { wilson } from './numbers.ts';

/** Predictions with a known truth, and how many of them are right. */
type Right = { n: number; correct: number };
type OfScenes = { truthScenes?: SceneProducts | undefined };
type Model = Partial<Pick<PackageFacts, 'unit' | 'expectedAccuracy' | 'expectedOn' | 'heldOut'>>;

/** How often chance puts a share outside its interval. */
const ALPHA = 0.05;
const deviations = (alpha: number) => (alpha === ALPHA ? Z : deviationsOfChance({}, alpha));

/**
 * Returns as how many independent chips a share of right predictions is certain. Where the chips of a scene are alike, those have its standard error by
 * scenes, of which it says how many there are. That is as many as there are where scenes do not differ, also if all or none are right: one chip more or less
 * must not change what is said of hundreds. A single scene does not show how scenes differ: null.
 */
export function independentOf({ n, correct }: Right, { truthScenes }: OfScenes, { unit }: Model) {
  if (unit !== 'scene' || truthScenes === undefined) return { chips: n };
  const { mean, error, scenes } = meanOfScenes({ n, sum: correct }, truthScenes);
  return error === null ? null : { chips: error === 0 ? n : Math.min(n, (mean * (1 - mean)) / error ** 2), scenes };
}

/**
 * Returns the interval of the share of right predictions, by default at 95 %: Wilson's. Where the chips of a scene are alike, it is that of the independent
 * ones, with the quantile of Student's t: E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998) 193. Of a single scene, or several of which one has
 * nearly all chips, it is 0 to 1.
 */
export function intervalOfRight(right: Right, sum: OfScenes, model: Model, alpha = ALPHA): [number, number] {
  const independent = independentOf(right, sum, model);
  return independent === null ? [0, 1] : intervalOf(right.correct / right.n, independent, alpha);
}

const intervalOf = (share: number, { chips, scenes }: NonNullable<Model['expectedOn']>, alpha: number) =>
  wilson(share, chips, scenes === undefined ? deviations(alpha) : studentT(1 - alpha / 2, scenes - 1));

/**
 * Returns how far an accuracy lies below the expected one, less what chance explains: above 0 if it is missed. The expected accuracy is as uncertain as the
 * held-out data that it was found on, if the package says how many those were: R. G. Newcombe, Statistics in Medicine 17 (1998) 873, method 10. Null without one.
 * @param interval that of the share of right predictions, at `alpha`
 * @example shortfallOf({ n: 100, correct: 70 }, [0.604, 0.781], { expectedAccuracy: 0.9 }) // 0.119
 */
export function shortfallOf({ n, correct }: Right, [, high]: readonly number[], model: Model, alpha = ALPHA) {
  const { expectedAccuracy: expected, expectedOn = model.heldOut } = model;
  if (expected === undefined) return null;
  if (expectedOn === undefined) return expected - high!;
  const share = correct / n;
  const [least] = intervalOf(expected, expectedOn, alpha);
  return expected - share - Math.hypot(high! - share, expected - least);
}

/** Returns the expectation of a package, if it states one, and whether an accuracy misses it. */
export function expectationOf(right: Right, interval: readonly number[], model: Model): Pick<Accuracy, 'expected'> {
  const shortfall = shortfallOf(right, interval, model);
  return shortfall === null ? {} : { expected: { value: model.expectedAccuracy!, isMissed: shortfall > 0 } };
}

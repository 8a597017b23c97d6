import type { ModelPackage } from '../../package/package.ts';
import type { PredictedChip } from '../../results/predictions.ts';
import { regularisedBeta } from '../../statistics/fQuantile.ts';
import { type MeanOfScenes, makeMeanOfScenes } from '../../statistics/meanOfScenes.ts';
import type { DifferenceSummary } from '../../tasks/difference.ts';
import { DIFFERENCES } from '../../tasks/differenceRegistry.ts';
import type { Accuracy } from '../../tasks/shown.ts';
import { compareTruths, shownOf } from '../../tasks/shownRegistry.ts';
import { type ErrorsOfBoth, makeErrorsOfBoth } from './errorDifference.ts';

export type Pair<Chip = PredictedChip> = { first: Chip; second: Chip };

type Known = Pick<PredictedChip, 'value' | 'text' | 'probability' | 'rank' | 'truth'>;

/** How the predictions of two versions differ, over the chips that both have classified. */
export type VersionComparison<Chip = PredictedChip> = {
  /** Chips for which both have a prediction, and chips for which one or both have none. */
  chips: number;
  missing: number;
  /** Null without chips. */
  difference: DifferenceSummary | null;
  /** The accuracy of each, over the chips with a known truth; null if there are none. */
  accuracy: { first: Accuracy; second: Accuracy } | null;
  /** Of chips with a known truth: both right, either one alone, McNemar's exact p-value; null if there are none. */
  rightByOne: { chips: number; both: number; first: number; second: number; p: number; byScenes?: MeanOfScenes } | null;
  /** For tasks with values, over the chips with a known truth: the errors of both; null if there are none. */
  errors: ErrorsOfBoth | null;
  /** The chips that differ most, in descending order. */
  changed: Pair<Chip>[];
};

/** Returns why two versions cannot be compared, as the end of a sentence; undefined if they can: both have the same task. */
export function incomparable(first: ModelPackage, second: ModelPackage): string | undefined {
  if (first.task === second.task) return undefined;
  const found = [first, second].map(({ name, version, task }) => `${name} ${version} is of the task ${task.name}`);
  return `${found.join(', ')}; what can be compared are two versions of one task`;
}

/** Compares two versions, pair by pair; keeps the `most` that differ most. Throws RangeError if `incomparable`. */
export function compareVersions<Chip extends Known = PredictedChip>(
  first: ModelPackage,
  second: ModelPackage,
  most: number,
) {
  const reason = incomparable(first, second);
  if (reason !== undefined) throw new RangeError(reason);
  const shown = shownOf(first);
  const difference = DIFFERENCES.get(first.task.name)!(first, second);
  const isOfMaps = first.task.truthLater?.isOfPixels; // a mask's truth is stored beside its own run's map
  const accuracies = { first: compareTruths(first), second: compareTruths(second) };
  const right = { chips: 0, both: 0, first: 0, second: 0 };
  const errors = makeErrorsOfBoth();
  const isOfScenes = [first, second].some(({ unit }) => unit === 'scene');
  const differences = makeMeanOfScenes(); // of right predictions, or of errors: a task has one of the two
  let [chips, missing] = [0, 0];
  let changed: { by: number; pair: Pair<Chip> }[] = [];

  /**
   * @param scene the file that the chip is of; undefined if it counts by itself
   * @param pixels the share of the chip's pixels in which the versions' maps differ, if both have one
   */
  function add(pair: Pair<Chip>, scene?: string, pixels?: number): void {
    if (pair.first.text === null || pair.second.text === null) {
      missing += 1;
      return;
    }
    chips += 1;
    const ofChip = difference.add(pair.first, pair.second);
    const by = pixels ?? ofChip;
    if (by > 0) keep({ by, pair });
    const truth = pair.first.truth ?? pair.second.truth;
    accuracies.first.add({ ...pair.first, truth: isOfMaps ? pair.first.truth : truth });
    accuracies.second.add({ ...pair.second, truth: isOfMaps ? pair.second.truth : truth });
    const off = [pair.first, pair.second].map((chip) => shown.error?.({ ...chip, truth }) ?? null);
    if (off[0] != null && off[1] != null) {
      errors.add(off[0], off[1]);
      differences.add(off[1] - off[0], scene);
    }
    const [one, other] = [shown.told({ ...pair.first, truth }, first), shown.told({ ...pair.second, truth }, second)];
    if (one.isRight === null || other.isRight === null) return;
    right.chips += 1;
    differences.add(Number(other.isRight) - Number(one.isRight), scene);
    if (one.isRight && other.isRight) right.both += 1;
    if (one.isRight && !other.isRight) right.first += 1;
    if (other.isRight && !one.isRight) right.second += 1;
  }

  /** Sorts only occasionally, so that a chip costs next to nothing. */
  function keep(one: { by: number; pair: Pair<Chip> }): void {
    changed.push(one);
    if (changed.length >= 2 * most + 1000) changed = mostOf();
  }

  const mostOf = () => changed.toSorted((a, b) => b.by - a.by).slice(0, most);

  function end(): VersionComparison<Chip> {
    const found = isOfScenes ? differences.summary() : null;
    const byScenes = found && { byScenes: found };
    const ofErrors = errors.summary();
    const accuracy = { first: accuracies.first.accuracy(), second: accuracies.second.accuracy() };
    return {
      chips,
      missing,
      difference: chips === 0 ? null : difference.summary(),
      accuracy:
        accuracy.first === null || accuracy.second === null ? null : { first: accuracy.first, second: accuracy.second },
      rightByOne: right.chips === 0 ? null : { ...right, p: mcNemar(right.first, right.second), ...byScenes },
      errors: ofErrors && { ...ofErrors, ...byScenes },
      changed: mostOf().map(({ pair }) => pair),
    };
  }

  return { add, addPixels: difference.addPixels, end };
}

/**
 * McNemar's exact test (Q. McNemar, Psychometrika 12 (1947) 153; the p-value is the two-sided one of a binomial test with
 * 1/2): whether one of two versions is right more often, judged by the chips that exactly one has right. The p-value is the
 * probability of a difference at least this large if both are equally good. Equals statsmodels' `mcnemar(exact=True)`.
 * @param onlyFirst chips that only the first version has right
 * @param onlySecond chips that only the second version has right
 * @example mcNemar(2, 10) // 0.0386
 */
export function mcNemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  if (2 * fewer === n) return 1;
  return Math.min(1, 2 * regularisedBeta(0.5, n - fewer, fewer + 1)); // the binomial distribution at `fewer`
}

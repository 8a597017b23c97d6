import type { ModelPackage } from '../../package/package.ts';
import type { PredictedChip } from '../../results/predictions.ts';
import { mcNemar } from '../../statistics/mcNemar.ts';
import { type MeanOfScenes, makeMeanOfScenes } from '../../statistics/meanOfScenes.ts';
import { makeMatchTruth } from '../../tasks/classes.ts';
import { DIFFERENCES } from '../../tasks/differenceRegistry.ts';
import type { Accuracy, DifferenceSummary } from '../../tasks/shown.ts';
import { compareTruths, shownOf } from '../../tasks/shownRegistry.ts';
import { type ErrorsOfBoth, makeErrorsOfBoth } from './errorDifference.ts';

export type Pair<Chip = PredictedChip> = { first: Chip; second: Chip };

/** Two maps beside a chip's mask of truth: the comparison of each as the ledger has it, and the share of pixels that each has wrong. */
export type MaskPair = { truths: readonly string[]; wrong: readonly number[] };

/** The share of a chip's pixels in which two maps differ, and both beside its mask of truth, if it has one. */
export type OfMaps = { differing: number; mask?: MaskPair | undefined };

/** What a version says of a chip that it leaves out. */
export const LEFT_OUT = { value: null, text: null, probability: null, rank: null };

/** How the predictions of two versions differ, over the same chips. */
export type VersionComparison<Chip = PredictedChip> = {
  /** Chips that both have predicted, and chips that one alone has: the other does not agree on them, and is not right. */
  chips: number;
  alone: { first: number; second: number };
  /** Null without chips, and without maps. */
  difference: DifferenceSummary | null;
  /** The accuracy of each, over its predictions with a known truth; null if either has none. */
  accuracy: { first: Accuracy; second: Accuracy } | null;
  /** Of chips with a known truth that one or both have predicted: both right, either one alone, McNemar's exact p-value; null if there are none. */
  rightByOne: { chips: number; both: number; first: number; second: number; p: number; byScenes?: MeanOfScenes } | null;
  /** For tasks with values, and for maps, over the chips of both with a known truth: the errors of both; null if there are none. */
  errors: ErrorsOfBoth | null;
  /** The chips that differ most, in descending order, with the truth that either has. */
  changed: Pair<Chip>[];
};

/** Says that two versions have predicted the same scenes, and no chip of the same ground; null if that is not so. */
export const cutApart = ({ chips, alone }: Pick<VersionComparison, 'chips' | 'alone'>): string | null =>
  chips > 0 || alone.first === 0 || alone.second === 0
    ? null
    : 'No chip of one is one of the other: they cut scenes into other chips, or leave out other ones.';

/** Returns why two versions cannot be compared, as the end of a sentence; undefined if they can: both have the same task. */
export function incomparable(first: ModelPackage, second: ModelPackage): string | undefined {
  if (first.task === second.task) return undefined;
  const found = [first, second].map(({ name, version, task }) => `${name} ${version} is of the task ${task.name}`);
  return `${found.join(', ')}; what can be compared are two versions of one task`;
}

/** Compares two versions, pair by pair; keeps the `most` that differ most. Throws RangeError if `incomparable`. */
export function compareVersions<
  Chip extends Pick<PredictedChip, 'value' | 'text' | 'probability' | 'rank' | 'truth'> = PredictedChip,
>(first: ModelPackage, second: ModelPackage, most: number) {
  const reason = incomparable(first, second);
  if (reason !== undefined) throw new RangeError(reason);
  const shown = shownOf(first);
  const difference = DIFFERENCES.get(first.task.name)!(first, second);
  const isOfMaps = first.task.truthLater?.isOfPixels; // a mask's truth is stored beside its own run's map
  const [toFirst, toSecond] = [makeMatchTruth(second, first), makeMatchTruth(first, second)];
  const accuracies = { first: compareTruths(first), second: compareTruths(second) };
  const right = { chips: 0, both: 0, first: 0, second: 0 };
  const errors = makeErrorsOfBoth();
  const differences = makeMeanOfScenes(); // of right predictions, or of errors: a task has one of the two
  const alone = { first: 0, second: 0 };
  let [chips, onMaps] = [0, 0];
  let changed: { by: number; pair: Pair<Chip> }[] = [];

  /**
   * @param scene the file that the chip is of; undefined if it counts by itself
   * @param ofMaps how the versions' maps differ in the chip's pixels, if both have one
   */
  function add(pair: Pair<Chip>, scene?: string, ofMaps?: OfMaps): void {
    const truth = pair.first.truth ?? toFirst(pair.second.truth);
    const same = toSecond(pair.first.truth) ?? pair.second.truth;
    const own = (chip: Chip) => (chip.text === null ? null : chip.truth); // what is left out has the other version's
    const truths = ofMaps?.mask?.truths ?? (isOfMaps ? [own(pair.first), own(pair.second)] : [truth, same]);
    const one = { ...pair.first, truth: truths[0]! };
    const other = { ...pair.second, truth: truths[1]! };
    if (ofMaps !== undefined) onMaps += 1;
    if (one.text !== null && other.text !== null) {
      chips += 1;
      const ofChip = difference.add(one, other);
      const by = ofMaps?.differing ?? ofChip;
      if (by > 0) changed.push({ by, pair: { first: one, second: other } });
      if (changed.length >= 2 * most + 1000) changed = mostOf(); // sorted only then, so that a chip costs next to nothing
    } else if (one.text !== null) alone.first += 1;
    else if (other.text !== null) alone.second += 1;
    else return;
    accuracies.first.add(one, scene);
    accuracies.second.add(other, scene);
    const off = ofMaps?.mask?.wrong ?? [one, other].map((chip) => shown.error?.(chip) ?? null);
    if (off[0] != null && off[1] != null) {
      errors.add(off[0], off[1]);
      differences.add(off[1] - off[0], scene);
    }
    const ones = one.text !== null && shown.told(one, first).isRight;
    const others = other.text !== null && shown.told(other, second).isRight;
    if (ones === null || others === null) return;
    right.chips += 1;
    differences.add(Number(others) - Number(ones), scene);
    if (ones || others) right[ones && others ? 'both' : ones ? 'first' : 'second'] += 1;
  }

  const mostOf = () => changed.toSorted((a, b) => b.by - a.by).slice(0, most);

  function end(): VersionComparison<Chip> {
    const found = [first, second].some(({ unit }) => unit === 'scene') ? differences.summary() : null;
    const byScenes = found && { byScenes: found };
    const ofErrors = errors.summary();
    const [ofFirst, ofSecond] = [accuracies.first.accuracy(), accuracies.second.accuracy()];
    return {
      chips,
      alone,
      difference: chips + onMaps === 0 ? null : difference.summary(alone.first + alone.second),
      accuracy: ofFirst && ofSecond && { first: ofFirst, second: ofSecond },
      rightByOne: right.chips === 0 ? null : { ...right, p: mcNemar(right.first, right.second), ...byScenes },
      errors: ofErrors && { ...ofErrors, ...byScenes },
      changed: mostOf().map(({ pair }) => pair),
    };
  }

  return { add, addPixels: difference.addPixels, end, right: accuracies.second.right };
}

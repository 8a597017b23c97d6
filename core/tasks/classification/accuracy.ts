import { percent } from '../../base/text/numbers.ts';
import type { PackageFacts } from '../../package/facts.ts';
import { calibrationOf } from '../../statistics/calibration/calibration.ts';
import { mcNemar } from '../../statistics/mcNemar.ts';
import type { SceneProducts } from '../../statistics/meanOfScenes.ts';
import { hitsOf } from '../confusion.ts';
import type { Accuracy, NameAccuracy } from '../shown.ts';
import type { ClassCounts, Confused } from './classCounts.ts';
import { expectationOf, intervalOfRight } from './intervalOfRight.ts';
import { rightOf } from './numbers.ts';

/** How right predictions vary by scenes, if that is known. */
export type OfScenes = { truthScenes?: SceneProducts };
type Counted = Pick<ClassCounts, 'truths' | 'right' | 'wrong' | 'reliability'> &
  OfScenes & { confused?: Confused | undefined };
export type TruthModel = Pick<PackageFacts, 'classes' | 'expectedAccuracy' | 'expectedOn' | 'heldOut'> &
  Partial<Pick<PackageFacts, 'unit'>>;

/**
 * Returns the accuracy of a window's counts; null if there are no truths. Recall and precision of each class are scikit-learn's
 * `precision_recall_fscore_support(truth, predicted, labels=…)`, but null instead of a division by 0; the confusion is its
 * `confusion_matrix`, with true classes in rows.
 */
export function accuracyOfCounts(sum: Counted, { classes, ...model }: TruthModel) {
  const found = rightOf(sum);
  if (found === null) return null;
  const { n } = found;
  const { truths = [], right = [], wrong = [], confused, reliability } = sum;
  const calibration = reliability && calibrationOf(reliability);
  const ofClasses = classes.map(({ name }, i): NameAccuracy => {
    const hits = right[i] ?? 0;
    return { name, ...hitsOf(truths[i] ?? 0, hits + (wrong[i] ?? 0), hits) };
  });
  const mostCommon = ofClasses.reduce((most, one) => (one.truth > most.truth ? one : most));
  const interval = intervalOfRight(found, sum, model);
  const numbers = {
    ...found,
    interval,
    /** The accuracy of always predicting the most common true class. */
    mostCommonTruth: { name: mostCommon.name, share: mostCommon.truth / n },
    // That the guess is right is as uncertain: it is judged by the chips that it alone has right, and those that it alone has wrong.
    isBelowGuess:
      interval[1] < mostCommon.truth / n &&
      mcNemar(mostCommon.truth - mostCommon.correct, found.correct - mostCommon.correct) < 0.05,
    ...expectationOf(found, interval, model),
  };
  return {
    ...numbers,
    ...inWords(),
    ...(calibration && { calibration }),
    classes: ofClasses,
    ...(confused && { confusion: confusionOf(right, confused, classes) }),
  };

  function inWords() {
    const { share, mostCommonTruth: truth, isBelowGuess, expected } = numbers;
    const predictions = `${n.toLocaleString('en')} prediction${n === 1 ? '' : 's'} with a known truth`;
    const [low, high] = interval.map(percent);
    const sentences = [
      `${percent(share)} of ${predictions} were right (95\u00a0% interval: ${low} to ${high}).`,
      `Naming ${truth.name} every time would be right in ${percent(truth.share)}.`,
      ...(expected === undefined ? [] : [expectedInWords(expected, interval)]),
    ];
    return {
      figure: { name: 'Accuracy', value: share, unit: 'share' },
      sentence: sentences.join(' '),
      warning: isBelowGuess
        ? `Only ${percent(share)} of ${predictions} were right, fewer than if each had been ${truth.name} (${percent(truth.share)}). Look at the confusion matrix before you use the predictions.`
        : expected?.isMissed
          ? `Only ${percent(share)} of ${predictions} were right: at most ${high} by the 95\u00a0% interval, and the package expects ${percent(expected.value)}. Look at the confusion matrix before you use the predictions.`
          : null,
      isWorse: expected?.isMissed || isBelowGuess ? 'surely' : n >= ENOUGH && share < truth.share ? 'maybe' : null,
    } as const;
  }
}

/** Returns the confusion by name, in the order of the classes, without pairs that never occurred. */
export function confusionOf(right: readonly number[], confused: Confused, classes: readonly { name: string }[]) {
  const hits = right.flatMap((count, i): Confused[number][] => (count === 0 ? [] : [[i, i, count]]));
  return [...hits, ...confused]
    .toSorted(([a, first], [b, second]) => a - b || first - second)
    .map(([truth, predicted, count]) => ({ truth: classes[truth]!.name, predicted: classes[predicted]!.name, count }));
}

export function expectedInWords(
  { value, isMissed }: NonNullable<Accuracy['expected']>,
  [low, high]: readonly [number, number],
): string {
  const word = isMissed
    ? 'the interval lies wholly below that'
    : high < value
      ? 'which is too uncertain itself to be missed by the interval'
      : low > value
        ? 'the interval lies wholly above that'
        : 'the interval reaches that';
  return `The package expects ${percent(value)}; ${word}.`;
}

/** Returns the part of an accuracy that follows from how many are right, for tasks without a confusion matrix. */
export function accuracyOfRight(
  right: { n: number; correct: number },
  sum: OfScenes,
  model: Omit<TruthModel, 'classes'>,
  { exactly, more, lookAt }: { exactly: (interval: string) => string; more: string; lookAt: string },
): Pick<Accuracy, 'n' | 'interval' | 'expected' | 'sentence' | 'warning' | 'isWorse'> {
  const interval = intervalOfRight(right, sum, model);
  const { expected } = expectationOf(right, interval, model);
  const [low, high] = interval.map(percent);
  const said = exactly(`95\u00a0% interval: ${low} to ${high}`);
  const comparison = expected ? [expectedInWords(expected, interval)] : [];
  return {
    n: right.n,
    interval,
    ...(expected && { expected }),
    sentence: [said, more, ...comparison].join(' '),
    warning: expected?.isMissed ? [said, ...comparison, lookAt].join(' ') : null,
    isWorse: expected?.isMissed ? 'surely' : null,
  };
}

/** With fewer labelled chips, being worse than a guess means nothing. */
const ENOUGH = 30;

import { percent } from '../../base/text/percent.ts';
import { precise } from '../../base/text/precise.ts';
import type { PackageFacts } from '../../package/facts.ts';
import { expectedInWords } from '../classification/accuracy.ts';
import { wilsonInterval } from '../classification/numbers.ts';
import type { Accuracy, Comparison, Rightness } from '../shown.ts';
import type { LabelCounts } from './labelCounts.ts';
import { type LabelTruths, labelNumbers, makeLabelTruths } from './labelTruths.ts';

type Model = Pick<PackageFacts, 'classes' | 'expectedAccuracy'>;

export function makeLabelComparison(model: Model): Comparison {
  const { add, summary } = makeLabelTruths(model.classes.map(({ name }) => name));
  return { add, accuracy: () => accuracyIn(summary(), model) };
}

/** Returns the accuracy of a window's counts; null if there are no truths. */
export const labelAccuracy = ({ truths }: LabelCounts, model: Model): Accuracy | null => accuracyIn(truths, model);

function accuracyIn(truths: LabelTruths | undefined, { classes, expectedAccuracy }: Model): Accuracy | null {
  if (truths === undefined) return null;
  const { n, exact } = truths;
  const { subsetAccuracy, hammingLoss, microF1, macroF1, labels } = labelNumbers(truths);
  const interval = wilsonInterval(exact, n);
  const expected = expectedOf(expectedAccuracy, interval);
  const sentence = `${exactly(truths)} Of all labels of all chips, ${percent(hammingLoss)} were wrong (Hamming loss); F1 is ${said(microF1)} over all labels (micro), and ${said(macroF1)} as the mean of the labels (macro).`;
  return {
    n,
    figure: { name: 'Subset accuracy', value: subsetAccuracy, unit: 'share' },
    interval,
    ...(expected && { expected }),
    figures: [
      { name: 'Micro F1', value: microF1, unit: 'number' },
      { name: 'Macro F1', value: macroF1, unit: 'number' },
      { name: 'Hamming loss', value: hammingLoss, unit: 'share' },
    ],
    sentence: expected ? `${sentence} ${expectedInWords(expected)}` : sentence,
    warning: expected?.isMissed
      ? `${exactly(truths)} ${expectedInWords(expected)} Look at the precision and recall of each label before you use the predictions.`
      : null,
    withoutConfusion: true,
    classes: classes.map(({ name }, place) => ({
      name,
      truth: truths.truth[place]!,
      predicted: truths.predicted[place]!,
      correct: truths.both[place]!,
      ...labels[place]!,
    })),
  };
}

/** Returns in a sentence how many chips got exactly the labels that they have. */
export function labelRightness({ truths }: LabelCounts, { expectedAccuracy }: Model): Rightness | null {
  if (truths === undefined) return null;
  const { n, exact } = truths;
  const interval = wilsonInterval(exact, n);
  const expected = expectedOf(expectedAccuracy, interval);
  const [low, high] = interval.map(percent);
  return {
    figure: {
      name: 'Subset accuracy',
      value: exact / n,
      unit: 'share',
      note: `${low} to ${high}, of ${n.toLocaleString('en')} labelled chip${n === 1 ? '' : 's'}`,
    },
    chips: n,
    sentence: expected ? `${exactly(truths)} ${expectedInWords(expected)}` : exactly(truths),
    isWorse: expected?.isMissed ? 'surely' : null,
  };
}

function exactly({ n, exact }: LabelTruths): string {
  const [low, high] = wilsonInterval(exact, n).map(percent);
  return `${percent(exact / n)} of ${n.toLocaleString('en')} chip${n === 1 ? '' : 's'} with a known truth got the very labels that they have (subset accuracy; 95\u00a0% interval: ${low} to ${high}).`;
}

function expectedOf(value: number | undefined, interval: readonly [number, number]): Accuracy['expected'] {
  return value === undefined ? undefined : { value, isMissed: interval[1] < value };
}

const said = (value: number | null): string => (value === null ? 'not known' : precise(value));

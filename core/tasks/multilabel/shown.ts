import { percent, precise } from '../../base/text/numbers.ts';
import { accuracyOfRight, type OfScenes, type TruthModel } from '../classification/accuracy.ts';
import { type Accuracy, number, type Shown, share } from '../shown.ts';
import type { LabelCounts } from './labelCounts.ts';
import { labelNumbers, NO_LABEL, namesIn } from './labelTruths.ts';
import type { LabelReference } from './reference.ts';
import data from './shown.json' with { type: 'json' };

export const multilabelShown: Shown<LabelCounts, LabelReference> = {
  name: 'multilabel',

  words: data.words,

  brief: (sum) => [number('labels a chip', perChip(sum))],
  figures: (sum) => [number('Labels a chip', perChip(sum), 'on average')],

  accuracy: labelAccuracy,
  told: ({ text = null, truth }) => {
    if (typeof truth !== 'string') return { truth: null, isRight: null };
    const [has, given] = [namesIn(truth), namesIn(text ?? '')];
    const isRight = text === null ? null : has.length === given.length && has.every((name) => given.includes(name));
    return { truth: truth === '' ? NO_LABEL : truth, isRight };
  },

  // Classification's metrics: here, a class's share of the predictions is the share of chips with the label.
  metrics: {},
  panels: [],
};

const perChip = ({ counts, predicted }: LabelCounts): number | null =>
  predicted === 0 ? null : counts.reduce((all, one) => all + one, 0) / predicted;

/** Returns the accuracy of a window's counts; null if there are no truths. */
export function labelAccuracy(sum: Pick<LabelCounts, 'truths'> & OfScenes, model: TruthModel): Accuracy | null {
  const { truths } = sum;
  if (truths === undefined) return null;
  const { n, exact } = truths;
  const { subsetAccuracy, hammingLoss, microF1, macroF1, labels } = labelNumbers(truths);
  const judged = accuracyOfRight({ n, correct: exact }, sum, model, {
    exactly: (interval) =>
      `${percent(exact / n)} of ${n.toLocaleString('en')} chip${n === 1 ? '' : 's'} with a known truth got the very labels that they have (subset accuracy; ${interval}).`,
    more: `Of all labels of all chips, ${percent(hammingLoss)} were wrong (Hamming loss); F1 is ${said(microF1)} over all labels (micro), and ${said(macroF1)} as the mean of the labels (macro).`,
    lookAt: 'Look at the precision and recall of each label before you use the predictions.',
  });
  return {
    ...judged,
    figure: share('Subset accuracy', subsetAccuracy),
    figures: [number('Micro F1', microF1), number('Macro F1', macroF1), share('Hamming loss', hammingLoss)],
    classes: model.classes.map(({ name }, place) => ({ name, ...labels[place]! })),
  };
}

const said = (value: number | null): string => (value === null ? 'not known' : precise(value));

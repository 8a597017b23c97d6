import { percent, precise } from '../../base/text/numbers.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { SceneProducts } from '../../statistics/meanOfScenes.ts';
import { accuracyOfRight } from '../classification/accuracy.ts';
import { type Accuracy, number, share } from '../shown.ts';
import type { LabelCounts } from './labelCounts.ts';
import { labelNumbers } from './labelTruths.ts';

type Model = Pick<PackageFacts, 'classes' | 'expectedAccuracy' | 'heldOut'> & Partial<Pick<PackageFacts, 'unit'>>;
type Counted = Pick<LabelCounts, 'truths'> & { truthScenes?: SceneProducts };

/** Returns the accuracy of a window's counts; null if there are no truths. */
export function labelAccuracy(sum: Counted, model: Model): Accuracy | null {
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

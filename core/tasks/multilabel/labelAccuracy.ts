import { percent, precise } from '../../base/text/numbers.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { SceneProducts } from '../../statistics/meanOfScenes.ts';
import { expectedInWords } from '../classification/accuracy.ts';
import { expectationOf, intervalOfRight } from '../classification/intervalOfRight.ts';
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
  const right = { n, correct: exact };
  const interval = intervalOfRight(right, sum, model);
  const [low, high] = interval.map(percent);
  const { expected } = expectationOf(right, interval, model);
  const exactly = `${percent(exact / n)} of ${n.toLocaleString('en')} chip${n === 1 ? '' : 's'} with a known truth got the very labels that they have (subset accuracy; 95\u00a0% interval: ${low} to ${high}).`;
  const sentence = `${exactly} Of all labels of all chips, ${percent(hammingLoss)} were wrong (Hamming loss); F1 is ${said(microF1)} over all labels (micro), and ${said(macroF1)} as the mean of the labels (macro).`;
  return {
    n,
    figure: share('Subset accuracy', subsetAccuracy),
    interval,
    ...(expected && { expected }),
    figures: [number('Micro F1', microF1), number('Macro F1', macroF1), share('Hamming loss', hammingLoss)],
    sentence: expected ? `${sentence} ${expectedInWords(expected, interval)}` : sentence,
    warning: expected?.isMissed
      ? `${exactly} ${expectedInWords(expected, interval)} Look at the precision and recall of each label before you use the predictions.`
      : null,
    isWorse: expected?.isMissed ? 'surely' : null,
    withoutConfusion: true,
    classes: model.classes.map(({ name }, place) => ({ name, ...labels[place]! })),
  };
}

const said = (value: number | null): string => (value === null ? 'not known' : precise(value));

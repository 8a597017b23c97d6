import { precise } from '../../base/text/numbers.ts';
import type { PackageFacts } from '../../package/facts.ts';
import { type Histogram, wassersteinDistance } from '../../statistics/histogram.ts';
import { marginOfScenes, meanOfScenes } from '../../statistics/meanOfScenes.ts';
import type { OfScenes } from '../classification/accuracy.ts';
import { type Accuracy, number, type Shown, type ShownData } from '../shown.ts';
import { type ErrorNumbers, errorNumbers } from './errorSum.ts';
import data from './shown.json' with { type: 'json' };
import { momentsOf, type ValueSum } from './valueSum.ts';

export const regressionShown: Shown<ValueSum, Histogram> = {
  name: 'regression',
  ...(data as ShownData),

  brief: (sum) => {
    const { mean, deviation } = momentsOf(sum);
    return [number('mean', mean), number('standard deviation', deviation)];
  },

  figures: (sum, { reference, isProvisional }) => {
    const { mean, deviation } = momentsOf(sum);
    return [
      number('Mean', mean, 'of the predicted values'),
      number('Standard deviation', deviation, 'of the predicted values'),
      ...(isProvisional
        ? []
        : [number('Wasserstein distance', wassersteinDistance(sum.counts, reference), 'from the reference')]),
    ];
  },

  accuracy: errorsOfValues,

  told: ({ truth }) => ({ truth: typeof truth === 'number' ? precise(truth) : null, isRight: null }),

  error: ({ value, truth }) => (value === null || typeof truth !== 'number' ? null : Math.abs(value - truth)),
};

export type ValueErrors = Accuracy & ErrorNumbers;

/** With fewer chips, a model that is worse than a guess may have been unlucky. */
const ENOUGH = 30;

/** Returns the errors of a window's sums; null if there are no truths. */
export function errorsOfValues(
  { errors, truthScenes }: Pick<ValueSum, 'errors'> & OfScenes,
  { unit }: Partial<Pick<PackageFacts, 'unit'>>,
): ValueErrors | null {
  if (errors === undefined) return null;
  const { n, mean, truthSquares } = errors;
  const scenes = unit === 'scene' ? truthScenes : undefined;
  const half = scenes && marginOfScenes(meanOfScenes({ n, sum: n * mean }, scenes), 0.975);
  const byScenes = half === undefined || half === Infinity ? null : ([mean - half, mean + half] as const);
  const numbers = { ...errorNumbers(errors), ...(scenes && { biasInterval: byScenes }) };
  const { meanAbsoluteError, rootMeanSquareError, bias, biasInterval, r2 } = numbers;
  const guess = Math.sqrt(truthSquares / n);
  const [absolute, square, away, plain] = [meanAbsoluteError, rootMeanSquareError, bias, guess].map(precise);
  const ends = biasInterval?.map(precise).join(' to ');
  const of = scenes === undefined ? 'if chips are independent' : 'by scenes';
  const between = ends === undefined ? '' : ` (95\u00a0% interval ${of}: ${ends})`;
  const known = n.toLocaleString('en');
  return {
    n,
    ...numbers,
    figure: number('Mean absolute error', meanAbsoluteError),
    figures: [
      number('Root mean square error', rootMeanSquareError),
      number('Bias', bias, ends && `${ends} (95\u00a0% ${of})`),
      number('R²', r2),
    ],
    sentence: `${known} prediction${n === 1 ? '' : 's'} with a known truth ${n === 1 ? 'is' : 'are'} off by ${absolute} on average (root mean square ${square}); their mean error is ${away}${between}. Naming the mean of what is true every time would have a root mean square of ${plain}${r2 === null ? '' : `, so R² is ${precise(r2)}`}.`,
    warning:
      n >= ENOUGH && rootMeanSquareError > guess
        ? `The predictions are off by ${square} (root mean square, over ${known} with a known truth), more than if each had been the mean of what is true (${plain}). Look at them before you use them.`
        : null,
  };
}

import { precise } from '../../base/text/precise.ts';
import { type Histogram, wassersteinDistance } from '../../statistics/histogram.ts';
import type { Accuracy, Compared, Comparison, Shown } from '../shown.ts';
import { addChip, type ErrorNumbers, type ErrorSum, errorNumbers } from './errorSum.ts';
import { momentsOf, type ValueSum } from './valueSum.ts';

export const regressionShown: Shown<ValueSum, Histogram> = {
  name: 'regression',

  words: {
    one: 'value',
    many: 'values',
    lookAt:
      'Compare the histogram with the reference: has the land changed, or the season, or the imagery? Then look at the chips with the highest and the lowest values.',
    order: { first: 'highest first', last: 'lowest first' },
    chips: {
      title: 'Chips with the highest values',
      meaning:
        'Chips without a prediction, then the highest predictions. Images unlike the training data often end up here.',
    },
  },

  brief: (sum) => {
    const { mean, deviation } = momentsOf(sum);
    return [
      { name: 'mean', value: mean, unit: 'number' },
      { name: 'standard deviation', value: deviation, unit: 'number' },
    ];
  },

  figures: (sum, { reference }) => {
    const { mean, deviation } = momentsOf(sum);
    const moved = wassersteinDistance(sum.counts, reference);
    return [
      { name: 'Mean', value: mean, unit: 'number', note: 'of the predicted values' },
      { name: 'Standard deviation', value: deviation, unit: 'number', note: 'of the predicted values' },
      { name: 'Wasserstein distance', value: moved, unit: 'number', note: 'from the reference' },
    ];
  },

  accuracy: errorsOfValues,

  told: ({ truth }) => ({ truth: typeof truth === 'number' ? precise(truth) : null, isRight: null }),

  error: ({ value, truth }) => (value === null || typeof truth !== 'number' ? null : Math.abs(value - truth)),
  compare: makeErrors,

  metrics: {
    MeanValue: 'window',
    ValueDeviation: 'window',
    WassersteinDistance: 'window',
    MeanAbsoluteError: 'window',
    RootMeanSquareError: 'window',
    MeanError: 'window',
  },

  panels: [
    {
      id: 'values',
      title: 'Predicted values',
      meaning:
        'Mean and standard deviation of the predicted values, and how far they have moved from the reference (Wasserstein distance), all in the unit of the predictions.',
      unit: 'number',
      series: [
        { metric: 'MeanValue', label: 'mean' },
        { metric: 'ValueDeviation', label: 'standard deviation' },
        { metric: 'WassersteinDistance', label: 'Wasserstein distance' },
      ],
    },
    {
      id: 'value-errors',
      title: 'Errors of predicted values',
      meaning:
        'Errors of the predicted values with a known truth, in the unit of the predictions: mean absolute error, root mean square error, and mean error (bias).',
      unit: 'number',
      series: [
        { metric: 'MeanAbsoluteError', label: 'mean absolute error' },
        { metric: 'RootMeanSquareError', label: 'root mean square error' },
        { metric: 'MeanError', label: 'bias' },
      ],
    },
  ],
};

export type ValueErrors = Accuracy & ErrorNumbers;

/** With fewer chips, a model that is worse than a guess may have been unlucky. */
const ENOUGH = 30;

export function makeErrors(): Comparison {
  const sum: ErrorSum = { n: 0, absolute: 0, mean: 0, squares: 0, truthMean: 0, truthSquares: 0 };
  return { add: (chip: Compared) => addChip(sum, chip), accuracy: () => (sum.n === 0 ? null : errorsIn(sum)) };
}

/** Returns the errors of a window's sums; null if there are no truths. */
export function errorsOfValues({ errors }: ValueSum): ValueErrors | null {
  return errors === undefined ? null : errorsIn(errors);
}

function errorsIn(sum: ErrorSum): ValueErrors {
  const { n, truthSquares } = sum;
  const numbers = errorNumbers(sum);
  const { meanAbsoluteError, rootMeanSquareError, bias, biasInterval, r2 } = numbers;
  const guess = Math.sqrt(truthSquares / n);
  const [absolute, square, away, plain] = [meanAbsoluteError, rootMeanSquareError, bias, guess].map(precise);
  const between = biasInterval === null ? '' : ` (95\u00a0% interval: ${biasInterval.map(precise).join(' to ')})`;
  const known = n.toLocaleString('en');
  return {
    n,
    ...numbers,
    figure: { name: 'Mean absolute error', value: meanAbsoluteError, unit: 'number' },
    figures: [
      { name: 'Root mean square error', value: rootMeanSquareError, unit: 'number' },
      {
        name: 'Bias',
        value: bias,
        unit: 'number',
        ...(biasInterval && { note: `${biasInterval.map(precise).join(' to ')} (95\u00a0%)` }),
      },
      { name: 'R²', value: r2, unit: 'number' },
    ],
    sentence: `${known} prediction${n === 1 ? '' : 's'} with a known truth ${n === 1 ? 'is' : 'are'} off by ${absolute} on average (root mean square ${square}); their mean error is ${away}${between}. Naming the mean of what is true every time would have a root mean square of ${plain}${r2 === null ? '' : `, so R² is ${precise(r2)}`}.`,
    warning:
      n >= ENOUGH && rootMeanSquareError > guess
        ? `The predictions are off by ${square} (root mean square, over ${known} with a known truth), more than if each had been the mean of what is true (${plain}). Look at them before you use them.`
        : null,
  };
}

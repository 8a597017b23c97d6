import { precise } from '../../text/precise.ts';
import type { Shown } from '../shown.ts';
import { errorsOfValues, makeErrors } from './errors.ts';
import type { Histogram } from './reference.ts';
import { momentsOf, type ValueSum } from './valueSum.ts';
import { wassersteinDistance } from './wasserstein.ts';

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

  rightness: () => null,
  accuracy: errorsOfValues,

  told: ({ truth }) => ({ truth: typeof truth === 'number' ? precise(truth) : null, isRight: null }),

  error: ({ value, truth }) => (value === null || typeof truth !== 'number' ? null : Math.abs(value - truth)),
  compare: makeErrors,

  metrics: {
    MeanValue: { meaning: 'Mean of the predicted values' },
    ValueDeviation: { meaning: 'Standard deviation of the predicted values' },
    WassersteinDistance: {
      meaning:
        "Wasserstein distance between the predicted values and the reference's, over the reference's bins, in the unit of the values",
    },
    MeanAbsoluteError: {
      meaning: 'Mean absolute difference between predicted and true values. Not published when no truth is known',
    },
    RootMeanSquareError: {
      meaning: 'Root mean square difference between predicted and true values, in which large errors weigh more',
    },
    MeanError: { meaning: 'Mean of prediction minus truth, the bias: above 0, predictions are too high' },
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

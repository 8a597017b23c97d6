import { FLOATS, isFloat } from '../../models/dataTypes.ts';
import { precise } from '../../precise.ts';
import type { Values } from '../../predictions/column.ts';
import type { Task } from '../task.ts';
import { type Histogram, namedBins, parseHistogram } from './reference.ts';
import { momentsOf, type PredictedValues, VALUE, type ValueSum, valueSum } from './valueSum.ts';
import { wassersteinDistance } from './wasserstein.ts';

/** What a float of 32 bits can hold: no model means a larger number. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Each chip has one number. */
export const regression: Task<ValueSum, Histogram> = {
  name: 'regression',
  mlmTasks: ['regression'],
  ofPixels: false,
  takes: ({ ofPixels }) => !ofPixels,
  shape: () => [1],
  output: {
    dimensions: '"batch", then one dimension of values',
    shape: 'a row for each chip, with one value',
    each: 'a finite number',
  },

  checkOutput: ({ classes, output }, path, check) => {
    check(isFloat(output.dataType), `${path}.result.data_type`, output.dataType, FLOATS);
    check(classes.length === 0, `${path}.classification:classes`, classes, 'none, as a value is of no class');
    check(
      output.activation !== 'softmax',
      `${path}.post_processing_function`,
      'a softmax',
      'null, as there is one value',
    );
  },

  parseReference: parseHistogram,
  truth: { type: 'DOUBLE', allowed: () => ({ has: Number.isFinite, words: 'one finite number' }) },

  columns: () => [VALUE],
  offence: () => undefined,
  decode: (outputs, chips) => ({
    value: Array.from({ length: chips }, (_, chip) => {
      const value = outputs[chip]!;
      return Math.abs(value) <= LARGEST ? value : null;
    }),
  }),
  said: {
    columns: [VALUE],
    of: (values, chip) => {
      const value = (values as Values & PredictedValues).value[chip]!;
      if (value === null) return { value, text: null, probability: null, rank: null };
      return { value, text: precise(value), probability: null, rank: -value };
    },
  },

  summary: valueSum,
  counts: ({ counts }) => counts,
  missing: ({ missing }) => missing,
  reference: ({ reference }) => namedBins(reference),
  datums: (sum, { reference }) => {
    const { mean, deviation } = momentsOf(sum);
    return [
      { metric: 'MeanValue', value: mean },
      { metric: 'ValueDeviation', value: deviation },
      { metric: 'WassersteinDistance', value: wassersteinDistance(sum.counts, reference) },
    ];
  },
};

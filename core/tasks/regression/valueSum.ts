import * as z from 'zod';
import type { Column, Values } from '../../package/carry.ts';
import type { Summary } from '../../package/task.ts';
import { binOf, type Histogram } from '../../statistics/histogram.ts';
import { addMoments, addValue } from '../../statistics/moments.ts';
import { adding, withTruths } from '../sums.ts';
import { addedErrors, countErrors, errorSumSchema } from './errorSum.ts';

export const VALUE: Column = { name: 'value', type: 'DOUBLE', isDistinct: true };
export type PredictedValues = { readonly value: ArrayLike<number | null> };

/** The truth of each chip, if the file states it; absent if it is not needed. */
type Labelled = { readonly true_value?: ArrayLike<number | null> };

const count = z.int().min(0);
const schema = z.object({
  task: z.literal('regression'),
  /** Predictions in each bin of the reference, including below and above. */
  counts: z.array(count),
  /** Chips whose output was not finite. */
  missing: count,
  mean: z.number(),
  /** The sum of squared differences from the mean; divided by the number of predictions, the variance. */
  squares: z.number().min(0),
  /** The errors of the predictions with a known truth; absent if none has one. */
  errors: errorSumSchema.optional(),
});

export type ValueSum = z.infer<typeof schema>;

const addCounts = adding(schema.omit({ errors: true }));

export const valueSum: Summary<ValueSum, Histogram> = {
  schema,

  zero: ({ reference }) => ({
    task: 'regression',
    counts: reference.counts.map(() => 0),
    missing: 0,
    mean: 0,
    squares: 0,
  }),

  of: (predictions, model) => {
    const { value: values, true_value: truths = [] } = predictions as Values & PredictedValues & Labelled;
    const sum = valueSum.zero(model);
    let n = 0;
    for (let chip = 0; chip < values.length; chip += 1) {
      const value = values[chip]!;
      if (value === null) sum.missing += 1;
      else {
        n += 1;
        addValue(sum, value, n);
        sum.counts[binOf(value, model.reference.edges)]! += 1;
      }
    }
    const chips = Array.from(truths, (truth, chip) => ({ value: values[chip]!, truth }));
    return withTruths(sum, chips, countErrors());
  },

  add: (a, b) => {
    const errors = addedErrors(a.errors, b.errors);
    const moments = addMoments(a, predictionsIn(a), b, predictionsIn(b));
    return { ...addCounts(a, b), ...moments, ...(errors && { errors }) };
  },
};

export const predictionsIn = ({ counts }: ValueSum): number => counts.reduce((all, one) => all + one, 0);

/** Returns mean and standard deviation of the predictions; null if there are none. */
export function momentsOf(sum: ValueSum) {
  const n = predictionsIn(sum);
  return n === 0 ? { mean: null, deviation: null } : { mean: sum.mean, deviation: Math.sqrt(sum.squares / n) };
}

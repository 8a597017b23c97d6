import { FLOATS, isFloat, type Plane } from '../../arrays/dataTypes.ts';
import { precise } from '../../base/text/numbers.ts';
import { areasOf } from '../../package/area.ts';
import type { Values } from '../../package/carry.ts';
import type { Task } from '../../package/task.ts';
import { type Histogram, meanShift, wassersteinDistance } from '../../statistics/histogram.ts';
import { mixCounts } from '../classes.ts';
import { countErrors, errorNumbers } from './errorSum.ts';
import { decodeMap, layersOf, SPREAD, storable } from './pixels.ts';
import { namedBins, parseHistogram } from './reference.ts';
import { momentsOf, type PredictedValues, VALUE, type ValueSum, valueSum } from './valueSum.ts';

/** Predicts a number per chip, or one or more per pixel (finer in super-resolution), whose mean is the chip's. */
export const regression: Task<ValueSum, Histogram> = {
  name: 'regression',
  mlmTasks: ['regression', 'super-resolution'],
  takes: () => true,
  shape: ({ output }) => output.pixels?.shape ?? [1],
  output: {
    dimensions: '"batch", then one dimension of values; or "height" and "width" as well, for a value of each pixel',
    shape: 'a row for each chip, with one value; or one for each pixel',
    each: 'a finite number',
  },

  checkOutput: ({ classes, output }, path, check) => {
    check(isFloat(output.dataType), `${path}.result.data_type`, output.dataType, FLOATS);
    check(classes.length === 0, `${path}.classification:classes`, classes, 'none, as a value is of no class');
    const rule = 'null, as there is one value';
    check(output.activation !== 'softmax', `${path}.post_processing_function`, 'a softmax', rule);
  },

  parseReference: parseHistogram,
  truth: {
    type: 'DOUBLE',
    name: 'true_value',
    allowed: () => ({ has: (number) => storable(number) !== null, words: 'one finite number of at most 3.4e38' }),
  },

  columns: ({ output }) => (output.pixels === null ? [VALUE] : [VALUE, ...SPREAD]),
  offence: () => undefined,
  decode: (outputs, chips, model, areas) => {
    const { pixels } = model.output;
    if (pixels !== null) return decodeMap(outputs as Plane, model, areasOf(pixels, chips, areas));
    return { values: { value: Array.from({ length: chips }, (_, chip) => storable(outputs[chip]!)) }, planes: null };
  },
  layers: layersOf,
  said: {
    columns: [VALUE],
    of: (values, chip) => {
      const value = (values as Values & PredictedValues).value[chip]!;
      if (value === null) return { value, text: null, probability: null, rank: null };
      return { value, text: precise(value), probability: null, rank: -value };
    },
  },
  answer: (values, chip, { output }) => {
    const numberIn = (name: string) => (values[name]?.[chip] ?? null) as number | null;
    const value = { value: numberIn(VALUE.name) };
    return output.pixels === null ? value : { ...value, minimum: numberIn('minimum'), maximum: numberIn('maximum') };
  },

  summary: valueSum,
  meanShift: ({ counts }, { reference }) => meanShift(counts, reference),
  answers: ['max_error_rise', 'max_mean_absolute_difference'],
  errors: ({ errors }) =>
    errors && { n: errors.n, sum: errors.n * errors.mean, squares: errors.squares + errors.n * errors.mean ** 2 },
  countTruths: countErrors,
  reference: ({ reference }) => namedBins(reference),
  referenceOf: ({ counts }, { reference: { edges } }) => {
    const [below, above] = [counts[0], counts.at(-1)];
    return { bins: { edges, counts: counts.slice(1, -1), below, above } };
  },
  mix: (parts) => ({
    edges: parts[0]!.reference.edges,
    counts: mixCounts(parts.map(({ share, reference: { counts } }) => ({ share, counts }))),
  }),
  datums: (sum, { reference }) => {
    const { mean, deviation } = momentsOf(sum);
    const errors = sum.errors && errorNumbers(sum.errors);
    return [
      { metric: 'MeanValue', value: mean },
      { metric: 'ValueDeviation', value: deviation },
      { metric: 'WassersteinDistance', value: wassersteinDistance(sum.counts, reference) },
      { metric: 'MeanAbsoluteError', value: errors?.meanAbsoluteError ?? null },
      { metric: 'RootMeanSquareError', value: errors?.rootMeanSquareError ?? null },
      { metric: 'MeanError', value: errors?.bias ?? null },
    ];
  },
};

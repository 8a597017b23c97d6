import * as z from 'zod';
import type { Column, Values, ValuesOf } from '../../package/carry.ts';
import type { Summary } from '../../package/task.ts';
import { adding } from '../sums.ts';
import { labelTruthsSchema, namesIn } from './labelTruths.ts';
import type { LabelReference } from './reference.ts';

export const LABELS = [
  { name: 'labels', type: 'STRING' },
  { name: 'label_count', type: 'INT32' },
  /** How certain the least certain label is: the least distance of a probability from 0.5, doubled. */
  { name: 'certainty', type: 'FLOAT', isDistinct: true },
] as const satisfies readonly Column[];
export type Labels = ValuesOf<typeof LABELS>;

const count = z.int().min(0);
const schema = z.object({
  task: z.literal('multilabel'),
  names: z.array(z.string()),
  /** Chips with each label, in the same order. */
  counts: z.array(count),
  /** Chips with a prediction, whatever their labels; and chips without one. */
  predicted: count,
  missing: count,
  /** The truths of the chips that have one; absent if none has. */
  truths: labelTruthsSchema.optional(),
});

export type LabelCounts = z.infer<typeof schema>;

export const labelCounts: Summary<LabelCounts, LabelReference> = {
  schema,

  zero: ({ classes }) => ({
    task: 'multilabel',
    names: classes.map(({ name }) => name),
    counts: classes.map(() => 0),
    predicted: 0,
    missing: 0,
  }),

  of: (predictions, model) => {
    const { labels } = predictions as Values & Labels;
    const sum = labelCounts.zero(model);
    const places = new Map(sum.names.map((name, place) => [name, place]));
    for (const found of Array.from(labels)) {
      if (found === null) sum.missing += 1;
      else {
        sum.predicted += 1;
        for (const name of namesIn(found)) sum.counts[places.get(name)!]! += 1;
      }
    }
    return sum;
  },

  add: adding(schema),
};

import * as z from 'zod';
import type { Column, Values } from '../../package/carry.ts';
import type { Summary } from '../../package/task.ts';
import { classColumn } from '../classes.ts';
import { numbersOf as numbersOfClasses } from '../classification/numbers.ts';
import type { ClassReference } from '../classification/reference.ts';
import { addLand, type Land, landFields } from '../land.ts';
import { adding } from '../sums.ts';
import { maskTruthsSchema } from './maskTruth.ts';

export const PIXELS: Column = { name: 'pixels', type: 'INT32' };

export function shareColumn(value: number): Column {
  return { name: classColumn('share', value), type: 'DOUBLE', isDistinct: true };
}

const schema = z.object({
  task: z.literal('segmentation'),
  /** The names of the package's classes, which make a run's summary self-describing. */
  names: z.array(z.string()),
  /** The sums of the chips' shares of each class, in the same order; they add up to the number of chips. */
  counts: z.array(z.number().min(0)),
  ...landFields,
  /** The pixels of chips whose land is known; absent if there are none. */
  pixels: z.int().min(0).optional(),
  /** Chips without a pixel that has a class. */
  missing: z.int().min(0),
  /** The sum of the chips' mean probabilities, over chips whose model returns any. */
  probabilitySum: z.number(),
  /** The number of those chips. */
  probable: z.int().min(0),
  /** The truths of the chips that have one; absent if none has. */
  truths: maskTruthsSchema.optional(),
});

/** The sums over many chips' predictions; each chip counts once, however many pixels it has. */
export type ShareCounts = z.infer<typeof schema>;

export const shareCounts: Summary<ShareCounts, ClassReference> = {
  schema,

  zero: ({ classes }) => ({
    task: 'segmentation',
    names: classes.map(({ name }) => name),
    counts: classes.map(() => 0),
    missing: 0,
    probabilitySum: 0,
    probable: 0,
  }),

  of: (predictions, model) => {
    const { pixels, probability, hectares } = predictions as Values &
      Land & { pixels: ArrayLike<number>; probability: ArrayLike<number | null> };
    const shares = model.classes.map(({ value }) => predictions[shareColumn(value).name] as ArrayLike<number | null>);
    const sum = shareCounts.zero(model);
    for (let chip = 0; chip < pixels.length; chip += 1) {
      if (pixels[chip] === 0) {
        sum.missing += 1;
        continue;
      }
      const land = hectares?.[chip] ?? null;
      const own = shares.map((share, place) => [place, share[chip]!] as const);
      for (const [place, share] of own) sum.counts[place]! += share;
      addLand(sum, land, own);
      if (land !== null) sum.pixels = (sum.pixels ?? 0) + pixels[chip]!;
      const mean = probability[chip] ?? null;
      if (mean === null) continue;
      sum.probabilitySum += mean;
      sum.probable += 1;
    }
    return sum;
  },

  add: adding(schema),
};

/** Returns the numbers shown besides the shares; null if there are none. */
export const numbersOf = (sum: ShareCounts) => numbersOfClasses(sum, sum.probable);

import * as z from 'zod';
import {
  addReliabilityBins,
  countChip,
  noReliabilityBins,
  reliabilityBinsSchema,
  reliabilityOf,
  reliabilityText,
} from '../../calibration/reliabilityBins.ts';
import { MAX_CONFUSION_CLASSES } from '../../limits.ts';
import type { ModelPackage } from '../../models/package.ts';
import type { Column, Values } from '../../predictions/column.ts';
import type { ChipTruth, Stored, Summary } from '../task.ts';
import { addedConfused, type Confused, cellOf, confusedIn } from './confused.ts';
import { numbersOf } from './numbers.ts';

/** The columns that say what a chip is, whatever the classes of the model are: its class's value and name, and how probable it is. */
export const WINNER: readonly Column[] = [
  { name: 'label', type: 'INT32' },
  { name: 'class', type: 'STRING' },
  { name: 'probability', type: 'FLOAT', isDistinct: true },
];

/** Their values. */
export type Winners = {
  readonly label: ArrayLike<number | null>;
  readonly class: ArrayLike<string | null>;
  readonly probability: ArrayLike<number | null>;
};

/** What is true of each chip, where the file says it; there is no such column where nobody asks. */
type Labelled = { readonly truth?: ArrayLike<number | null> };

const place = z.int().min(0);
const ofEachClass = z.array(z.int().min(0));

const schema = z.object({
  /** Chips predicted for each class of the package, in its order. */
  counts: ofEachClass,
  /** Chips whose outputs were not all finite numbers. */
  missing: z.int().min(0),
  /** Sum of the winning probabilities, over the chips in `counts`. */
  probabilitySum: z.number(),
  /**
   * Predicted chips that are of each class by what their files say, and those of them that were predicted to be. Absent where
   * no file said anything, and where a former release has counted.
   */
  truths: ofEachClass.optional(),
  right: ofEachClass.optional(),
  /** Of these chips, those that were predicted to be of each class and are of another one. */
  wrong: ofEachClass.optional(),
  /** Which class they were taken for; absent where a model has more than `MAX_CONFUSION_CLASSES`. */
  confused: z.array(z.tuple([place, place, z.int().min(1)])).optional(),
  /** How probable the predictions of such chips were said to be, beside how many are right. Absent likewise. */
  reliability: reliabilityBinsSchema.optional(),
});

/** What the predictions of many chips add up to. */
export type ClassCounts = z.infer<typeof schema>;

export const classCounts: Summary<ClassCounts> = {
  schema,

  zero: ({ classes }) => ({ counts: classes.map(() => 0), missing: 0, probabilitySum: 0 }),

  of: (predictions, model) => {
    const { label, probability, truth = [] } = predictions as Values & Winners & Labelled;
    const sum = classCounts.zero(model);
    const places = new Map(model.classes.map(({ value }, place) => [value, place]));
    for (let chip = 0; chip < label.length; chip += 1) {
      const value = label[chip]!;
      if (value === null) sum.missing += 1;
      else {
        sum.counts[places.get(value)!]! += 1;
        sum.probabilitySum += probability[chip]!;
      }
    }
    return withTruths(sum, pairs(label, probability, truth), model);
  },

  add: (a, b) => ({
    counts: added(a.counts, b.counts),
    missing: a.missing + b.missing,
    probabilitySum: a.probabilitySum + b.probabilitySum,
    ...((a.truths ?? b.truths) && {
      truths: added(a.truths, b.truths),
      right: added(a.right, b.right),
      wrong: added(a.wrong, b.wrong),
      ...confusedOf(longer(a.counts, b.counts).length, () => addedConfused(a.confused ?? [], b.confused ?? [])),
    }),
    ...((a.reliability ?? b.reliability) && {
      reliability: addReliabilityBins(a.reliability ?? noReliabilityBins(), b.reliability ?? noReliabilityBins()),
    }),
  }),
};

/** Which classes are taken for which, of a model with few enough. */
function confusedOf(classes: number, confused: () => Confused): { confused?: Confused } {
  return classes <= MAX_CONFUSION_CLASSES ? { confused: confused() } : {};
}

function* pairs(
  label: Winners['label'],
  probability: Winners['probability'],
  truth: ArrayLike<number | null>,
): Generator<ChipTruth, void, void> {
  if (truth.length === 0) return;
  for (let chip = 0; chip < label.length; chip += 1)
    yield { value: label[chip]!, probability: probability[chip]!, truth: truth[chip] ?? null };
}

/** Counts what is true, in the place of what was counted before; of chips without a prediction, nothing. */
export function withTruths(
  {
    truths: _truths,
    right: _right,
    wrong: _wrong,
    confused: _confused,
    reliability: _reliability,
    ...sum
  }: ClassCounts,
  chips: Iterable<ChipTruth>,
  { classes }: Pick<ModelPackage, 'classes'>,
): ClassCounts {
  const places = new Map(classes.map(({ value }, at) => [value, at]));
  const [truths, right, wrong] = [0, 1, 2].map(() => classes.map(() => 0)) as [number[], number[], number[]];
  const cells = new Map<number, number>();
  const reliability = noReliabilityBins();
  let isLabelled = false;
  for (const { value, probability = null, truth } of chips) {
    const predicted = value === null ? undefined : places.get(value);
    const at = predicted === undefined || typeof truth !== 'number' ? undefined : places.get(truth);
    if (at === undefined) continue;
    isLabelled = true;
    truths[at]! += 1;
    if (probability !== null) countChip(reliability, probability, at === predicted);
    if (at === predicted) right[at]! += 1;
    else {
      wrong[predicted!]! += 1;
      const cell = cellOf(at, predicted!);
      cells.set(cell, (cells.get(cell) ?? 0) + 1);
    }
  }
  if (!isLabelled) return sum;
  return { ...sum, truths, right, wrong, reliability, ...confusedOf(classes.length, () => confusedIn(cells)) };
}

function added(a: readonly number[] = [], b: readonly number[] = []): number[] {
  return longer(a, b).map((_, at) => (a[at] ?? 0) + (b[at] ?? 0));
}

function longer<Value>(a: readonly Value[], b: readonly Value[]): readonly Value[] {
  return a.length < b.length ? b : a;
}

/** As rows have kept it since there are any; a row has no place for zeros of what is true, so that it stays small. */
export const storedCounts: Stored<ClassCounts> = {
  inRow: ({ counts, missing, probabilitySum, truths, right, wrong, confused = [], reliability }, { classes }) => {
    const taken = Map.groupBy(confused, ([truth]) => truth);
    return {
      classes: classes.map(({ name }, at) => ({
        ...{ name, count: counts[at]! },
        ...(truths?.[at] && { truth: truths[at] }),
        ...(right?.[at] && { right: right[at] }),
        ...(wrong?.[at] && { wrong: wrong[at] }),
        ...(at === 0 && reliability && { reliability: reliabilityText(reliability) }),
        ...(taken.has(at) && { taken: taken.get(at)!.map(([, predicted, count]) => [predicted, count]) }),
      })),
      missing,
      probabilitySum,
    };
  },
  ofRow: ({ classes, missing, probabilitySum }) => ({
    counts: classes.map(({ count }) => count),
    missing,
    probabilitySum,
    // Of what a former release has counted, no mistake has a place: fewer than there are, which whoever tells of them sees.
    ...(classes.some(({ truth }) => truth !== undefined) && {
      truths: classes.map(({ truth = 0 }) => truth),
      right: classes.map(({ right = 0 }) => right),
      wrong: classes.map(({ wrong = 0 }) => wrong),
      ...confusedOf(classes.length, () =>
        classes.flatMap(
          ({ taken = [] }, truth): Confused => taken.map(([predicted, count]) => [truth, predicted, count]),
        ),
      ),
    }),
    ...(classes[0]?.reliability !== undefined && { reliability: reliabilityOf(classes[0].reliability) }),
  }),
  numbers: numbersOf,
};

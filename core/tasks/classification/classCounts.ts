import * as z from 'zod';
import { MAX_CONFUSION_CLASSES } from '../../base/limits.ts';
import type { Column, Values, ValuesOf } from '../../package/carry.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { ChipTruth, Summary, TruthCounter } from '../../package/task.ts';
import * as bins from '../../statistics/calibration/reliabilityBins.ts';
import type { KnownPlaces } from '../../statistics/stratifiedAreas.ts';
import { SEPARATOR } from '../classes.ts';
import { addLand, type Land, landFields } from '../land.ts';
import { adding, withTruths } from '../sums.ts';

/** The columns of a prediction that do not depend on the model's classes: the class's value, name and probability. */
export const WINNER = [
  { name: 'label', type: 'INT32' },
  { name: 'class', type: 'STRING' },
  { name: 'probability', type: 'FLOAT', isDistinct: true },
] as const satisfies readonly Column[];

/** The names of a chip's prediction set, if the package has a threshold. */
export const SET = { name: 'set', type: 'STRING', isOptional: true } as const;

/** The value of the most probable class, if the package abstains: the chip's own class is then empty where that is unsure. */
export const TOP = { name: 'top_label', type: 'INT32', isOptional: true } as const;

export type Winners = ValuesOf<typeof WINNER> & Partial<ValuesOf<[typeof SET, typeof TOP]>>;

/** Returns the value of a chip's most probable class, whether the package gives it out or not; null without a prediction. */
export const topLabel = ({ label, top_label: top }: Pick<Winners, 'label' | 'top_label'>, chip: number) =>
  top?.[chip] ?? label[chip]!;

/** The truth of each chip, if the file states it; absent if it is not needed. */
type Labelled = { readonly truth?: ArrayLike<number | null> };

const place = z.int().min(0);
const ofEachClass = z.array(z.int().min(0));

const schema = z.object({
  /** Chips predicted for each class of the package, in its order. */
  counts: ofEachClass,
  ...landFields,
  /** Chips whose outputs were not all finite. */
  missing: z.int().min(0),
  /** Sum of the winning probabilities, over the chips in `counts`. */
  probabilitySum: z.number(),
  /** Chips with more than one class in their prediction set; absent if the package has no threshold. */
  unsure: z.int().min(0).optional(),
  /** Predicted chips of each class by their files' truth, and the correct ones. Absent if no file states any. */
  truths: ofEachClass.optional(),
  right: ofEachClass.optional(),
  /** Of these chips, those that were predicted to be of the class but are of another. */
  wrong: ofEachClass.optional(),
  /** The class that each was confused with; absent for models with more than `MAX_CONFUSION_CLASSES` classes. */
  confused: z.array(z.tuple([place, place, z.int().min(1)])).optional(),
  /** The probabilities of these predictions, and how many of them are right. Absent in the same cases. */
  reliability: bins.reliabilityBinsSchema.optional(),
});

export type ClassCounts = z.infer<typeof schema>;

const addCounts = adding(schema.omit({ confused: true, reliability: true }));

export const classCounts: Summary<ClassCounts> = {
  schema,

  zero: ({ classes, heldOut }) => ({
    counts: classes.map(() => 0),
    missing: 0,
    probabilitySum: 0,
    ...(heldOut?.threshold !== undefined && { unsure: 0 }),
  }),

  of: (predictions, model) => {
    const { probability, set, truth = [], hectares, ...winners } = predictions as Values & Winners & Labelled & Land;
    const label = Array.from(winners.label, (_, chip) => topLabel(winners, chip));
    const sum = classCounts.zero(model);
    const places = new Map(model.classes.map(({ value }, place) => [value, place]));
    for (let chip = 0; chip < label.length; chip += 1) {
      const value = label[chip]!;
      if (value === null) sum.missing += 1;
      else {
        const place = places.get(value)!;
        sum.counts[place]! += 1;
        addLand(sum, hectares?.[chip], [[place, 1]]);
        sum.probabilitySum += probability[chip]!;
        if (sum.unsure !== undefined && set?.[chip]?.includes(SEPARATOR)) sum.unsure += 1;
      }
    }
    const chips = Array.from(truth, (of, i) => ({ value: label[i]!, probability: probability[i]!, truth: of }));
    return withTruths(sum, chips, countTruths(model));
  },

  add: (a, b) => {
    const sum = addCounts(a, b);
    return {
      ...sum,
      ...(sum.truths &&
        sum.counts.length <= MAX_CONFUSION_CLASSES && { confused: addedConfused(a.confused ?? [], b.confused ?? []) }),
      ...((a.reliability ?? b.reliability) && { reliability: bins.addReliabilityBins(a.reliability, b.reliability) }),
    };
  },
};

/** Counts the true and the predicted classes of chips that have both. */
export function countTruths(
  { classes }: Pick<PackageFacts, 'classes'>,
  mostConfused = MAX_CONFUSION_CLASSES,
): TruthCounter<ClassCounts> {
  const places = new Map(classes.map(({ value }, at) => [value, at]));
  const [truths, right, wrong] = [0, 1, 2].map(() => classes.map(() => 0)) as [number[], number[], number[]];
  const cells = new Map<number, number>();
  const reliability = bins.noReliabilityBins();

  function add({ value, probability = null, truth }: ChipTruth): void {
    const predicted = value === null ? undefined : places.get(value);
    const at = typeof truth === 'number' ? places.get(truth) : undefined;
    if (predicted === undefined || at === undefined) return;
    truths[at]! += 1;
    if (probability !== null) bins.countChip(reliability, probability, at === predicted);
    if (at === predicted) right[at]! += 1;
    else {
      wrong[predicted]! += 1;
      const cell = cellOf(at, predicted);
      cells.set(cell, (cells.get(cell) ?? 0) + 1);
    }
  }

  const counts = () =>
    truths.every((count) => count === 0)
      ? {}
      : { truths, right, wrong, reliability, ...(classes.length <= mostConfused && { confused: confusedIn(cells) }) };

  return { fields: ['truths', 'right', 'wrong', 'reliability', 'confused'], add, counts };
}

/** Returns the land of the chips whose truth is known; each counts as much as a chip of its predicted class has on average. */
export function knownLand({ counts, hectares, right, confused }: ClassCounts): KnownPlaces | undefined {
  if (hectares === undefined || right === undefined || confused === undefined) return undefined;
  const known: KnownPlaces = { chips: 0, land: {}, squares: counts.map(() => 0) };
  for (const [truth, predicted, chips] of [...right.map((count, i) => [i, i, count] as const), ...confused]) {
    const each = hectares[predicted]! / counts[predicted]!;
    if (!(chips > 0 && each > 0)) continue;
    known.chips += chips;
    known.land[`${predicted} ${truth}`] = chips * each;
    known.squares[predicted]! += chips * each ** 2;
  }
  return known.chips > 0 ? known : undefined;
}

/**
 * How often one class was confused with another: the indices of the true and the predicted class, and a count above 0, in
 * order. Pairs that never occurred are omitted, so the size grows with the mistakes, not with the classes.
 */
export type Confused = [truth: number, predicted: number, count: number][];

/** Adds two counts; commutative. */
export function addedConfused(a: Confused, b: Confused): Confused {
  const counts = new Map<number, number>();
  for (const [truth, predicted, count] of [...a, ...b]) {
    const cell = cellOf(truth, predicted);
    counts.set(cell, (counts.get(cell) ?? 0) + count);
  }
  return confusedIn(counts);
}

/** Encodes a pair of indices as a number that sorts like the pair. */
export const cellOf = (truth: number, predicted: number): number => truth * PLACES + predicted;

export const confusedIn = (counts: ReadonlyMap<number, number>): Confused =>
  [...counts].toSorted(([a], [b]) => a - b).map(([cell, count]) => [Math.floor(cell / PLACES), cell % PLACES, count]);

/** More than the number of classes of any model. */
const PLACES = 2 ** 20;

import * as z from 'zod';
import { makePlane } from '../../arrays/dataTypes.ts';
import { added } from '../../base/added.ts';
import { MAX_CONFUSION_CLASSES } from '../../base/limits.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { ChipTruth } from '../../package/task.ts';
import type { SampledPixels } from '../../statistics/differenceAreas.ts';
import { cellOf, confusedIn } from '../classification/classCounts.ts';
import { hitsOf, jaccard, meanOf, total } from '../confusion.ts';
import { mapTypeOf } from './labelPixels.ts';

/** Truths of masks' pixels, stored as counts with predictions: a run's map never changes, so no recount reads it. */

const count = z.int().min(0);
const ofEachClass = z.array(count);

/** The sums over many chips, in the order of the package's classes. */
export const maskTruthsSchema = z.object({
  /** Chips with at least one pixel that has both a truth and a prediction. */
  chips: z.int().min(1),
  /** Such pixels that are of each class, that were predicted to be, and for which both hold. */
  truth: ofEachClass,
  predicted: ofEachClass,
  both: ofEachClass,
  /** Pixels of each `<predicted> <true>` pair of different places that occurs; absent for models with more than `MAX_CONFUSION_CLASSES` classes. */
  confused: z.record(z.string(), count).optional(),
  /** `SceneProducts` of each class, of true less predicted pixels: by chip, or by scene if the truth of more than half of its chips is known. */
  units: z.array(z.object({ count, sizes: z.number(), products: z.number(), squares: z.number() })),
});
export type MaskTruths = z.infer<typeof maskTruthsSchema>;

/**
 * Makes what compares a map with its mask of truth. `isKnown` is 0 where that has no data; null if it has all. The result is
 * `<true class's value>/<predicted one's>:<pixels>` for each pair that occurs, separated by spaces.
 */
export function compareMask({ classes }: Pick<PackageFacts, 'classes'>) {
  const places = new Map(classes.map(({ value }, place) => [value, place]));
  return (predicted: ArrayLike<number>, truth: ArrayLike<number>, isKnown: Uint8Array | null): string => {
    const cells = new Map<number, number>();
    for (let i = 0; i < predicted.length; i += 1) {
      const [said, is] = [places.get(predicted[i]!), places.get(truth[i]!)];
      if (said === undefined || is === undefined || isKnown?.[i] === 0) continue;
      const cell = cellOf(is, said);
      cells.set(cell, (cells.get(cell) ?? 0) + 1);
    }
    const pairs = confusedIn(cells).map(([is, said, pixels]) => [classes[is]!.value, classes[said]!.value, pixels]);
    return pairs.map(([is, said, pixels]) => `${is}/${said}:${pixels}`).join(' ');
  };
}

/** Returns the class of each pixel that counts, as maps have it: nodata where the mask or the map has none, such as under clouds. */
export function classesOf(
  model: Pick<PackageFacts, 'classes'>,
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  isKnown: Uint8Array | null,
) {
  const { dataType, nodata } = mapTypeOf(model);
  const values = new Set(model.classes.map(({ value }) => value));
  const plane = makePlane(dataType, truth.length);
  for (let i = 0; i < truth.length; i += 1) {
    const isClass = values.has(truth[i]!) && values.has(predicted[i]!) && isKnown?.[i] !== 0;
    plane[i] = isClass ? truth[i]! : nodata;
  }
  return plane;
}

/** Adds up such comparisons. */
export function countMaskTruths({ classes }: Pick<PackageFacts, 'classes'>, mostConfused = MAX_CONFUSION_CLASSES) {
  const places = new Map(classes.map(({ value }, place) => [value, place]));
  const none = () => classes.map(() => 0);
  const isConfusionKept = classes.length <= mostConfused;
  const noPixels = () => ({
    truth: none(),
    predicted: none(),
    both: none(),
    ...(isConfusionKept && { confused: {} as Record<string, number> }),
  });
  let [chips, all, sum] = [0, 0, noPixels()];
  let ofChips: MaskTruths['units'] = [];

  function add({ value, truth }: Pick<ChipTruth, 'truth'> & Partial<ChipTruth>): void {
    all += value === null ? 0 : 1;
    if (typeof truth !== 'string' || truth === '') return; // scene files cannot state the truth of pixels
    chips += 1;
    const own = noPixels();
    for (const of of truth.split(' ')) {
      const [pair = '', pixels] = of.split(':');
      const [is, said] = pair.split('/').map((value) => places.get(Number(value)));
      if (is === undefined || said === undefined) continue;
      own.truth[is]! += Number(pixels);
      own.predicted[said]! += Number(pixels);
      if (is === said) own.both[is]! += Number(pixels);
      else if (own.confused) own.confused[`${said} ${is}`] = Number(pixels);
    }
    sum = added(sum, own);
    ofChips = added(ofChips, unitsOf(own));
  }

  const counts = (): { truths?: MaskTruths } =>
    chips === 0 ? {} : { truths: { chips, ...sum, units: chips > all / 2 ? unitsOf(sum) : ofChips } };

  return { fields: ['truths'], add, counts };
}

function unitsOf({ truth, predicted }: Pick<MaskTruths, 'truth' | 'predicted'>): MaskTruths['units'] {
  const n = total(truth);
  const differences = truth.map((pixels, place) => pixels - predicted[place]!);
  return differences.map((one) => ({ count: 1, sizes: n ** 2, products: n * one, squares: one ** 2 }));
}

/** The same in hectares, of pixels of so many each. */
export function inLand({ chips, truth, predicted, units }: MaskTruths, each: number): SampledPixels {
  const land = (of: readonly number[]) => of.map((pixels) => pixels * each);
  const ofUnits = units.map(({ count, ...sums }) => {
    const [sizes, products, squares] = [sums.sizes, sums.products, sums.squares].map((sum) => sum * each ** 2);
    return { count, sizes: sizes!, products: products!, squares: squares! };
  });
  return { chips, truth: land(truth), predicted: land(predicted), units: ofUnits };
}

/** Returns scikit-learn's numbers; null instead of a division by 0. */
export function maskNumbers({ truth, predicted, both }: MaskTruths) {
  const [pixels, right] = [total(truth), total(both)];
  const classes = both.map((hits, place) => ({
    ...hitsOf(truth[place]!, predicted[place]!, hits),
    iou: jaccard(hits, truth[place]!, predicted[place]!),
  }));
  return {
    pixels,
    /** The share of pixels with the right class: `accuracy_score`. */
    pixelAccuracy: right / pixels,
    /** The mean of the classes' own IoU, over classes that occur: `jaccard_score(average="macro")` over these labels. */
    meanIou: meanOf(classes.map(({ iou }) => iou)),
    /** For each class `jaccard_score(average=None)` and `precision_recall_fscore_support(average=None)`. */
    classes,
  };
}

/** Returns how many chips are right, each as far as its pixels are: their number times the pixel accuracy. */
export const rightInMasks = ({ truths }: { truths?: MaskTruths | undefined }): { n: number; correct: number } | null =>
  truths ? { n: truths.chips, correct: (truths.chips * total(truths.both)) / total(truths.truth) } : null;

import * as z from 'zod';
import { added } from '../../base/added.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { ChipTruth } from '../../package/task.ts';
import type { SampledPixels } from '../../statistics/differenceAreas.ts';
import { hitsOf, jaccard, meanOf, total } from '../confusion.ts';

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
  /**
   * The units of which the sample consists, as in `SceneProducts`: chips, or a scene if the truth of more than half of its chips is known. Of each
   * class, `products` and `squares` are of the difference between true and predicted pixels.
   */
  units: z.object({ count, sizes: z.number(), products: z.array(z.number()), squares: z.array(z.number()) }),
});
export type MaskTruths = z.infer<typeof maskTruthsSchema>;

/** Adds up comparisons in the form of `compareMask`. */
export function countMaskTruths({ classes }: Pick<PackageFacts, 'classes'>) {
  const places = new Map(classes.map(({ value }, place) => [value, place]));
  const none = () => classes.map(() => 0);
  const noPixels = () => ({ truth: none(), predicted: none(), both: none() });
  let [chips, all, sum, ofChips] = [0, 0, noPixels(), { ...unitOf(noPixels()), count: 0 }];

  function add({ value, truth }: Pick<ChipTruth, 'truth'> & Partial<ChipTruth>): void {
    all += value === null ? 0 : 1;
    if (typeof truth !== 'string' || truth === '') return; // scene files cannot state the truth of pixels
    chips += 1;
    const own = noPixels();
    for (const of of truth.split(' ')) {
      const [value, ...counts] = of.split(/[:/]/).map(Number) as [number, number, number, number];
      const place = places.get(value);
      if (place === undefined) continue;
      for (const [i, name] of (['truth', 'predicted', 'both'] as const).entries()) own[name][place] = counts[i]!;
    }
    sum = added(sum, own);
    ofChips = added(ofChips, unitOf(own));
  }

  function counts(): { truths?: MaskTruths } {
    if (chips === 0) return {};
    return { truths: { chips, ...sum, units: chips > all / 2 ? unitOf(sum) : ofChips } };
  }

  return { add, counts };
}

function unitOf({ truth, predicted }: Pick<MaskTruths, 'truth' | 'predicted'>): MaskTruths['units'] {
  const [n, differences] = [total(truth), truth.map((pixels, place) => pixels - predicted[place]!)];
  const [products, squares] = [differences.map((one) => one * n), differences.map((one) => one ** 2)];
  return { count: 1, sizes: n ** 2, products, squares };
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

/** Returns what areas are corrected by: of each class, the pixels that are truly of it less those that are mapped as it. */
export function sampledPixels({ truths }: { truths?: MaskTruths | undefined }): SampledPixels | null {
  if (truths === undefined) return null;
  const { truth, predicted, units } = truths;
  const { count, sizes, products, squares } = units;
  const classes = truth.map((pixels, i) => ({
    difference: pixels - predicted[i]!,
    units: { count, sizes, products: products[i]!, squares: squares[i]! },
  }));
  return { chips: truths.chips, pixels: total(truth), classes };
}

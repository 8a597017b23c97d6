import { percent, precise } from '../../base/text/numbers.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { TruthValue } from '../../package/task.ts';
import type { SceneProducts } from '../../statistics/meanOfScenes.ts';
import { accuracyOfRight } from '../classification/accuracy.ts';
import { type Accuracy, number, share } from '../shown.ts';
import { countMaskTruths, maskNumbers, rightInMasks } from './maskTruth.ts';
import type { ShareCounts } from './shareCounts.ts';

type Model = Pick<PackageFacts, 'classes' | 'expectedAccuracy' | 'heldOut'> & Partial<Pick<PackageFacts, 'unit'>>;
type Counted = Pick<ShareCounts, 'truths'> & { truthScenes?: SceneProducts };

/**
 * Returns a window's accuracy; null without truths. Neighbouring pixels are alike, so its interval is that of as many predictions as there are chips,
 * each of which is right as far as its pixels are; or by scenes.
 */
export function maskAccuracy(sum: Counted, model: Model): Accuracy | null {
  const [{ truths }, right] = [sum, rightInMasks(sum)];
  if (truths === undefined || right === null) return null;
  const { pixels, pixelAccuracy, meanIou, classes } = maskNumbers(truths);
  const chips = `${truths.chips.toLocaleString('en')} chip${truths.chips === 1 ? '' : 's'}`;
  const judged = accuracyOfRight(right, sum, model, {
    exactly: (interval) =>
      `Of ${pixels.toLocaleString('en')} pixels of ${chips} with a known truth, ${percent(pixelAccuracy)} got the class that they have (pixel accuracy; ${interval}).`,
    more: `The mean IoU of the classes is ${meanIou === null ? 'not known' : precise(meanIou)}.`,
    lookAt: 'Look at the IoU of each class before you use the maps.',
  });
  return {
    ...judged,
    figure: share('Pixel accuracy', pixelAccuracy),
    figures: [number('Mean IoU', meanIou)],
    classes: model.classes.map(({ name }, place) => ({ name, ...classes[place]! })),
  };
}

export function maskInWords(truth: TruthValue | null, model: Pick<Model, 'classes'>): string | null {
  const { add, counts } = countMaskTruths(model);
  add({ truth });
  const { truths } = counts();
  if (truths === undefined) return null;
  const { pixels, pixelAccuracy } = maskNumbers(truths);
  return `${percent(pixelAccuracy)} of ${pixels.toLocaleString('en')} pixels right`;
}

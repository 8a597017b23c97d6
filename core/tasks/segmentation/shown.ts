import { percent, precise } from '../../base/text/numbers.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { TruthValue } from '../../package/task.ts';
import { accuracyOfRight, confusionOf, type OfScenes, type TruthModel } from '../classification/accuracy.ts';
import type { Confused } from '../classification/classCounts.ts';
import type { ClassReference } from '../classification/reference.ts';
import { classFigures } from '../classification/shown.ts';
import { type Accuracy, number, type Shown, share } from '../shown.ts';
import { countMaskTruths, maskNumbers, rightInMasks } from './maskTruth.ts';
import { numbersOf, type ShareCounts } from './shareCounts.ts';
import data from './shown.json' with { type: 'json' };

export const segmentationShown: Shown<ShareCounts, ClassReference> = {
  name: 'segmentation',

  words: data.words,

  brief: (sum) => [number('mean probability', numbersOf(sum).meanProbability)],

  figures: (sum, model) => classFigures(sum, numbersOf(sum), model, "of the pixels' classes"),

  accuracy: maskAccuracy,
  told: ({ truth }, model) => ({ truth: maskInWords(truth, model), isRight: null }),

  // Classification's metrics: here, a class's share of the predictions is the mean of the chips' shares.
  metrics: {},
  panels: [],
};

/**
 * Returns a window's accuracy; null without truths. Neighbouring pixels are alike, so its interval is that of as many predictions as there are chips,
 * each of which is right as far as its pixels are; or by scenes.
 */
export function maskAccuracy(sum: Pick<ShareCounts, 'truths'> & OfScenes, model: TruthModel): Accuracy | null {
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
    ...(truths.confused && { confusion: confusionOf(truths.both, pairsIn(truths.confused), model.classes) }),
  };
}

const pairsIn = (confused: Readonly<Record<string, number>>) =>
  Object.entries(confused).map(([pair, pixels]): Confused[number] => {
    const [predicted, truth] = pair.split(' ').map(Number) as [number, number];
    return [truth, predicted, pixels];
  });

function maskInWords(truth: TruthValue | null, model: Pick<PackageFacts, 'classes'>): string | null {
  const { add, counts } = countMaskTruths(model);
  add({ truth });
  const { truths } = counts();
  if (truths === undefined) return null;
  const { pixels, pixelAccuracy } = maskNumbers(truths);
  return `${percent(pixelAccuracy)} of ${pixels.toLocaleString('en')} pixels right`;
}

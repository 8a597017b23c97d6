import { percent, precise } from '../../base/text/numbers.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { TruthValue } from '../../package/task.ts';
import { type Accuracy, number, share } from '../shown.ts';
import { countMaskTruths, type MaskTruths, maskNumbers } from './maskTruth.ts';
import type { ShareCounts } from './shareCounts.ts';

type Model = Pick<PackageFacts, 'classes'>;

/** Returns a window's accuracy; null without truths. No interval, as neighbouring pixels are no independent draws. */
export function maskAccuracy({ truths }: Pick<ShareCounts, 'truths'>, { classes }: Model): Accuracy | null {
  if (truths === undefined) return null;
  const numbers = maskNumbers(truths);
  return {
    n: truths.chips,
    figure: share('Pixel accuracy', numbers.pixelAccuracy),
    figures: [number('Mean IoU', numbers.meanIou)],
    sentence: inWords(truths),
    warning: null,
    isWorse: null,
    withoutConfusion: true,
    classes: classes.map(({ name }, place) => ({ name, ...numbers.classes[place]! })),
  };
}

export function maskInWords(truth: TruthValue | null, model: Model): string | null {
  const { add, counts } = countMaskTruths(model);
  add({ truth });
  const { truths } = counts();
  if (truths === undefined) return null;
  const { pixels, pixelAccuracy } = maskNumbers(truths);
  return `${percent(pixelAccuracy)} of ${pixels.toLocaleString('en')} pixels right`;
}

function inWords(truths: MaskTruths): string {
  const { pixels, pixelAccuracy, meanIou } = maskNumbers(truths);
  const chips = `${truths.chips.toLocaleString('en')} chip${truths.chips === 1 ? '' : 's'}`;
  return `Of ${pixels.toLocaleString('en')} pixels of ${chips} with a known truth, ${percent(pixelAccuracy)} got the class that they have (pixel accuracy); the mean IoU of the classes is ${meanIou === null ? 'not known' : precise(meanIou)}.`;
}

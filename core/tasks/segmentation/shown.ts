import type { ClassReference } from '../classification/reference.ts';
import { classFigures } from '../classification/shown.ts';
import type { Shown } from '../shown.ts';
import { makeMaskComparison, maskAccuracy, maskInWords } from './maskAccuracy.ts';
import { numbersOf, type ShareCounts } from './shareCounts.ts';

export const segmentationShown: Shown<ShareCounts, ClassReference> = {
  name: 'segmentation',

  words: {
    one: 'class',
    many: 'classes',
    isOfShares: true,
    lookAt:
      'Compare the class shares with the reference: has the land changed, or the season, or the imagery? Then look at the chips whose pixels are least certain.',
    order: { first: 'least certain first', last: 'most certain first' },
    chips: {
      title: 'Least certain chips',
      meaning:
        "The chips whose pixels' classes have the lowest mean probability, the least certain first. If they all look alike, the model knows that kind of land least.",
    },
  },

  brief: (sum) => [{ name: 'mean probability', value: numbersOf(sum).meanProbability, unit: 'number' }],

  figures: (sum, model) => classFigures(sum.counts, numbersOf(sum), model, "of the pixels' classes"),

  accuracy: maskAccuracy,
  told: ({ truth }, model) => ({ truth: maskInWords(truth, model), isRight: null }),
  compare: makeMaskComparison,

  // Classification's metrics: here, a class's share of the predictions is the mean of the chips' shares.
  metrics: {},
  panels: [],
};

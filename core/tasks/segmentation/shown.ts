import type { ClassReference } from '../classification/reference.ts';
import { classFigures } from '../classification/shown.ts';
import { number, type Shown } from '../shown.ts';
import { maskAccuracy, maskInWords } from './maskAccuracy.ts';
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

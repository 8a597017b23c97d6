import type { PackageFacts } from '../../package/facts.ts';
import { type Calibration, calibrationOf } from '../../statistics/calibration/calibration.ts';
import type { Figure, Shown } from '../shown.ts';
import { accuracyOfCounts, makeConfusion } from './accuracy.ts';
import type { ClassCounts } from './classCounts.ts';
import { estimateFigures, estimateOf } from './estimate.ts';
import { numbersOf } from './numbers.ts';
import type { ClassReference } from './reference.ts';

export const classificationShown: Shown<ClassCounts, ClassReference> = {
  name: 'classification',

  words: {
    one: 'class',
    many: 'classes',
    lookAt:
      'Compare the class shares with the reference: has the land changed, or the season, or the imagery? Then look at the least certain chips.',
    order: { first: 'least certain first', last: 'most certain first' },
    chips: {
      title: 'Least certain chips',
      meaning:
        'The predictions with the lowest probability, the least certain first. If they all look alike, the model knows that kind of land least.',
    },
  },

  brief: briefOf,

  figures: (sum, model) => [
    ...classFigures(sum.counts, numbersOf(sum), model, 'of the predicted class'),
    ...estimateFigures(sum, model),
    ...briefOf(sum)
      .slice(1) // the mean probability is among the others
      .filter(({ value }) => value !== null)
      .map(({ name, ...figure }) => ({ ...figure, name: name.replace(/^./, (letter) => letter.toUpperCase()) })),
  ],

  accuracy: accuracyOfCounts,
  estimate: estimateOf,
  calibration,

  told: ({ value, truth }, { classes }) =>
    truth === null
      ? { truth: null, isRight: null }
      : { truth: classes.find((one) => one.value === truth)?.name ?? String(truth), isRight: value === truth },

  compare: (model) => makeConfusion(model.classes, model),

  metrics: {
    ClassShare: 'class',
    ReferenceShare: 'class',
    MostCommonShare: 'window',
    MeanProbability: 'window',
    Accuracy: 'window',
    EstimatedAccuracy: 'window',
  },

  panels: [
    {
      id: 'classes',
      title: 'Class shares',
      meaning: "Each class's share of the predictions, beside its share of the reference.",
      unit: 'share',
      series: [
        { metric: 'ClassShare', label: 'predicted' },
        { metric: 'ReferenceShare', label: 'reference', isReference: true },
      ],
    },
    {
      id: 'quality',
      title: 'Confidence and accuracy of the model',
      meaning:
        'The mean probability of the predicted classes, the share of the most common class, and the share of chips without a finite output. If the first falls or the others rise, the images are of a new kind. Accuracy is the share of right predictions among those with a known truth; estimated without truths, it assumes calibrated probabilities, and that images still mean what they meant.',
      unit: 'share',
      series: [
        { metric: 'MeanProbability', label: 'mean probability' },
        { metric: 'MostCommonShare', label: 'most common class' },
        { metric: 'MissingShare', label: 'missing' },
        { metric: 'Accuracy', label: 'accuracy' },
        { metric: 'EstimatedAccuracy', label: 'estimated accuracy' },
      ],
    },
  ],
};

function calibration({ reliability }: Pick<ClassCounts, 'reliability'>): Calibration | null {
  return reliability === undefined ? null : calibrationOf(reliability);
}

function briefOf(sum: ClassCounts): Figure[] {
  return [
    { name: 'mean probability', value: numbersOf(sum).meanProbability, unit: 'number' },
    { name: 'unsure', value: numbersOf(sum).unsureShare ?? null, unit: 'share', note: 'may be of several classes' },
    { name: 'calibration error', value: calibration(sum)?.error ?? null, unit: 'number' },
  ];
}

type Numbers = { readonly mostCommonShare: number | null; readonly meanProbability: number | null };

/** Returns the figures shown besides the class shares; `whose` names the predictions that the mean probability covers. */
export function classFigures(
  counts: readonly number[],
  { mostCommonShare, meanProbability }: Numbers,
  { classes }: Pick<PackageFacts, 'classes'>,
  whose: string,
): Figure[] {
  const mostCommon = classes[counts.indexOf(Math.max(...counts))]!;
  return [
    {
      name: 'Most common class',
      value: mostCommonShare,
      unit: 'share',
      ...(mostCommonShare !== null && { note: mostCommon.name }),
    },
    { name: 'Mean probability', value: meanProbability, unit: 'share', note: whose },
  ];
}

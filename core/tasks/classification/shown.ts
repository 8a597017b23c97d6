import { percent } from '../../base/text/numbers.ts';
import type { PackageFacts } from '../../package/facts.ts';
import { calibrationOf } from '../../statistics/calibration/calibration.ts';
import { type Figure, number, type Shown, type ShownData, share } from '../shown.ts';
import { accuracyOfCounts } from './accuracy.ts';
import type { ClassCounts } from './classCounts.ts';
import { estimateOf, numbersOf } from './numbers.ts';
import type { ClassReference } from './reference.ts';
import data from './shown.json' with { type: 'json' };

export const classificationShown: Shown<ClassCounts, ClassReference> = {
  name: 'classification',
  ...(data as ShownData),

  brief: briefOf,

  figures: (sum, model) => [
    ...classFigures(sum, numbersOf(sum), model, 'of the predicted class'),
    ...estimateFigures(sum, model),
    ...briefOf(sum)
      .slice(1) // the mean probability is among the others
      .filter(({ value }) => value !== null)
      .map(({ name, ...figure }) => ({ ...figure, name: name.replace(/^./, (letter) => letter.toUpperCase()) })),
  ],

  accuracy: accuracyOfCounts,
  estimate: estimateOf,

  told: ({ value, truth }, { classes }) =>
    truth === null
      ? { truth: null, isRight: null }
      : { truth: classes.find((one) => one.value === truth)?.name ?? String(truth), isRight: value === truth },
};

function briefOf(sum: ClassCounts): Figure[] {
  const { meanProbability, unsureShare = null } = numbersOf(sum);
  const noSets = 'as the version has no prediction sets, which "swath model calibrate" would add';
  return [
    number('mean probability', meanProbability),
    share('unsure', unsureShare, sum.unsure === undefined ? noSets : 'may be of several classes'),
    number('calibration error', calibrationOf(sum.reliability ?? [])?.error ?? null),
  ];
}

function estimateFigures(sum: ClassCounts, model: Pick<PackageFacts, 'heldOut'>): Figure[] {
  const estimate = estimateOf(sum, model);
  return estimate === null
    ? []
    : [share('Estimated accuracy', estimate.value, estimate.interval.map(percent).join(' to '))];
}

type Counted = Pick<ClassCounts, 'counts'>;
type Numbers = { readonly mostCommonShare: number | null; readonly meanProbability: number | null };

/** Returns the figures shown besides the class shares; `whose` names the predictions that the mean probability covers. */
export function classFigures(sum: Counted, numbers: Numbers, model: Pick<PackageFacts, 'classes'>, whose: string) {
  const { mostCommonShare, meanProbability } = numbers;
  const mostCommon = model.classes[sum.counts.indexOf(Math.max(...sum.counts))]!;
  return [
    share('Most common class', mostCommonShare, mostCommonShare === null ? undefined : mostCommon.name),
    share('Mean probability', meanProbability, whose),
  ];
}

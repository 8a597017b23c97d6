import { largest } from '../base/text/largest.ts';
import { hitsOf } from './confusion.ts';
import type { Accuracy, NameAccuracy } from './shown.ts';

/** Returns the classes that occur: of many, the ten most common and the others together. */
export function commonClasses(classes: readonly NameAccuracy[] = []): NameAccuracy[] {
  const seen = classes.filter(({ truth, predicted }) => truth + predicted > 0);
  return largest(seen, ({ truth, predicted }) => truth + predicted).map((one) => {
    return seen.includes(one) ? one : { name: one.name, ...hitsOf(one.truth, one.predicted, one.correct) };
  });
}

const FIGURES = [
  ['f1', 'F1'],
  ['iou', 'IoU'],
] as const;

/** Returns the figures of classes that only some tasks have: the fields of those that are there, and their titles. */
export const figuresOfClasses = (classes: readonly NameAccuracy[]) =>
  FIGURES.filter(([name]) => classes.some((one) => name in one));

export const mixedMeaning =
  'The last cell has no colour: it counts what is right of the other classes, and what is confused among them.';

/**
 * Returns the confusion matrix of these classes: for each true one, the counts of the predicted ones, in the same order. Only the
 * first `single` names are each of one class: where the others are together, they are also confused among themselves.
 */
export function confusionMatrix({ classes, confusion = [] }: Pick<Accuracy, 'classes' | 'confusion'>) {
  const common = commonClasses(classes);
  const names = common.map(({ name }) => name);
  const placeOf = (name: string) => (names.includes(name) ? names.indexOf(name) : names.length - 1);
  const counts = names.map(() => names.map(() => 0));
  for (const { truth, predicted, count } of confusion) counts[placeOf(truth)]![placeOf(predicted)]! += count;
  return { names, counts, single: common.filter((one) => classes?.includes(one)).length };
}

import { added } from '../base/added.ts';
import { percent } from '../base/text/numbers.ts';
import type { ModelPackage } from '../package/package.ts';
import type { ChipTruth, Summed } from '../package/task.ts';
import { productsOf } from '../statistics/meanOfScenes.ts';
import { independentOf } from './classification/intervalOfRight.ts';
import { classificationShown } from './classification/shown.ts';
import { multilabelShown } from './multilabel/shown.ts';
import { taskOfSum, truthsIn } from './registry.ts';
import { regressionShown } from './regression/shown.ts';
import { segmentationShown } from './segmentation/shown.ts';
import type { Accuracy, Figure, Shown } from './shown.ts';

export const SHOWN: readonly Shown[] = [classificationShown, multilabelShown, regressionShown, segmentationShown];

export const shownOf = (model: Pick<ModelPackage, 'task'>): Shown => shownAs(model.task.name);

export const shownOfSum = (sum: Partial<Summed>): Shown => shownAs(taskOfSum(sum).name);

/** @throws {Error} when there is no task of this name */
export function shownAs(name: string): Shown {
  const shown = SHOWN.find((one) => one.name === name);
  if (shown === undefined) throw new Error(`nothing says how the task ${name} is shown`);
  return shown;
}

/** Compares predictions with truths, by chips and by scenes; the accuracy is null if no chip had a truth. */
export function compareTruths(model: ModelPackage) {
  const { task } = model;
  const all = task.countTruths(model, Infinity);
  const scenes = new Map<string | undefined, typeof all>();
  return {
    /** @param scene that the chip is of; undefined if it counts by itself */
    add(chip: ChipTruth, scene?: string): void {
      all.add(chip);
      if (chip.truth === null) return;
      const own = scenes.get(scene) ?? task.countTruths(model, 0);
      scenes.set(scene, own);
      own.add(chip);
    },
    accuracy: (): Accuracy | null => shownOf(model).accuracy({ ...all.counts(), ...ofScenes() }, model),
    /** The share that is right, and as how many chips it is certain; null if no chip had a truth, or where nothing is right or wrong. */
    right() {
      const right = task.right?.(all.counts() as Summed);
      return right ? { share: right.correct / right.n, on: independentOf(right, ofScenes(), model) } : null;
    },
  };

  function ofScenes() {
    const products = [...scenes].flatMap(([scene, own]) => {
      const truths = truthsIn(task, own.counts() as Summed);
      return truths ? productsOf(truths, scene !== undefined) : [];
    });
    return { truthScenes: products.length === 0 ? undefined : products.reduce((a, b) => added(a, b)) };
  }
}

/** The share of right predictions, and of how many chips; see `Accuracy`. */
export type Rightness = Required<Pick<Accuracy, 'sentence' | 'isWorse'>> & {
  figure: Figure & { value: number };
  chips: number;
};

/** Returns how many predictions are right; null without truths, or where nothing is right or wrong. */
export function rightnessOf(sum: Partial<Summed>, model: ModelPackage): Rightness | null {
  const found = shownOf(model).accuracy(sum, model);
  if (found?.isWorse === undefined) return null;
  const { n: chips, figure, interval, sentence, isWorse } = found;
  const between = interval === undefined ? '' : `${interval.map(percent).join(' to ')}, `;
  const note = `${between}of ${chips.toLocaleString('en')} labelled chip${chips === 1 ? '' : 's'}`;
  return { figure: { ...figure, value: figure.value!, note }, chips, sentence, isWorse };
}

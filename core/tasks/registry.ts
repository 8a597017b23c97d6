import { InvalidModelPackage } from '../base/errors.ts';
import type { Column } from '../package/carry.ts';
import type { PackageFacts } from '../package/facts.ts';
import type { ModelPackage } from '../package/package.ts';
import type { NamedCount, Summed, Task } from '../package/task.ts';
import { classification } from './classification/classification.ts';
import { total } from './confusion.ts';
import { multilabel } from './multilabel/multilabel.ts';
import { regression } from './regression/regression.ts';
import { segmentation } from './segmentation/segmentation.ts';

export const TASKS: readonly Task[] = [classification, multilabel, regression, segmentation];

export const taskOfSum = ({ task = classification.name }: Partial<Summed>): Task => taskNamed(String(task));

/** @throws {Error} when there is no task of this name, because a later release has written it */
export function taskNamed(name: string): Task {
  const task = TASKS.find((one) => one.name === name);
  if (task === undefined) throw new Error(`no task is called ${name}`);
  return task;
}

/** Returns the maps made of a scene; none for a model that predicts whole chips. */
export const mapNames = (model: ModelPackage) => [...new Set(model.task.layers?.(model).map(({ map }) => map))];

/** Returns the number of chips with a prediction: the n of the drift score. */
export const chipsIn = ({ labels }: Task, sum: Summed): number => labels?.chips(sum) ?? total(sum.counts);

export const chipsInReference = ({ reference, labels }: Task, model: ModelPackage): number =>
  labels?.inReference(model) ?? total(reference(model).map(({ count }) => count));

/** Returns the share of right predictions; null without truths, or for tasks that have no right and wrong. */
export function accuracyIn(sum: Summed): number | null {
  const right = taskOfSum(sum).right?.(sum) ?? null;
  return right && right.correct / right.n;
}

/** Returns what is summed over the chips with a truth, and its squares: whether each is right, or its error; nothing without truths. */
export function truthsIn({ right, errors }: Task, sum: Summed) {
  const found = right?.(sum);
  return found ? { n: found.n, sum: found.correct, squares: found.correct } : errors?.(sum);
}

export const toldColumn = ({ truth, truthLater }: Pick<Task, 'truth' | 'truthLater'>): Column =>
  truthLater?.column ?? truth;

/** Checks a model's outputs for some chips. Throws `InvalidModelPackage` when its task cannot interpret them. */
export function checkOutputs(model: ModelPackage, outputs: ArrayLike<number>, chips: number): void {
  const offence = model.task.offence(outputs, chips, model);
  if (offence !== undefined)
    throw new InvalidModelPackage(
      `${model.artifact.file}: found ${offence.found} for one of ${chips} chips, allowed are ${offence.allowed}.`,
    );
}

/**
 * Checks outputs for chips of ordinary values. The model should return numbers for at least one of them. For other chips it
 * may return none; these count as missing.
 * @throws {InvalidModelPackage} when it returns none, or as `checkOutputs` does
 */
export function checkOrdinaryOutputs(model: ModelPackage, outputs: ArrayLike<number>, chips: number): void {
  checkOutputs(model, outputs, chips);
  const { decode, summary, output } = model.task;
  const others = new Set(Array.from(outputs).filter((value) => !Number.isFinite(value))); // NaN, -Infinity
  if (summary.of(decode(outputs, chips, model).values, model).missing === chips)
    throw new InvalidModelPackage(
      `${model.artifact.file}: found ${[...others].join(' and ')} for each of ${chips} chips of ordinary values, allowed is ${output.each}. See whether value_scaling is what the model was trained with, and whether its weights are whole.`,
    );
}

/**
 * Returns the attribute that keeps a run's summary in its row. It is JSON, because DynamoDB's numbers end at 1e-130 and its
 * client's at 2^53; with the names of classification's classes, so that a row can be read without its package, and the month in which
 * the scene was acquired, because the index of runs by day has this attribute and not the time.
 */
export function inRow(sum: Summed, { classes }: Pick<PackageFacts, 'classes'>, month?: number): StoredSummary {
  const names = sum['task'] === undefined ? { names: classes.map(({ name }) => name) } : {};
  return { summary: JSON.stringify({ ...sum, ...names, ...(month && { monthAcquired: month }) }) };
}

export type StoredSummary = { summary: string };
type Row = { summary?: string | undefined };
type Named = { task?: string; names?: string[]; counts?: number[]; monthAcquired?: number };

/** Returns the month in which a run's scene was acquired; undefined if that is not known. */
export const monthOf = (row: Row): number | undefined => namesIn(row).monthAcquired;

const namesIn = ({ summary }: Row): Named => JSON.parse(summary ?? '{}');

/** Returns the summary in a run's row, if it has one. */
export const summaryIn = ({ summary }: Row): Summed | undefined =>
  summary === undefined ? undefined : ofRow({ summary });

/** Returns the chips by class name, for classification; else none. */
export const namedIn = (row: Row): NamedCount[] => (namesIn(row).task === undefined ? classesIn(row) : []);

/** Returns the predictions by class name, if the task has classes; for masks, the class shares, summed over the chips. */
export function classesIn(row: Row): NamedCount[] {
  const { names = [], counts = [] } = namesIn(row);
  return names.map((name, at) => ({ name, count: counts[at] ?? 0 }));
}

export function ofRow({ summary }: StoredSummary): Summed {
  const sum: Summed = JSON.parse(summary);
  return taskOfSum(sum).summary.schema.parse(sum);
}

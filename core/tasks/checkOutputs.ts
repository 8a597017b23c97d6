import { InvalidModelPackage } from '../errors.ts';
import type { ModelPackage } from '../models/package.ts';
import { taskOf } from './registry.ts';

/**
 * Checks what a model has put out for so many chips, one after the other.
 * @throws {InvalidModelPackage} where its task cannot mean it
 */
export function checkOutputs(model: ModelPackage, outputs: ArrayLike<number>, chips: number): void {
  const offence = taskOf(model).offence(outputs, chips, model);
  if (offence !== undefined)
    throw new InvalidModelPackage(
      `${model.onnxFile}: found ${offence.found} for one of ${chips} chips, allowed are ${offence.allowed}.`,
    );
}

/**
 * Checks the same of chips of ordinary values, for one of which at least the model should have numbers. For others it may have
 * none: they are missing then, and counted.
 * @throws {InvalidModelPackage} where it has none, or as `checkOutputs` does
 */
export function checkOrdinaryOutputs(model: ModelPackage, outputs: ArrayLike<number>, chips: number): void {
  checkOutputs(model, outputs, chips);
  const { decode, summary, missing, output } = taskOf(model);
  if (missing(summary.of(decode(outputs, chips, model), model)) === chips)
    throw new InvalidModelPackage(
      `${model.onnxFile}: found ${notNumbers(outputs)} for each of ${chips} chips of ordinary values, allowed is ${output.each}. See whether value_scaling is what the model was trained with, and whether its weights are whole.`,
    );
}

/** Such as `NaN and -Infinity`. */
function notNumbers(values: ArrayLike<number>): string {
  return [...new Set(Array.from(values).filter((value) => !Number.isFinite(value)))].join(' and ');
}

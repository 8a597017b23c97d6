import { InvalidModelPackage } from '../errors.ts';
import type { ModelPackage } from '../models/package.ts';
import { taskOf } from './registry.ts';

/**
 * Checks a model's outputs for a number of chips.
 *
 * @throws {InvalidModelPackage} when its task cannot interpret them
 */
export function checkOutputs(model: ModelPackage, outputs: ArrayLike<number>, chips: number): void {
  const offence = taskOf(model).offence(outputs, chips, model);
  if (offence !== undefined)
    throw new InvalidModelPackage(
      `${model.onnxFile}: found ${offence.found} for one of ${chips} chips, allowed are ${offence.allowed}.`,
    );
}

/**
 * Checks outputs for chips of ordinary values. The model should return numbers for at least one of them. For other chips it
 * may return none; these count as missing.
 *
 * @throws {InvalidModelPackage} when it returns none, or as `checkOutputs` does
 */
export function checkOrdinaryOutputs(model: ModelPackage, outputs: ArrayLike<number>, chips: number): void {
  checkOutputs(model, outputs, chips);
  const { decode, summary, missing, output } = taskOf(model);
  if (missing(summary.of(decode(outputs, chips, model), model)) === chips)
    throw new InvalidModelPackage(
      `${model.onnxFile}: found ${notNumbers(outputs)} for each of ${chips} chips of ordinary values, allowed is ${output.each}. See whether value_scaling is what the model was trained with, and whether its weights are whole.`,
    );
}

/** Describes the values that are not finite, such as `NaN and -Infinity`. */
function notNumbers(values: ArrayLike<number>): string {
  return [...new Set(Array.from(values).filter((value) => !Number.isFinite(value)))].join(' and ');
}

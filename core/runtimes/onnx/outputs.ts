import { InvalidModelPackage } from '../../errors.ts';
import { MAX_MODEL_OUTPUT } from '../../limits.ts';

/**
 * Refuses a model for what it gives ordinary chips, rows of `width` values: no number for any of them, or a number that is
 * no probability and no score. A model may have no number for some chips: they are missing then, and counted.
 */
export function checkOutputs(file: string, values: ArrayLike<number>, width: number): void {
  const chips = values.length / width;
  let whole = 0;
  for (let chip = 0; chip < chips; chip += 1) {
    let isWhole = true;
    for (let at = chip * width; at < (chip + 1) * width; at += 1) {
      const value = values[at]!;
      if (!Number.isFinite(value)) isWhole = false;
      else if (Math.abs(value) > MAX_MODEL_OUTPUT)
        throw new InvalidModelPackage(
          `${file}: found ${Number(value.toPrecision(6))} for one of ${chips} chips of ordinary values, allowed is -${MAX_MODEL_OUTPUT} to ${MAX_MODEL_OUTPUT}: a probability for each class, or a score. ${LOOK}`,
        );
    }
    if (isWhole) whole += 1;
  }
  if (whole === 0)
    throw new InvalidModelPackage(
      `${file}: found ${notNumbers(values)} for each of ${chips} chips of ordinary values, allowed is a finite number for each class. ${LOOK}`,
    );
}

const LOOK = 'See whether value_scaling is what the model was trained with, and whether its weights are whole.';

/** Such as `NaN and -Infinity`. */
function notNumbers(values: ArrayLike<number>): string {
  return [...new Set(Array.from(values).filter((value) => !Number.isFinite(value)))].join(' and ');
}

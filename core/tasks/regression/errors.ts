import { precise } from '../../precise.ts';
import type { Accuracy, Compared, Comparison } from '../shown.ts';

/** How far predictions are from what is true. */
export type ValueErrors = Accuracy & {
  meanAbsoluteError: number;
  rootMeanSquareError: number;
  /** The mean of prediction less truth. */
  bias: number;
};

/** With fewer chips, a model that is worse than a guess may have been unlucky. */
const ENOUGH = 30;

/** Compares predicted values with true ones, chip by chip. */
export function makeErrors(): Comparison {
  let [n, off, squares, bias, mean, spread] = [0, 0, 0, 0, 0, 0];

  /** Counts a chip, unless its truth or its prediction is missing. */
  function add({ truth, value }: Compared): void {
    if (truth === null || value === null) return;
    const error = value - truth;
    n += 1;
    off += Math.abs(error);
    squares += error * error;
    bias += error;
    const before = truth - mean;
    mean += before / n;
    spread += before * (truth - mean);
  }

  function accuracy(): ValueErrors | null {
    if (n === 0) return null;
    const errors = { meanAbsoluteError: off / n, rootMeanSquareError: Math.sqrt(squares / n), bias: bias / n };
    const guess = Math.sqrt(spread / n);
    const [absolute, square, away, plain] = [...Object.values(errors), guess].map(precise);
    return {
      n,
      ...errors,
      figure: { name: 'Mean absolute error', value: errors.meanAbsoluteError, unit: 'number' },
      sentence: `${n.toLocaleString('en')} prediction${n === 1 ? '' : 's'} with a known truth ${n === 1 ? 'is' : 'are'} off by ${absolute} on average (root mean square ${square}); their mean error is ${away}. Naming the mean of what is true every time would have a root mean square of ${plain}.`,
      warning:
        n >= ENOUGH && errors.rootMeanSquareError > guess
          ? `The predictions are off by ${square} (root mean square, over ${n.toLocaleString('en')} with a known truth), more than if each had been the mean of what is true (${plain}). Look at them before you use them.`
          : null,
    };
  }

  return { add, accuracy };
}

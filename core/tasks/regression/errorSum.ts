import * as z from 'zod';
import type { ChipTruth, TruthCounter } from '../../package/task.ts';
import { addMoments, addValue } from '../../statistics/moments.ts';
import { Z } from '../../statistics/normal.ts';

const finite = z.number();
const positive = z.number().min(0);

/** Sums of prediction errors, which add up from parts to runs, windows and days. */
export const errorSumSchema = z.object({
  /** Chips with a prediction and a truth. */
  n: z.int().min(1),
  absolute: positive,
  /** The mean error (prediction minus truth), and the sum of squared differences from it. */
  mean: finite,
  squares: positive,
  /** The same for the truths. */
  truthMean: finite,
  truthSquares: positive,
});
export type ErrorSum = z.infer<typeof errorSumSchema>;

/** Sums chip by chip, using Welford's method. */
export function countErrors(): TruthCounter<{ errors: ErrorSum }> {
  const sum = { n: 0, absolute: 0, mean: 0, squares: 0, truthMean: 0, truthSquares: 0 };

  function add({ value, truth }: ChipTruth): void {
    if (value === null || typeof truth !== 'number') return;
    const error = value - truth;
    sum.n += 1;
    sum.absolute += Math.abs(error);
    addValue(sum, error, sum.n);
    const truthBefore = truth - sum.truthMean;
    sum.truthMean += truthBefore / sum.n;
    sum.truthSquares += truthBefore * (truth - sum.truthMean);
  }

  return { fields: ['errors'], add, counts: () => (sum.n === 0 ? {} : { errors: sum }) };
}

export function addedErrors(a: ErrorSum | undefined, b: ErrorSum | undefined): ErrorSum | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const [ofA, ofB] = [a, b].map(({ truthMean, truthSquares }) => ({ mean: truthMean, squares: truthSquares }));
  const { mean: truthMean, squares: truthSquares } = addMoments(ofA!, a.n, ofB!, b.n);
  return { n: a.n + b.n, absolute: a.absolute + b.absolute, ...addMoments(a, a.n, b, b.n), truthMean, truthSquares };
}

export type ErrorNumbers = ReturnType<typeof errorNumbers>;

export function errorNumbers({ n, absolute, mean, squares, truthSquares }: ErrorSum) {
  const meanSquare = squares / n + mean * mean;
  const half = n < 2 ? null : Z * Math.sqrt(squares / (n - 1) / n);
  return {
    /** scikit-learn's `mean_absolute_error` and `root_mean_squared_error`. */
    meanAbsoluteError: absolute / n,
    rootMeanSquareError: Math.sqrt(meanSquare),
    /** The mean of prediction minus truth. */
    bias: mean,
    /** Its 95 % interval, of independent chips, by the normal distribution: bias ± 1.96 s / √n, s with n − 1; null for fewer than two. */
    biasInterval: half === null ? null : ([mean - half, mean + half] as const),
    /**
     * The share of the truths' variance that the predictions explain: scikit-learn's `r2_score`. If all truths are equal,
     * it is 1 for right predictions and 0 for wrong ones. Null for fewer than two chips.
     */
    r2: n < 2 ? null : explained(n * meanSquare, truthSquares),
  };
}

const explained = (errors: number, spread: number) => (spread > 0 ? 1 - errors / spread : Number(errors === 0));

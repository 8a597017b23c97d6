import type { Plane } from './dataTypes.ts';

export type Activation = {
  /** What turns the model's numbers into probabilities; null if they are probabilities, values or labels already. */
  readonly activation: 'softmax' | 'sigmoid' | null;
  /** The temperature that calibrates the probabilities; absent if none does. */
  readonly temperature?: number;
  /** Whether a classification by two classes has one number for each chip, of the second class. */
  readonly isBinary?: boolean;
};

/**
 * Turns a model's numbers into probabilities, in rows of `width`, unless they are probabilities or values already. A binary
 * model's single probability becomes two, of the first class and of the second.
 */
export function activated(values: Plane, width: number, { activation, temperature, isBinary }: Activation): Plane {
  const single = withoutTemperature(values, width, activation);
  const probabilities = isBinary ? Float64Array.from([...single].flatMap((value) => [1 - value, value])) : single;
  return temperature === undefined ? probabilities : calibrated(probabilities, isBinary ? 2 : width, temperature);
}

function withoutTemperature(values: Plane, width: number, activation: Activation['activation']): Plane {
  if (activation === null) return values;
  const areFloats = values instanceof Float32Array || values instanceof Float64Array;
  const floats = areFloats ? values : Float64Array.from(values);
  if (activation === 'softmax') softmaxRows(floats, width);
  else for (let i = 0; i < floats.length; i += 1) floats[i] = sigmoid(floats[i]!);
  return floats;
}

/**
 * Turns logits into probabilities, in place: `exp(x) / Σ exp(x)` over each row of `width` values. A row's largest value is
 * subtracted first, to avoid overflow. A row with NaN or infinity becomes NaN.
 */
export function softmaxRows(values: Plane, width: number): void {
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const largest = Math.max(...row);
    let total = 0;
    for (const value of row) total += Math.exp(value - largest);
    for (let i = 0; i < width; i++) row[i] = Math.exp(row[i]! - largest) / total;
  }
}

/**
 * Applies temperature scaling to probabilities: `p^(1/T) / Σ p^(1/T)` over each row of `width`, which for a softmax equals
 * the softmax of the logits divided by T (Guo et al., ICML 2017). It never changes a chip's class: 32-bit numbers that
 * differ keep their order in the 64-bit result, and equal ones stay equal. A row keeps its sum, so numbers that are not
 * probabilities do not become any, and a row with NaN or infinity does not become finite.
 */
export function calibrated(values: Plane, width: number, temperature: number): Float64Array {
  const all = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const largest = Math.log(Math.max(...row));
    let [sum, total] = [0, 0];
    for (let i = 0; i < width; i += 1) {
      const value = row[i]!;
      sum += value;
      if (!(value <= 0)) total += all[start + i] = Math.exp((Math.log(value) - largest) / temperature);
    }
    if (total === 0) all.set(row, start);
    else for (let i = 0; i < width; i += 1) all[start + i] = row[i]! < 0 ? row[i]! : (all[start + i]! / total) * sum;
  }
  return all;
}

export const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

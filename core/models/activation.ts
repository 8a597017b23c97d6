import { makePlane, type Plane } from './dataTypes.ts';
import type { ModelOutput } from './outputLayout.ts';

type Activation = Pick<ModelOutput, 'activation' | 'temperature'>;

/** Makes probabilities of a model's numbers, in rows of `width`; where they are some already, or none, they stay as they are. */
export function activated(values: Plane, width: number, { activation, temperature }: Activation): Plane {
  const probabilities = withoutTemperature(values, width, activation);
  return temperature === undefined ? probabilities : calibrated(probabilities, width, temperature);
}

function withoutTemperature(values: Plane, width: number, activation: ModelOutput['activation']): Plane {
  if (activation === null) return values;
  const floats = isFloats(values) ? values : makePlane('float64', values.length);
  if (floats !== values) floats.set(values);
  if (activation === 'softmax') softmaxRows(floats, width);
  else for (let i = 0; i < floats.length; i += 1) floats[i] = sigmoid(floats[i]!);
  return floats;
}

/**
 * Makes probabilities of logits, in place: `exp(x) / Σ exp(x)` over each row of `width` values. A row's largest value
 * is subtracted first, so that nothing overflows; a row with NaN or infinity becomes NaN.
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
 * Temperature scaling of probabilities: `p^(1/T) / Σ p^(1/T)` over each row of `width`, which of a softmax is the softmax of its
 * logits divided by T (Guo et al., ICML 2017). The order stays in every row: of two numbers of 32 bits that differ the larger one
 * stays larger, for which the answer has 64, and equals stay equal; so the class of a chip never changes. A row's sum stays as
 * well, so numbers that are no probabilities become none, and a row with NaN or infinity is not finite either.
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

/** The logistic function. */
export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function isFloats(values: Plane): boolean {
  return values instanceof Float32Array || values instanceof Float64Array;
}

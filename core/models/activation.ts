import { makePlane, type Plane } from './dataTypes.ts';
import type { ModelOutput } from './outputLayout.ts';

/** Makes probabilities of a model's numbers, in rows of `width`; where they are some already, or none, they stay as they are. */
export function activated(values: Plane, width: number, activation: ModelOutput['activation']): Plane {
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

/** The logistic function. */
export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function isFloats(values: Plane): boolean {
  return values instanceof Float32Array || values instanceof Float64Array;
}

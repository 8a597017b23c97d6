/**
 * Makes probabilities of logits, in place: `exp(x) / Σ exp(x)` over each row of `width` values. A row's largest value
 * is subtracted first, so that nothing overflows; a row with NaN or infinity becomes NaN.
 */
export function softmaxRows(values: Float32Array | Float64Array, width: number): void {
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const largest = Math.max(...row);
    let total = 0;
    for (const value of row) total += Math.exp(value - largest);
    for (let i = 0; i < width; i++) row[i] = Math.exp(row[i]! - largest) / total;
  }
}

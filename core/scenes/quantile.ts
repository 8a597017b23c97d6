/**
 * Returns the quantile of the values at `share`, interpolated linearly between neighbours like numpy.quantile by default.
 * NaN if there are no values; the values must not be NaN. Reorders `values` without fully sorting them, which takes a
 * quarter of the time for an image's pixels.
 */
export function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN;
  const place = (values.length - 1) * share;
  const below = Math.floor(place);
  const low = select(values, below);
  if (below === values.length - 1) return low;
  let above = Number.POSITIVE_INFINITY; // the next value is the least of those after it
  for (let at = below + 1; at < values.length; at += 1) if (values[at]! < above) above = values[at]!;
  return low + (above - low) * (place - below);
}

/**
 * Returns the value that sorting would put at `place`. Afterwards no value before it is larger and none after it is smaller
 * (Hoare's quickselect).
 */
function select(values: Float64Array, place: number): number {
  let [first, last] = [0, values.length - 1];
  while (first < last) {
    const pivot = middleOf(values[first]!, values[(first + last) >> 1]!, values[last]!);
    let [left, right] = [first, last];
    while (left <= right) {
      while (values[left]! < pivot) left += 1;
      while (values[right]! > pivot) right -= 1;
      if (left > right) break;
      const value = values[left]!;
      values[left] = values[right]!;
      values[right] = value;
      left += 1;
      right -= 1;
    }
    if (place <= right) last = right;
    else if (place >= left) first = left;
    else break; // it lies between the two parts, among equal values
  }
  return values[place]!;
}

/** Returns the median of three values, so that each pass halves values that are already sorted. */
function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

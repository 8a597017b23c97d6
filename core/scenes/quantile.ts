/**
 * The value below which so large a share of the values lies, linear between neighbours, as numpy.quantile is by default;
 * NaN where there is no value. None of them may be NaN. They are brought into another order, and not sorted: of a picture's
 * pixels, that takes a quarter of the time.
 */
export function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN;
  const place = (values.length - 1) * share;
  const below = Math.floor(place);
  const low = select(values, below);
  if (below === values.length - 1) return low;
  let above = Number.POSITIVE_INFINITY; // of those behind, the least is the next one
  for (let at = below + 1; at < values.length; at += 1) if (values[at]! < above) above = values[at]!;
  return low + (above - low) * (place - below);
}

/** The value that would stand at a place if they were sorted. Then none before it is larger, and none behind it smaller (Hoare's quickselect). */
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
    else break; // it lies between both parts, among equal ones
  }
  return values[place]!;
}

/** The second largest: values that are sorted already are halved by it each time. */
function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

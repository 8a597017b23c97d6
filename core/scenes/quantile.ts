import { quickselect } from 'simple-statistics';

/**
 * Returns the quantile of the values at `share`, interpolated linearly between neighbours like numpy.quantile by default.
 * NaN if there are no values; the values must not be NaN. Reorders `values` without fully sorting them, which takes a
 * quarter of the time for an image's pixels.
 */
export function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN;
  const place = (values.length - 1) * share;
  const below = Math.floor(place);
  quickselect(values as unknown as number[], below); // it takes any array
  const low = values[below]!;
  if (below === values.length - 1) return low;
  let above = Number.POSITIVE_INFINITY; // the next value is the least of those after it
  for (let at = below + 1; at < values.length; at += 1) if (values[at]! < above) above = values[at]!;
  return low + (above - low) * (place - below);
}

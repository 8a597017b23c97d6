/** Returns where something that holds at `low` ceases to hold on the way to `high`: by bisection down to adjacent numbers, in about 55 steps. */
export function turningPoint(holds: (at: number) => boolean, low: number, high: number): number {
  const middle = (low + high) / 2;
  if (middle <= Math.min(low, high) || middle >= Math.max(low, high)) return middle;
  return holds(middle) ? turningPoint(holds, middle, high) : turningPoint(holds, low, middle);
}

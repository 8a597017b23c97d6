/** What several rounds came to. */
export type Spread = { median: number; least: number; most: number; rounds: number };

/** The middle one of the rounds, or the mean of the two in the middle, with the least and the most. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('a figure without a round');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, least: sorted[0]!, most: sorted.at(-1)!, rounds: sorted.length };
}

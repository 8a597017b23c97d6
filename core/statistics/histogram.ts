/**
 * A histogram that predictions are measured against. `edges` are the n + 1 ascending edges of n bins; `counts` has n + 2
 * entries: values below the first edge, the bins, values above the last edge. A bin includes its lower edge but not its
 * upper one; the last includes both, as in numpy.histogram.
 */
export type Histogram = { readonly edges: readonly number[]; readonly counts: readonly number[] };

/** Returns the index into the counts of the bin that a value falls into. */
export function binOf(value: number, edges: readonly number[]): number {
  if (value === edges.at(-1)) return edges.length - 1;
  let [low, high] = [0, edges.length]; // finds the number of edges that are not above the value
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Returns the first Wasserstein distance (earth mover's distance) of two histograms with the same bins, in the unit of
 * their edges: how far the mass of one has to be moved, on average, to give the other. Each bin's mass is placed at its
 * middle, and that below and above at the outermost edges. It thus equals scipy.stats.wasserstein_distance(positions,
 * positions, counts, reference), and is a lower bound for values outside the bins.
 * @returns null if either histogram is empty
 * @example wassersteinDistance([0, 4, 0, 0], { edges: [0, 10, 20], counts: [0, 2, 2, 0] }) // 5
 */
export function wassersteinDistance(counts: readonly number[], { edges, counts: reference }: Histogram): number | null {
  const [total, expected] = [counts, reference].map((all) => all.reduce((sum, count) => sum + count, 0));
  if (!total || !expected) return null;
  const at = positions(edges);
  let distance = 0;
  let ahead = 0; // the cumulative share of the mass, minus that of the reference
  for (let bin = 0; bin + 1 < at.length; bin += 1) {
    ahead += counts[bin]! / total - reference[bin]! / expected;
    distance += Math.abs(ahead) * (at[bin + 1]! - at[bin]!);
  }
  return distance;
}

/**
 * Returns how far the mean of one histogram is from that of another with the same bins, in the latter's standard deviations; each bin's mass is placed
 * as by `wassersteinDistance`. Null if either is empty, or the reference has no spread.
 * @example meanShift([0, 0, 4, 0], { edges: [0, 10, 20], counts: [0, 2, 2, 0] }) // 1
 */
export function meanShift(counts: readonly number[], { edges, counts: reference }: Histogram): number | null {
  const at = positions(edges);
  const total = (all: readonly number[]) => all.reduce((sum, count) => sum + count, 0);
  const mean = (all: readonly number[], of: (place: number) => number) =>
    all.reduce((sum, count, bin) => sum + count * of(at[bin]!), 0) / total(all);
  const middle = mean(reference, (place) => place);
  const deviation = Math.sqrt(mean(reference, (place) => (place - middle) ** 2));
  return total(counts) > 0 && deviation > 0 ? (mean(counts, (place) => place) - middle) / deviation : null;
}

function positions(edges: readonly number[]): number[] {
  return [edges[0]!, ...edges.slice(1).map((edge, i) => edges[i]! + (edge - edges[i]!) / 2), edges.at(-1)!];
}

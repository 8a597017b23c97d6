import * as z from 'zod';
import { parseAs, problem, refuse } from '../../models/problems.ts';
import type { NamedCount } from '../task.ts';

/** The most bins of a histogram; each is a number in a ledger row. */
const MOST_BINS = 200;

const count = 'a whole number, 0 or more';
const counted = z.int(count).min(0, count);
const edge = z.number('a finite number');

const schema = z.looseObject(
  {
    bins: z.looseObject(
      {
        edges: z
          .array(edge, 'a list of numbers')
          .min(2, 'a list of at least two edges')
          .max(MOST_BINS + 1, `a list of at most ${MOST_BINS + 1} edges`),
        counts: z.array(counted, 'a list of counts'),
        below: counted.optional(),
        above: counted.optional(),
      },
      'an object with "edges" and "counts"',
    ),
  },
  'an object with "bins"',
);

/**
 * A histogram that predictions are measured against. `edges` are the n + 1 ascending edges of n bins; `counts` has n + 2
 * entries: values below the first edge, the bins, values above the last edge. A bin includes its lower edge but not its
 * upper one; the last includes both, as in numpy.histogram.
 */
export type Histogram = { readonly edges: readonly number[]; readonly counts: readonly number[] };

/**
 * Reads `reference.json`: `{"bins": {"edges": [0, 10, 20], "counts": [70, 30], "below": 0, "above": 2}, …}`; the last two
 * are optional.
 *
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseHistogram(json: unknown): Histogram {
  const { edges, counts, below = 0, above = 0 } = parseAs(schema, 'reference.json', json).bins;
  const problems: string[] = [];
  if (edges.some((value, i) => i > 0 && !(value > edges[i - 1]!)))
    problems.push(problem('bins.edges', edges, 'edges that rise'));
  if (counts.length !== edges.length - 1)
    problems.push(problem('bins.counts', `${counts.length} counts`, `one for each of the ${edges.length - 1} bins`));
  const all = [below, ...counts, above];
  if (all.every((one) => one === 0))
    problems.push(problem('bins.counts', counts, 'counts of which at least one is above 0'));
  if (problems.length > 0) refuse('reference.json', problems);
  return { edges, counts: all };
}

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

export function namedBins({ edges, counts }: Histogram): NamedCount[] {
  const last = edges.length;
  return counts.map((count, bin) => {
    if (bin === 0) return { name: `below ${edges[0]}`, count };
    return { name: bin === last ? `above ${edges[last - 1]}` : `${edges[bin - 1]} to ${edges[bin]}`, count };
  });
}

/**
 * Returns the first Wasserstein distance (earth mover's distance) of two histograms with the same bins, in the unit of
 * their edges: how far the mass of one has to be moved, on average, to give the other. Each bin's mass is placed at its
 * middle, and that below and above at the outermost edges. It thus equals scipy.stats.wasserstein_distance(positions,
 * positions, counts, reference), and is a lower bound for values outside the bins.
 *
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

function positions(edges: readonly number[]): number[] {
  const middles = edges.slice(1).map((edge, i) => edges[i]! + (edge - edges[i]!) / 2);
  return [edges[0]!, ...middles, edges.at(-1)!];
}

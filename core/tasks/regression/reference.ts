import * as z from 'zod';
import { parseAs, problem, refuse } from '../../package/problems.ts';
import type { NamedCount } from '../../package/task.ts';
import type { Histogram } from '../../statistics/histogram.ts';

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

export function namedBins({ edges, counts }: Histogram): NamedCount[] {
  const last = edges.length;
  return counts.map((count, bin) => {
    if (bin === 0) return { name: `below ${edges[0]}`, count };
    return { name: bin === last ? `above ${edges[last - 1]}` : `${edges[bin - 1]} to ${edges[bin]}`, count };
  });
}

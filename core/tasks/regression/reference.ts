import * as z from 'zod';
import { checkBins, checked, counted, openObject, parseAs } from '../../package/problems.ts';
import type { NamedCount } from '../../package/task.ts';
import type { Histogram } from '../../statistics/histogram.ts';

/** The most bins of a histogram; each is a number in a ledger row. */
const MOST_BINS = 200;

const edge = z.number('a finite number');

const schema = openObject('an object with "bins"', {
  bins: openObject('an object with "edges" and "counts"', {
    edges: z
      .array(edge, 'a list of numbers')
      .min(2, 'a list of at least two edges')
      .max(MOST_BINS + 1, `a list of at most ${MOST_BINS + 1} edges`),
    counts: z.array(counted, 'a list of counts'),
    below: counted.optional(),
    above: counted.optional(),
  }),
});

/**
 * Reads `reference.json`: `{"bins": {"edges": [0, 10, 20], "counts": [70, 30], "below": 0, "above": 2}, …}`; the last two
 * are optional.
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseHistogram(json: unknown): Histogram {
  const { edges, counts, below = 0, above = 0 } = parseAs(schema, 'reference.json', json).bins;
  return checked('reference.json', (check) => {
    checkBins('bins', edges, counts, check);
    const all = [below, ...counts, above];
    const isAny = all.some((one) => one > 0);
    check(isAny, 'bins.counts', counts, 'counts of which at least one is above 0');
    return { edges, counts: all };
  });
}

export function namedBins({ edges, counts }: Histogram): NamedCount[] {
  const between = edges.slice(1).map((edge, i) => `${edges[i]} to ${edge}`);
  const names = [`below ${edges[0]}`, ...between, `above ${edges.at(-1)}`];
  return names.map((name, bin) => ({ name, count: counts[bin]! }));
}

import type { Figure, Spread } from './figure.ts';
import type { BenchResult } from './suite.ts';

/** `gone` and `new`: in one of the two results only. */
type Change = 'slower' | 'faster' | 'same' | 'gone' | 'new';
export type Compared = {
  suite: string;
  name: string;
  unit: string;
  before: Figure | undefined;
  after: Figure | undefined;
  change: Change;
};

/** Two measurements that differ by less are the same, however little their rounds differ among themselves. */
const NOISE = 0.02;

/**
 * What has changed from one result to the other. Slower (or larger, or dearer) is what is worse by more than both spreads
 * allow: the best of the rounds after is worse than the worst of those before. Where a figure stands beside a limit, its
 * ratio to that has to be worse, too: else it is the machine that has changed. Of counts, any change counts.
 */
export function compare(before: BenchResult, after: BenchResult): Compared[] {
  const [former, latter] = [figuresOf(before), figuresOf(after)];
  const suites = new Set(after.suites.map(({ suite }) => suite)); // what was not measured again is not gone
  return [...new Map([...former, ...latter])].flatMap(([id, { suite, figure }]): Compared[] => {
    if (!suites.has(suite)) return [];
    const [old, young] = [former.get(id)?.figure, latter.get(id)?.figure];
    return [{ suite, name: figure.name, unit: figure.unit, before: old, after: young, change: changeOf(old, young) }];
  });
}

function figuresOf({ suites }: BenchResult): Map<string, { suite: string; figure: Figure }> {
  const all = suites.flatMap(({ suite, figures }) => figures.map((figure) => ({ suite, figure })));
  return new Map(all.map((one) => [`${one.suite}/${one.figure.id}`, one]));
}

function changeOf(before: Figure | undefined, after: Figure | undefined): Change {
  if (before === undefined) return 'new';
  if (after === undefined) return 'gone';
  const own = between(before.measured, after.measured, after);
  const [oldLimit, newLimit] = [before.beside[0], after.beside[0]];
  if (own === 'same' || oldLimit === undefined || newLimit?.name !== oldLimit.name) return own;
  return between(oldLimit.ratio, newLimit.ratio, after) === own ? own : 'same';
}

function between(before: Spread, after: Spread, { better, isExact }: Figure): 'slower' | 'faster' | 'same' {
  const noise = isExact ? 0 : NOISE;
  const isHigher = after.least > before.most && after.median > before.median * (1 + noise);
  const isLower = after.most < before.least && after.median < before.median * (1 - noise);
  if (!isHigher && !isLower) return 'same';
  return isHigher === (better === 'more') ? 'faster' : 'slower';
}

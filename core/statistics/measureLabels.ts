import { measureDrift } from './measureDrift.ts';
import { VERDICTS } from './verdict.ts';

type Labels = Parameters<typeof measureDrift>[0] & { n: number; total: number };

/**
 * Measures how far the labels of chips have moved from the reference, where a chip may have several labels or none: each
 * label is a distribution of its own, of chips that have it and chips that do not. The result is that of the most
 * significant label: the first of `drift`, `no drift` and `not enough data` that occurs, and among these the highest score.
 * Each label is tested at α divided by the number of labels (Bonferroni), so that chance exceeds any of their noise floors
 * in one quiet window of a hundred.
 * @param counts chips that have each label, of n; the reference likewise, of its total
 * @returns null without chips, or without labels
 */
export function measureLabels({ counts, n, reference, total, alpha = 0.01, ofVerdict = alpha, ...limits }: Labels) {
  const [ofEach, ofEachVerdict] = [alpha, ofVerdict].map((of) => of / Math.max(1, counts.length)) as [number, number];
  const each = counts.flatMap((count, i) => {
    const sides = { counts: [count, n - count], reference: [reference[i]!, total - reference[i]!] };
    return n === 0 ? [] : (measureDrift({ ...sides, ...limits, alpha: ofEach, ofVerdict: ofEachVerdict }) ?? []);
  });
  const rank = ({ verdict }: (typeof each)[number]) => VERDICTS.indexOf(verdict);
  return each.toSorted((a, b) => rank(a) - rank(b) || b.jensenShannon - a.jensenShannon)[0] ?? null;
}

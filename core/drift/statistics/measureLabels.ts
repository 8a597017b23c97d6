import { measureDrift } from './measureDrift.ts';

/** How often chance may pass the noise floor of any label. */
const ALPHA = 0.01;

/**
 * How far the labels of chips have moved from the reference's, of which a chip may have several, or none: each label is a
 * distribution of its own, of chips that have it and chips that have not. The answer is that of the label that says most: the
 * first of `drift`, `no drift` and `not enough data` that there is, and of these the highest score. Each is asked at α divided
 * by the number of labels (Bonferroni), so that chance passes the noise floor of any of them in one quiet window of a hundred.
 *
 * @param counts of n chips, those that have each label; reference likewise, of total chips
 * @returns null where there are no chips, or no labels
 */
export function measureLabels({
  counts,
  n,
  reference,
  total,
  ...limits
}: {
  counts: readonly number[];
  n: number;
  reference: readonly number[];
  total: number;
  threshold: number;
  minimum: number;
}) {
  const alpha = ALPHA / Math.max(1, counts.length);
  const each = counts.flatMap((count, i) => {
    const sides = { counts: [count, n - count], reference: [reference[i]!, total - reference[i]!] };
    return n === 0 ? [] : (measureDrift({ ...sides, ...limits, alpha }) ?? []);
  });
  return each.toSorted(byWeight)[0] ?? null;
}

const VERDICTS = ['drift', 'no drift', 'not enough data'];

type Measured = NonNullable<ReturnType<typeof measureDrift>>;

function byWeight(a: Measured, b: Measured): number {
  return VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) || b.jensenShannon - a.jensenShannon;
}

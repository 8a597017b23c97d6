import type { CountedRun } from '../ledger/ledgerItem.ts';

/** What a window's numbers are made of: sums over its runs, so that windows add up. */
export type Totals = {
  /** Records read, blanks included. */
  chips: number;
  blank: number;
  /** Chips predicted for each class of the package, in its order. */
  counts: number[];
  missing: number;
  probabilitySum: number;
};

export function noTotals(classes: number): Totals {
  return { chips: 0, blank: 0, counts: Array.from({ length: classes }, () => 0), missing: 0, probabilitySum: 0 };
}

export function addRun(sum: Totals, run: Pick<CountedRun, keyof Omit<Totals, 'counts'> | 'classes'>): void {
  sum.chips += run.chips;
  sum.blank += run.blank;
  sum.missing += run.missing;
  sum.probabilitySum += run.probabilitySum;
  for (const [i, { count }] of run.classes.entries()) sum.counts[i] = (sum.counts[i] ?? 0) + count;
}

/** The chips that were given a class: the n of a drift score. */
export function predictionsIn({ counts }: Pick<Totals, 'counts'>): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

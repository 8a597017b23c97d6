import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { PartResult } from '../../messages.ts';
import type { ModelPackage } from '../../models/package.ts';
import type { Values } from '../../predictions/column.ts';
import type { Summary } from '../task.ts';
import type { Winners } from './winner.ts';

/** What the predictions of many chips add up to. */
export type ClassCounts = Pick<PartResult, 'counts' | 'missing' | 'probabilitySum'>;

export const classCounts: Summary<ClassCounts> = {
  zero: ({ classes }) => ({ counts: classes.map(() => 0), missing: 0, probabilitySum: 0 }),

  of: (predictions, model) => {
    const { label, probability } = predictions as Values & Winners;
    const sum = classCounts.zero(model);
    const places = new Map(model.classes.map(({ value }, place) => [value, place]));
    for (let chip = 0; chip < label.length; chip += 1) {
      const value = label[chip]!;
      if (value === null) sum.missing += 1;
      else {
        sum.counts[places.get(value)!]! += 1;
        sum.probabilitySum += probability[chip]!;
      }
    }
    return sum;
  },

  add: (a, b) => ({
    counts: a.counts.map((count, place) => count + b.counts[place]!),
    missing: a.missing + b.missing,
    probabilitySum: a.probabilitySum + b.probabilitySum,
  }),
};

/** The same as a run's row in the ledger keeps it. */
export function inRow(
  { counts, missing, probabilitySum }: ClassCounts,
  { classes }: ModelPackage,
): Required<Pick<LedgerRow, 'classes' | 'missing' | 'probabilitySum'>> {
  return { classes: classes.map(({ name }, place) => ({ name, count: counts[place]! })), missing, probabilitySum };
}

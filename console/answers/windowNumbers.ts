import { summarise } from '../../core/drift/statistics/summary.ts';
import type { Judgement } from '../../core/drift/window.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { ModelPackage } from '../../core/models/package.ts';
import type { WindowNumbers } from '../api.ts';

/** A window as it was judged, or a run, in the console's words. */
export function windowNumbers(model: ModelPackage, runs: number, judgement: Judgement): WindowNumbers {
  const { chips, blank, n, counts, mostCommonShare, missingShare, meanProbability, drift } = judgement;
  const expected = model.reference.reduce((sum, count) => sum + count, 0);
  return {
    model: { name: model.name, version: model.version },
    runs,
    chips,
    blank,
    n,
    classes: model.classes.map(({ name }, i) => ({
      name,
      count: counts[i] ?? 0,
      share: n === 0 ? 0 : (counts[i] ?? 0) / n,
      reference: model.reference[i]! / expected,
    })),
    mostCommonShare,
    missingShare,
    meanProbability,
    drift,
  };
}

/** A run's own numbers; null before it has predicted anything. */
export function numbersOfRun(model: ModelPackage, row: LedgerRow): WindowNumbers | null {
  const { classes, chips = 0, blank = 0, missing = 0, probabilitySum = 0, drift = null } = row;
  if (classes === undefined) return null;
  const counts = classes.map(({ count }) => count);
  const totals = { chips, blank, counts, missing, probabilitySum };
  return windowNumbers(model, 1, { ...totals, ...summarise(totals), drift });
}

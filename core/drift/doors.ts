import { DOORS, type Door, doorOf } from '../doorOf.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { ModelPackage } from '../models/package.ts';
import { addTotals, noTotals, totalsOfRun } from './totals.ts';
import { type Judgement, judgeDrift, type Limits } from './window.ts';

/** What came by one door, and the verdict on that alone. */
export type OfDoor = { readonly door: Door; readonly runs: number; readonly judgement: Judgement };

/** The numbers of some runs of a model version that count, by the doors that they came in by; of doors that had none, there is nothing. */
export function judgeDoors(rows: readonly LedgerRow[], model: ModelPackage, limits: Limits): OfDoor[] {
  return DOORS.flatMap((door): OfDoor[] => {
    const own = rows.filter(({ scene }) => doorOf(scene) === door);
    return own.length === 0
      ? []
      : [{ door, runs: own.length, judgement: judgeDrift(sumOf(own, model), model, limits) }];
  });
}

/** The sum of runs; those that have come to no numbers add none. */
export function sumOf(rows: readonly LedgerRow[], model: ModelPackage) {
  let totals = noTotals(model);
  for (const { chips = 0, blank = 0, classes = [], missing = 0, probabilitySum = 0 } of rows)
    if (classes.length > 0) totals = addTotals(totals, totalsOfRun({ chips, blank, classes, missing, probabilitySum }));
  return totals;
}

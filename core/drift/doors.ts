import { DOORS, type Door, doorOf } from '../ledger/doorOf.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { ModelPackage } from '../package/package.ts';
import { addTotals, isPredicted, noTotals, totalsOfRun } from './totals.ts';
import { type Judgement, judgeDrift, type Limits } from './window.ts';

/** The runs that arrived through one door, with a verdict on them alone. */
export type OfDoor = { readonly door: Door; readonly runs: number; readonly judgement: Judgement };

/** Judges a model version's counted runs separately for each door they arrived through. Doors without runs are omitted. */
export function judgeDoors(rows: readonly LedgerRow[], model: ModelPackage, limits: Limits): OfDoor[] {
  return DOORS.flatMap((door): OfDoor[] => {
    const own = rows.filter(({ scene }) => doorOf(scene) === door);
    return own.length === 0
      ? []
      : [{ door, runs: own.length, judgement: judgeDrift(sumOf(own, model), model, limits) }];
  });
}

/** Adds up runs; those without numbers add nothing. */
export function sumOf(rows: readonly LedgerRow[], model: ModelPackage) {
  let totals = noTotals(model);
  for (const row of rows.filter(isPredicted)) totals = addTotals(totals, totalsOfRun(row));
  return totals;
}

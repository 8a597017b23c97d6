import { mapKey, resultItemKey } from '../keys.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';

/** The keys of what a done run gave beside its predictions: its maps, and the STAC Item of all of it. */
export function resultKeys({ state, run: id, model, day = '', maps = [], raster }: LedgerRow): string[] {
  if (state !== 'DONE' || raster === undefined) return [];
  const run = { id, model, day };
  return [...maps.map((map) => mapKey(run, map)), resultItemKey(run)];
}

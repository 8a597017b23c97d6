import { mapKey, resultItemKey } from '../../base/keys.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';

/** Returns the keys of a done run's results besides its predictions: its maps, and their STAC Item. */
export function resultKeys({ state, run: id, model, day = '', maps = [], raster }: LedgerRow): string[] {
  if (state !== 'DONE' || raster === undefined) return [];
  const run = { id, model, day };
  return [...maps.map((map) => mapKey(run, map)), resultItemKey(run)];
}

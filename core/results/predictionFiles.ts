import { mapKey, predictionsKey, resultItemKey, shadowPredictionsKey } from '../base/keys.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';

/** A predictions file, and its runs: one, or those that a batch processed together. */
export type PredictionFile = { key: string; rows: readonly LedgerRow[] };

/** Returns the predictions files of runs, each once; none for runs that are not `DONE`. */
export function predictionFiles(rows: readonly LedgerRow[]): PredictionFile[] {
  const keyed = rows.flatMap((row) => keysOf(row).map((key) => ({ key, row })));
  return [...Map.groupBy(keyed, ({ key }) => key)].map(([key, of]) => ({ key, rows: of.map(({ row }) => row) }));
}

function keysOf({ state, run, model, day = '', parts = 0, batch, shadow }: LedgerRow): string[] {
  if (state !== 'DONE') return [];
  const numbers = Array.from({ length: parts }, (_, part) => part);
  if (shadow === true) return numbers.map((part) => shadowPredictionsKey({ id: batch ?? run, model, day }, part));
  if (batch !== undefined) return [predictionsKey({ id: batch, model, day }, 0)];
  return numbers.map((part) => predictionsKey({ id: run, model, day }, part));
}

/** Returns the keys of a done run's results besides its predictions: its maps, and their STAC Item. */
export function resultKeys({ state, run: id, model, day = '', maps = [], raster }: LedgerRow): string[] {
  if (state !== 'DONE' || raster === undefined) return [];
  const run = { id, model, day };
  return [...maps.map((map) => mapKey(run, map)), resultItemKey(run)];
}

import type { ReadObject } from '../../core/base/objectStore.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { type PredictedChip, readPredictedParts } from '../../core/results/predictions.ts';

const CHIPS_OF_A_RUN = 50_000;
/** The most chips in the cache; one takes about 200 bytes. */
const CHIPS_KEPT = 100_000;

export type PredictedRun = { row: LedgerRow; chips: PredictedChip[]; isMore: boolean };

export type PredictedRuns = ReturnType<typeof makePredictedRuns>;

/** Caches the chips of recently viewed runs: a page of thumbnails asks for one chip after the other. */
export function makePredictedRuns(readResult: ReadObject) {
  const runs = new Map<string, { predicted: Promise<PredictedRun>; weight: number }>();

  /** Reads the chips of a done run, in the file's order; none of other runs. Throws `ObjectNotFound` if they are gone. */
  function read(row: LedgerRow): Promise<PredictedRun> {
    if (row.state !== 'DONE') return Promise.resolve({ row, chips: [], isMore: false }); // not cached: it may be done later
    const found = kept(row.run);
    if (found !== undefined) return found;
    const predicted = readChips(readResult, row);
    runs.set(row.run, { predicted, weight: Math.min(row.chips ?? 0, CHIPS_OF_A_RUN) });
    predicted.catch(() => runs.delete(row.run));
    forgetOldest();
    return predicted;
  }

  function kept(run: string): Promise<PredictedRun> | undefined {
    const found = runs.get(run);
    if (found === undefined) return undefined;
    runs.delete(run); // moves it to the end, as the most recently used one
    runs.set(run, found);
    return found.predicted;
  }

  function forgetOldest(): void {
    let total = [...runs.values()].reduce((sum, { weight }) => sum + weight, 0);
    for (const [run, { weight }] of runs) {
      if (total <= CHIPS_KEPT || runs.size === 1) return;
      runs.delete(run);
      total -= weight;
    }
  }

  return { read, kept };
}

async function readChips(readResult: ReadObject, row: LedgerRow): Promise<PredictedRun> {
  const chips: PredictedChip[] = [];
  for await (const part of readPredictedParts(readResult, row))
    for (const chip of part) {
      if (chips.length === CHIPS_OF_A_RUN) return { row, chips, isMore: true };
      chips.push(chip);
    }
  return { row, chips, isMore: false };
}

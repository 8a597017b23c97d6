import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { ReadObject } from '../objectStore.ts';
import { predictionFiles } from '../predictions/predictionFiles.ts';
import { type PredictedChip, readPredictionFile } from '../predictions/predictions.ts';
import type { Pair } from './compareVersions.ts';

/** The runs of two versions for the same content, whatever the names of the files. */
export type PairedRuns = { first: LedgerRow[]; second: LedgerRow[] };

/** Returns the done runs whose content both versions have classified; of several by one version, the latest. */
export function pairRuns(first: readonly LedgerRow[], second: readonly LedgerRow[]): PairedRuns {
  const [ones, others] = [byContent(first), byContent(second)];
  const both = [...ones.keys()].filter((digest) => others.has(digest));
  return { first: both.map((digest) => ones.get(digest)!), second: both.map((digest) => others.get(digest)!) };
}

function byContent(rows: readonly LedgerRow[]): Map<string, LedgerRow> {
  const found = new Map<string, LedgerRow>();
  for (const row of rows) {
    const { digest } = row;
    if (digest === undefined) continue;
    const other = found.get(digest);
    if (other === undefined || other.changed < row.changed) found.set(digest, row);
  }
  return found;
}

/**
 * Yields the chips of paired runs, one predictions file after the other. The second version's predictions are all in
 * memory, a few hundred bytes per chip; of the first, one file at a time.
 *
 * @throws {ObjectNotFound} when a file is no longer in the results bucket
 */
export async function* pairedChips(readResult: ReadObject, { first, second }: PairedRuns): AsyncGenerator<Pair> {
  const seconds = new Map<string, PredictedChip>();
  for await (const [name, chip] of chipsOf(readResult, second)) seconds.set(name, chip);
  for await (const [name, chip] of chipsOf(readResult, first)) {
    const other = seconds.get(name);
    if (other !== undefined) yield { first: chip, second: other };
  }
}

/** Yields each chip with its identity: its content and its index in it. */
async function* chipsOf(readResult: ReadObject, rows: readonly LedgerRow[]): AsyncGenerator<[string, PredictedChip]> {
  const digests = new Map(rows.map(({ run, digest }) => [run, digest!]));
  for (const file of predictionFiles(rows))
    for (const chip of await readPredictionFile(readResult, file))
      yield [`${digests.get(chip.run)} ${chip.index}`, chip];
}

import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { ReadObject } from '../objectStore.ts';
import { predictionFiles } from '../predictions/predictionFiles.ts';
import { type PredictedChip, readPredictionFile } from '../predictions/predictions.ts';
import type { Pair } from './compareVersions.ts';

/** The runs of two versions that are of the same bytes, whatever the files are called. */
export type PairedRuns = { first: LedgerRow[]; second: LedgerRow[] };

/** Of runs that are done, those whose content both versions have classified; of two of one version, the latest. */
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
 * The chips of paired runs, file of predictions by file of predictions. What the second version says is held whole, a few hundred bytes a
 * chip; of the first, a file at a time.
 *
 * @throws ObjectNotFound where a file is not in the results bucket any more
 */
export async function* pairedChips(readResult: ReadObject, { first, second }: PairedRuns): AsyncGenerator<Pair> {
  const seconds = new Map<string, PredictedChip>();
  for await (const [name, chip] of chipsOf(readResult, second)) seconds.set(name, chip);
  for await (const [name, chip] of chipsOf(readResult, first)) {
    const other = seconds.get(name);
    if (other !== undefined) yield { first: chip, second: other };
  }
}

/** Each chip, by its content and its place in it. */
async function* chipsOf(readResult: ReadObject, rows: readonly LedgerRow[]): AsyncGenerator<[string, PredictedChip]> {
  const digests = new Map(rows.map(({ run, digest }) => [run, digest!]));
  for (const file of predictionFiles(rows))
    for (const chip of await readPredictionFile(readResult, file))
      yield [`${digests.get(chip.run)} ${chip.index}`, chip];
}

import { predictionsKey } from '../keys.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { SceneRef } from '../messages.ts';
import type { ReadObject } from '../objectStore.ts';
import { WINNER, type Winners } from '../tasks/classification/winner.ts';
import { namesOf, rowNames } from './contents.ts';
import { decodePredictions } from './decodePredictions.ts';
import { ORIGIN, PLACE, type Predictions } from './predictionColumns.ts';

/** What a run predicted for one chip, and where in which scene file the chip lies. */
export type PredictedChip = {
  id: string;
  run: string;
  scene: SceneRef;
  /** The record's place in the file, from 0. */
  index: number;
  /** The record with its checksums: one ranged read brings the chip. */
  offset: number;
  length: number;
  /** The predicted class, as the package's value and name; null, with the probability, where an output was not finite. */
  label: number | null;
  class: string | null;
  /** Of the predicted class. */
  probability: number | null;
  /** The class value that the file itself gives; null where it has none. */
  truth: number | null;
};

const COLUMNS = [...PLACE, ...WINNER, ...ORIGIN];

/** A file of predictions, and the runs that they are of: one, or those that a batch has brought to their end together. */
export type PredictionFile = { key: string; rows: readonly LedgerRow[] };

/** The files of runs' predictions, each once; none of a run that is not `DONE`. */
export function predictionFiles(rows: readonly LedgerRow[]): PredictionFile[] {
  const byKey = new Map<string, LedgerRow[]>();
  for (const row of rows) {
    for (const key of keysOf(row)) {
      const of = byKey.get(key) ?? [];
      of.push(row);
      byKey.set(key, of);
    }
  }
  return [...byKey].map(([key, of]) => ({ key, rows: of }));
}

function keysOf({ state, run, model, day = '', parts = 0, batch }: LedgerRow): string[] {
  if (state !== 'DONE') return [];
  if (batch !== undefined) return [predictionsKey({ id: batch, model, day }, 0)];
  return Array.from({ length: parts }, (_, part) => predictionsKey({ id: run, model, day }, part));
}

/**
 * One file of predictions, in the order of the scene file, or file by file. What a batch has predicted for others than
 * these runs is left out: a row says which content it is of.
 *
 * @throws ObjectNotFound where it is not in the results bucket any more
 */
export async function readPredictionFile(
  readResult: ReadObject,
  { key, rows }: PredictionFile,
): Promise<PredictedChip[]> {
  const predictions = (await decodePredictions(await readResult(key), COLUMNS)) as Predictions & Winners;
  const [first] = rows;
  const owners = new Map(
    rows.flatMap((row) => namesOf({ run: row.run, digest: row.digest ?? '' }).map((name) => [name, row])),
  );
  const { chip_id, index, offset, length, label, class: name, probability, truth } = predictions;
  return rowNames(predictions).flatMap((rowName, i) => {
    const row = first?.batch === undefined ? first : owners.get(rowName);
    if (row === undefined) return [];
    return [
      {
        ...{ id: chip_id[i]!, run: row.run, scene: row.scene, index: index[i]! },
        // Of a file in S3, whose 50 TB at most are well inside a double's 2 ** 53.
        ...{ offset: Number(offset[i]), length: length[i]! },
        ...{ label: label[i]!, class: name[i]!, probability: probability[i]!, truth: truth[i]! },
      },
    ];
  });
}

/** The predictions of a run, part by part, in the scene file's order. Throws as `readPredictionFile` does. */
export async function* readPredictedParts(readResult: ReadObject, row: LedgerRow): AsyncGenerator<PredictedChip[]> {
  for (const file of predictionFiles([row])) yield await readPredictionFile(readResult, file);
}

/**
 * The `count` chips whose predictions are the least certain, in that order: first those without a prediction, then by
 * the predicted class's probability. Of equals those that come first stay first, so that `leastCertain([...kept,
 * ...more], count)` over part after part finds the same as over all at once.
 */
export function leastCertain(chips: readonly PredictedChip[], count: number): PredictedChip[] {
  return chips.toSorted((a, b) => (a.probability ?? -1) - (b.probability ?? -1)).slice(0, count);
}

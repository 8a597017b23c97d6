import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import * as z from 'zod';
import { predictionsKey } from '../keys.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { SceneRef } from '../messages.ts';
import type { ReadObject } from '../objectStore.ts';
import { contentDigits, contentOf } from '../run.ts';

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

const predictionSchema = z.object({
  chip_id: z.string(),
  index: z.int(),
  offset: z.bigint().transform(Number), // of a file in S3, whose 50 TB at most are well inside a double's 2 ** 53
  length: z.int(),
  label: z.int().nullable(),
  class: z.string().nullable(),
  probability: z.number().nullable(),
  truth: z.int().nullable(),
  digest: z.string().nullable().default(null), // former releases have written none
});
const columns = Object.keys(predictionSchema.shape);

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
  const bytes = await readResult(key);
  const file = new Uint8Array(bytes).buffer; // a copy: the bytes may lie in the middle of a pool
  const metadata = parquetMetadata(file);
  const names = new Set(metadata.schema.map(({ name }) => name));
  const found = await parquetReadObjects({ file, metadata, columns: columns.filter((name) => names.has(name)) });
  const predictions = z.array(predictionSchema).parse(found);
  const [first] = rows;
  const ofContent = new Map(rows.flatMap((row) => namesOf(row.digest ?? '').map((name) => [name, row])));
  return predictions.flatMap(({ chip_id, digest, ...prediction }) => {
    const row = first?.batch === undefined ? first : ofContent.get(contentOf({ chip_id, digest }));
    return row === undefined ? [] : [{ id: chip_id, run: row.run, scene: row.scene, ...prediction }];
  });
}

/** The predictions of a run, part by part, in the scene file's order. Throws as `readPredictionFile` does. */
export async function* readPredictedParts(readResult: ReadObject, row: LedgerRow): AsyncGenerator<PredictedChip[]> {
  for (const file of predictionFiles([row])) yield await readPredictionFile(readResult, file);
}

/** By which a chip's row may name a content. */
function namesOf(digest: string): string[] {
  return [digest, contentDigits(digest)];
}

/**
 * The `count` chips whose predictions are the least certain, in that order: first those without a prediction, then by
 * the predicted class's probability. Of equals those that come first stay first, so that `leastCertain([...kept,
 * ...more], count)` over part after part finds the same as over all at once.
 */
export function leastCertain(chips: readonly PredictedChip[], count: number): PredictedChip[] {
  return chips.toSorted((a, b) => (a.probability ?? -1) - (b.probability ?? -1)).slice(0, count);
}

import { parquetReadObjects } from 'hyparquet';
import * as z from 'zod';
import { predictionsKey } from '../keys.ts';
import type { LedgerRow } from '../ledgerRow.ts';
import type { SceneRef } from '../messages.ts';
import type { ReadObject } from '../objectStore.ts';

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
});
const columns = Object.keys(predictionSchema.shape);

/** The parts of a run's predictions, by their numbers; none of a run that is not `DONE`. */
export function predictedParts({ state, parts = 0 }: Pick<LedgerRow, 'state' | 'parts'>): number[] {
  return state === 'DONE' ? Array.from({ length: parts }, (_, part) => part) : [];
}

/**
 * One part of a run's predictions, in the scene file's order.
 *
 * @throws ObjectNotFound where it is not in the results bucket any more
 */
export async function readPredictedPart(
  readResult: ReadObject,
  { run: id, model, scene, day = '' }: Pick<LedgerRow, 'run' | 'model' | 'scene' | 'day'>,
  part: number,
): Promise<PredictedChip[]> {
  const bytes = await readResult(predictionsKey({ id, model, day }, part));
  const file = new Uint8Array(bytes).buffer; // a copy: the bytes may lie in the middle of a pool
  const predictions = z.array(predictionSchema).parse(await parquetReadObjects({ file, columns }));
  return predictions.map(({ chip_id, ...prediction }) => ({ id: chip_id, run: id, scene, ...prediction }));
}

/** The predictions of a run, part by part, in the scene file's order. Throws as `readPredictedPart` does. */
export async function* readPredictedParts(readResult: ReadObject, row: LedgerRow): AsyncGenerator<PredictedChip[]> {
  for (const part of predictedParts(row)) yield await readPredictedPart(readResult, row, part);
}

/**
 * The `count` chips whose predictions are the least certain, in that order: first those without a prediction, then by
 * the predicted class's probability. Of equals those that come first stay first, so that `leastCertain([...kept,
 * ...more], count)` over part after part finds the same as over all at once.
 */
export function leastCertain(chips: readonly PredictedChip[], count: number): PredictedChip[] {
  return chips.toSorted((a, b) => (a.probability ?? -1) - (b.probability ?? -1)).slice(0, count);
}

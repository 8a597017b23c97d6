import type { RasterWindow } from '../arrays/dataTypes.ts';
import { inOrder } from '../base/concurrency/inOrder.ts';
import { mapKey, predictionsKey, resultItemKey, shadowPredictionsKey, truthKey } from '../base/keys.ts';
import type { SceneRef } from '../base/messages.ts';
import { nullIfNotFound, type ReadObject } from '../base/objectStore.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { MASKED } from '../package/carry.ts';
import type { Said, Task, TruthValue } from '../package/task.ts';
import { summaryIn, taskOfSum, toldColumn } from '../tasks/registry.ts';
import { decodePredictions, readPredictions } from './decodePredictions.ts';
import { decodeGeometry } from './geometry.ts';
import { INDEX, nameOf, rowNames, SAMPLE, SEED, saidColumns } from './predictionColumns.ts';

/** A run's prediction for one chip, and where in which scene file the chip lies. */
export type PredictedChip = Said & {
  id: string;
  run: string;
  scene: SceneRef;
  index: number;
  /** The record with its checksums: one ranged read fetches the chip. */
  offset: number;
  length: number;
  /** Its name in the archive or request that the file is; null if it has none. */
  member: string | null;
  /** The share of it that clouds hide; absent if not known. */
  masked?: number;
  /** The chip's window of a raster, in pixels; and its corners as longitudes and latitudes, or a single point, if known. */
  window: RasterWindow | null;
  footprint: (readonly [longitude: number, latitude: number])[] | null;
  /** The chip's truth that counts: a late one, or else the file's own; null if there is none. */
  truth: TruthValue | null;
  /** A late truth that counts nowhere, because the chip was chosen as one of the least certain; absent if there is none. */
  uncounted?: TruthValue;
  /** The seed with which it was drawn at random for that truth, if it was. */
  seed?: number;
};

/** Objects of late truths that are read concurrently, for the runs of a batch's file. */
const AT_ONCE = 16;

/** By scene file and chip, without other runs' rows of a batch. Throws `ObjectNotFound` when they are gone. */
export async function readPredictionFile(read: ReadObject, { key, rows }: PredictionFile): Promise<PredictedChip[]> {
  const [first] = rows;
  const task = taskOfSum(summaryIn(first ?? {}) ?? {}); // all runs are of one model version
  const predictions = await readPredictions(read, key, saidColumns(task));
  const ofFile = toldColumn(task).name === task.truth.name ? predictions[task.truth.name] : undefined;
  const later = await toldLater(read, rows, task);
  const owners = new Map(rows.map((row) => [nameOf({ run: row.run, digest: row.digest ?? '' }), row]));
  const { chip_id, index, offset, length, x, y, width, height, geometry, member } = predictions;
  const masked = predictions[MASKED.name]!;
  return rowNames(predictions).flatMap((rowName, i) => {
    const row = first?.batch === undefined ? first : owners.get(rowName);
    if (row === undefined) return [];
    const [late, isChosen, seed = null] = later.get(`${row.run} ${index[i]}`) ?? [];
    return [
      {
        id: chip_id[i]!,
        run: row.run,
        scene: row.scene,
        index: index[i]!,
        // An S3 object has at most 50 TB, well within a double's 2 ** 53.
        offset: Number(offset[i]),
        length: length[i]!,
        ...task.said.of(predictions, i),
        truth: isChosen === false ? late! : ((ofFile?.[i] ?? null) as TruthValue | null),
        ...(isChosen && { uncounted: late! }),
        ...(seed !== null && { seed }),
        member: member[i] ?? null,
        ...(masked[i] != null && { masked: masked[i] as number }),
        window: x[i] == null ? null : { x: x[i], y: y[i]!, width: width[i]!, height: height[i]! },
        footprint: geometry[i] == null ? null : decodeGeometry(geometry[i]),
      },
    ];
  });
}

/** Returns late truths of runs' chips, by run and index. If the object was removed, the file's own truth remains. */
async function toldLater(readResult: ReadObject, rows: readonly LedgerRow[], task: Task) {
  const column = toldColumn(task);
  const later = new Map<string, [truth: TruthValue, isChosen: boolean, seed: number | null]>();
  const read = async ({ run: id, model, day = '', told }: LedgerRow) => {
    const bytes = told === undefined ? null : await readResult(truthKey({ id, model, day })).catch(nullIfNotFound);
    if (bytes === null) return;
    const { index, sample, seed, ...others } = await decodePredictions(bytes, [INDEX, column, SAMPLE, SEED]);
    const truths = others[column.name] as TruthValue[];
    for (const [i, place] of Array.from(index).entries())
      later.set(`${id} ${place}`, [truths[i]!, sample![i] !== null, seed![i] as number | null]);
  };
  for await (const _ of inOrder(rows, AT_ONCE, read));
  return later;
}

/** Yields the predictions of a run part by part, in the scene file's order. Throws as `readPredictionFile` does. */
export async function* readPredictedParts(readResult: ReadObject, row: LedgerRow): AsyncGenerator<PredictedChip[]> {
  for (const file of predictionFiles([row])) yield await readPredictionFile(readResult, file);
}

/**
 * Returns the `count` chips to look at first, in that order: those without a prediction, then by rank. The sort is stable,
 * so `firstByRank([...kept, ...more], count)` over successive parts gives the same result as over all chips at once.
 */
export const firstByRank = (chips: readonly PredictedChip[], count: number): PredictedChip[] =>
  chips.toSorted(byRank).slice(0, count);

/** Compares by rank; predictions without a rank come first. */
export const byRank = (a: Pick<Said, 'rank'>, b: Pick<Said, 'rank'>): number =>
  (a.rank ?? Number.NEGATIVE_INFINITY) - (b.rank ?? Number.NEGATIVE_INFINITY) || 0;

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

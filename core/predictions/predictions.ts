import { inOrder } from '../inOrder.ts';
import { truthKey } from '../keys.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { SceneRef } from '../messages.ts';
import { nullIfNotFound, type ReadObject } from '../objectStore.ts';
import type { RasterWindow } from '../scenes/raster/raster.ts';
import { taskOfSum } from '../tasks/registry.ts';
import { summaryIn } from '../tasks/stored.ts';
import type { Said, Task, TruthValue } from '../tasks/task.ts';
import { toldColumn } from '../tasks/toldColumn.ts';
import { namesOf, rowNames } from './contents.ts';
import { decodePredictions } from './decodePredictions.ts';
import { decodeGeometry } from './geometry.ts';
import { INDEX, saidColumns } from './predictionColumns.ts';
import { type PredictionFile, predictionFiles } from './predictionFiles.ts';

/** What a run predicted for one chip, and where in which scene file the chip lies. */
export type PredictedChip = Said & {
  id: string;
  run: string;
  scene: SceneRef;
  /** The record's place in the file, from 0. */
  index: number;
  /** The record with its checksums: one ranged read brings the chip. */
  offset: number;
  length: number;
  /** Its name in the archive or request that the file is; null where it has none. */
  member: string | null;
  /** The part of a raster that the chip is, in pixels; and its corners as longitudes and latitudes, or one point, where they are known. */
  window: RasterWindow | null;
  footprint: [longitude: number, latitude: number][] | null;
  /** What is true: what somebody has said later, or else what the file itself says; null where nobody says anything. */
  truth: TruthValue | null;
};

/** Objects of what was said later, of the runs of a batch's file. */
const AT_ONCE = 16;

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
  const [first] = rows;
  const task = taskOfRow(first);
  const predictions = await decodePredictions(await readResult(key), saidColumns(task));
  const ofFile = toldColumn(task).name === task.truth.name ? predictions[task.truth.name] : undefined;
  const later = await toldLater(readResult, rows, task);
  const owners = new Map(
    rows.flatMap((row) => namesOf({ run: row.run, digest: row.digest ?? '' }).map((name) => [name, row])),
  );
  const { chip_id, index, offset, length, x, y, width, height, geometry, member } = predictions;
  return rowNames(predictions).flatMap((rowName, i) => {
    const row = first?.batch === undefined ? first : owners.get(rowName);
    if (row === undefined) return [];
    return [
      {
        ...{ id: chip_id[i]!, run: row.run, scene: row.scene, index: index[i]! },
        // Of a file in S3, whose 50 TB at most are well inside a double's 2 ** 53.
        ...{ offset: Number(offset[i]), length: length[i]! },
        ...task.said.of(predictions, i),
        truth: later.get(`${row.run} ${index[i]}`) ?? ((ofFile?.[i] ?? null) as TruthValue | null),
        member: member[i] ?? null,
        window: x[i] == null ? null : { x: x[i], y: y[i]!, width: width[i]!, height: height[i]! },
        footprint: geometry[i] == null ? null : decodeGeometry(geometry[i]),
      },
    ];
  });
}

/** What somebody has said later of runs' chips, by the run and the place; of one whose object was taken away, the file's own truth is left. */
async function toldLater(readResult: ReadObject, rows: readonly LedgerRow[], task: Task) {
  const column = toldColumn(task);
  const later = new Map<string, TruthValue | null>();
  const read = async ({ run: id, model, day = '', told }: LedgerRow) => {
    const bytes = told === undefined ? null : await readResult(truthKey({ id, model, day })).catch(nullIfNotFound);
    if (bytes === null) return;
    const { index, [column.name]: truths } = await decodePredictions(bytes, [INDEX, column]);
    for (const [i, place] of Array.from(index).entries()) later.set(`${id} ${place}`, truths![i] as TruthValue | null);
  };
  for await (const _ of inOrder(rows, AT_ONCE, read));
  return later;
}

/** What the predictions of a run are of: of one model version, all runs have the same task. */
function taskOfRow(row: LedgerRow | undefined): Task {
  return taskOfSum(summaryIn(row ?? {}) ?? {});
}

/** The predictions of a run, part by part, in the scene file's order. Throws as `readPredictionFile` does. */
export async function* readPredictedParts(readResult: ReadObject, row: LedgerRow): AsyncGenerator<PredictedChip[]> {
  for (const file of predictionFiles([row])) yield await readPredictionFile(readResult, file);
}

/**
 * The `count` chips to look at first, in that order: those without a prediction, then by rank. Of equals those that come
 * first stay first, so that `firstByRank([...kept, ...more], count)` over part after part finds the same as over all at once.
 */
export function firstByRank(chips: readonly PredictedChip[], count: number): PredictedChip[] {
  return chips.toSorted(byRank).slice(0, count);
}

/** What has no rank comes first. */
export function byRank(a: Pick<Said, 'rank'>, b: Pick<Said, 'rank'>): number {
  return (a.rank ?? Number.NEGATIVE_INFINITY) - (b.rank ?? Number.NEGATIVE_INFINITY) || 0;
}

import { createHash } from 'node:crypto';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Service } from '../../console/service.ts';
import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { ObjectNotFound, onError } from '../../core/base/errors.ts';
import { readsOthers } from '../../core/base/keys.ts';
import { truthText } from '../../core/doors/truth/truthReader.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isMasked } from '../../core/measures/blanks/mask.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { preparedUnlike } from '../../core/package/preparesAlike.ts';
import type { TruthValue } from '../../core/package/task.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { isHeldOut } from '../../core/releases/retraining.ts';
import { type PredictionFile, predictionFiles } from '../../core/results/predictionFiles.ts';
import { readPredictionFile } from '../../core/results/predictions.ts';
import { csvOf } from '../../core/tables/csv.ts';
import { makeMatchTruth } from '../../core/tasks/classes.ts';
import { namesIn } from '../../core/tasks/multilabel/labelTruths.ts';
import { summaryIn } from '../../core/tasks/registry.ts';
import { shownOf } from '../../core/tasks/shownRegistry.ts';
import { predictedSince } from '../runs/area.ts';
import { showProgress } from '../terminal/progress.ts';

/** A chip whose truth is known; `isSelected` if it counts nowhere, because the chip was chosen as one that the model was unsure of. */
type KnownChip = { index: number; truth: TruthValue; isSelected: boolean };
/** A scene file with such chips, and its name in the folder. */
export type KnownScene = { row: LedgerRow; name: string; isHeldOut: boolean; chips: KnownChip[] };
export type TrainingData = Awaited<ReturnType<typeof findTrainingData>>;

export const TRUTHS = 'truth.csv';
const PIECE_BYTES = 2 ** 23;
const FILES_AT_ONCE = 8;
/** A name in a folder has at most 255 bytes; the ending says the format. */
const NAME_LETTERS = 60;

/** Whether two versions cut a scene into the same chips, so that a truth is of the same place in both. */
export const cutAlike = (one: ModelPackage, other: ModelPackage): boolean =>
  one.task === other.task && !preparedUnlike(one, other).includes('size of source chips');

/** Finds chips of known truth, whichever version predicted them, in scenes that can be read again; keys split them. Truths are stated as `model` does. */
export async function findTrainingData(
  service: Pick<Service, 'ledger' | 'models' | 'now' | 'readResult'>,
  model: ModelPackage,
  { since, share }: { since: string; share: number },
) {
  const rows: LedgerRow[] = [];
  const matches = new Map<string, ReturnType<typeof makeMatchTruth>>();
  for await (const row of predictedSince(service, { name: model.name }, since)) {
    const isScene = readsOthers(row.scene.key) || (row.raster !== undefined && /\.(zip|tar)$/i.test(row.scene.key));
    if (doorOf(row.scene) !== 'file' || isScene) continue;
    const version = await service.models.load(row.model).catch(noneIfUnusable);
    if (version === null || !cutAlike(version, model)) continue;
    matches.set(row.run, makeMatchTruth(version, model));
    if (row.told !== undefined || shownOf(model).accuracy(summaryIn(row)!, version) !== null) rows.push(row);
  }
  const found = new Map<string, KnownChip[]>();
  const read = async (file: PredictionFile) =>
    readPredictionFile(service.readResult, file).catch(onError(ObjectNotFound, () => [])); // they are kept for a while only
  for await (const chips of inOrder(predictionFiles(rows), FILES_AT_ONCE, read))
    for (const { run, index, truth, uncounted, masked } of chips) {
      const known = matches.get(run)!(truth ?? uncounted ?? null); // what counts in accuracy, if anything does
      if (known === null || isMasked(masked, model.mask)) continue;
      const ofRun = found.get(run) ?? [];
      ofRun.push({ index, truth: known, isSelected: truth === null });
      found.set(run, ofRun);
    }
  const names = new Set(model.classes.map(({ name }) => name));
  const isOfModel = ({ truth }: KnownChip) =>
    typeof truth === 'number' ? !Number.isNaN(truth) : namesIn(truth).every((name) => names.has(name));
  let unknown = 0;
  // Of several runs of the same bytes, the first says on which side they are, and that with the most truths what is known.
  const scenes = [...Map.groupBy(rows, ({ digest, run }) => digest ?? run).values()].flatMap((same): KnownScene[] => {
    const [row] = same.toSorted((a, b) => (found.get(b.run)?.length ?? 0) - (found.get(a.run)?.length ?? 0));
    const all = found.get(row!.run) ?? [];
    const chips = all.filter(isOfModel);
    unknown += all.length - chips.length;
    const name = `${row!.run.slice(0, 12)}-${basename(row!.scene.key).slice(-NAME_LETTERS)}`;
    return chips.length === 0 ? [] : [{ row: row!, name, isHeldOut: isHeldOut(same[0]!.scene.key, share), chips }];
  });
  /** How many chips of each day have a known truth. */
  const truths: Record<string, number> = {};
  const digest = createHash('sha256');
  scenes.sort((a, b) => ((a.row.digest ?? '') < (b.row.digest ?? '') ? -1 : 1));
  for (const { row, isHeldOut: isOut, chips } of scenes) {
    digest.update(JSON.stringify([row.digest, isOut, chips]));
    truths[row.day ?? ''] = (truths[row.day ?? ''] ?? 0) + chips.length;
  }
  return { scenes, digest: digest.digest('hex'), truths, unknown };
}

/** The path of a scene in the folder of training data. */
export const pathOf = ({ name, isHeldOut: isOut }: KnownScene): string => join(isOut ? 'held-out' : 'train', name);

/** Writes scene files and their truths; returns the scenes that are still there. */
export async function writeTrainingData(
  { readRange }: Pick<Service, 'readRange'>,
  { scenes }: TrainingData,
  { task }: ModelPackage,
  folder: string,
): Promise<KnownScene[]> {
  const written: KnownScene[] = [];
  using _line = showProgress(() => `copying scenes: ${written.length} of ${scenes.length}`);
  for (const part of ['train', 'held-out']) await mkdir(join(folder, part), { recursive: true });
  const copy = async (scene: KnownScene) => {
    const { scene: ref, size = 0 } = scene.row; // every done run has a size
    await using file = await open(join(folder, pathOf(scene)), 'w');
    for (let at = 0; at < size; at += PIECE_BYTES)
      await file.writeFile(await readRange(ref, at, Math.min(PIECE_BYTES, size - at)));
    return scene;
  };
  const copyOrLeave = (scene: KnownScene) =>
    copy(scene).catch(onError(ObjectNotFound, async () => rm(join(folder, pathOf(scene)), { force: true })));
  // In the scenes' order, whichever is copied first: equal truths are equal bytes, and make the same version.
  for await (const scene of inOrder(scenes, FILES_AT_ONCE, copyOrLeave)) if (scene) written.push(scene);
  const columns = ['scene', 'index', 'truth', 'sample'].map((name) => ({ name, type: 'STRING' as const }));
  const rows = written.map((scene) =>
    scene.chips.map(({ index, truth, isSelected }) => [
      pathOf(scene),
      index,
      truthText(truth, task),
      isSelected ? 'least-certain' : null,
    ]),
  );
  await writeFile(join(folder, TRUTHS), csvOf({ columns, rows }));
  return written;
}

import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Service } from '../../console/service.ts';
import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { ObjectNotFound, onError } from '../../core/base/errors.ts';
import { ITEM_ENDINGS } from '../../core/base/keys.ts';
import { truthText } from '../../core/doors/truth/truthReader.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isMasked } from '../../core/measures/blanks/mask.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { TruthValue } from '../../core/package/task.ts';
import { isHeldOut } from '../../core/releases/retraining.ts';
import { predictionFiles } from '../../core/results/predictionFiles.ts';
import { readPredictionFile } from '../../core/results/predictions.ts';
import { csvOf } from '../../core/tables/csv.ts';
import { taskOfSum } from '../../core/tasks/registry.ts';
import { shownOf } from '../../core/tasks/shownRegistry.ts';
import { summaryIn } from '../../core/tasks/stored.ts';
import { predictedSince } from '../runs/area.ts';

/** A chip whose truth is known; `isSelected` if it was chosen because the model was unsure of it. */
type KnownChip = { index: number; truth: TruthValue; isSelected: boolean };
/** A scene file with such chips, and its name in the folder. */
export type KnownScene = { row: LedgerRow; name: string; isHeldOut: boolean; chips: KnownChip[] };
export type TrainingData = {
  scenes: KnownScene[];
  /** How many chips with a known truth there are to train on, how many held out, and how many came as no scene file of its own. */
  chips: { train: number; heldOut: number; others: number };
  digest: string;
  /** The day of its newest scene. */
  day: string;
};

export const TRUTHS = 'truth.csv';
const PIECE_BYTES = 2 ** 23;
const FILES_AT_ONCE = 8;

/**
 * Finds the chips of a model's runs since a day whose truth is known, whichever version has predicted them. Scenes are split by
 * their keys into those to train on and those held out. Requests and STAC Items are left out: they are no file that can be read alone.
 */
export async function findTrainingData(
  service: Pick<Service, 'ledger' | 'now' | 'readResult'>,
  model: ModelPackage,
  { since, share }: { since: string; share: number },
): Promise<TrainingData> {
  const { accuracy } = shownOf(model);
  const rows: LedgerRow[] = [];
  for await (const row of predictedSince(service, { name: model.name }, since)) {
    const sum = summaryIn(row)!;
    const isOfTask = taskOfSum(sum) === model.task; // an earlier version may have been of another one
    if (isOfTask && (row.told !== undefined || accuracy(sum, model) !== null)) rows.push(row);
  }
  const found = new Map<string, KnownChip[]>();
  // Predictions are kept for a while only.
  for (const file of predictionFiles(rows))
    for (const chip of await readPredictionFile(service.readResult, file).catch(onError(ObjectNotFound, () => []))) {
      const { run, index, truth, uncounted, masked } = chip;
      const known = truth ?? uncounted ?? null;
      if (known === null || isMasked(masked, model.mask)) continue;
      const ofRun = found.get(run) ?? [];
      ofRun.push({ index, truth: known, isSelected: truth === null });
      found.set(run, ofRun);
    }
  const chips = { train: 0, heldOut: 0, others: 0 };
  const digest = createHash('sha256');
  const scenes: KnownScene[] = [];
  let day = '';
  // Of several runs of the same content, that with the most truths: they are the chips', whichever version has predicted them.
  const byTruths = rows.toSorted((a, b) => (found.get(a.run)?.length ?? 0) - (found.get(b.run)?.length ?? 0));
  for (const row of new Map(byTruths.map((one) => [one.digest ?? one.run, one])).values()) {
    const { scene, run } = row;
    const known = found.get(run);
    if (known === undefined) continue;
    if (doorOf(scene) !== 'file' || ITEM_ENDINGS.some((ending) => scene.key.endsWith(ending))) {
      chips.others += known.length;
      continue;
    }
    const isOut = isHeldOut(scene.key, share);
    chips[isOut ? 'heldOut' : 'train'] += known.length;
    scenes.push({ row, name: `${run.slice(0, 12)}-${basename(scene.key)}`, isHeldOut: isOut, chips: known });
    day = [day, row.day ?? ''].sort().at(-1)!;
  }
  for (const { row, chips: known } of scenes.toSorted((a, b) => (a.row.run < b.row.run ? -1 : 1)))
    digest.update(JSON.stringify([row.digest, known]));
  return { scenes, chips, digest: digest.digest('hex'), day };
}

/** The path of a scene in the folder of training data. */
export const pathOf = ({ name, isHeldOut: isOut }: KnownScene): string => join(isOut ? 'held-out' : 'train', name);

/** Writes the scene files and their truths. The folder appears whole or not at all, and stays if it is there. */
export async function writeTrainingData(
  { readRange }: Pick<Service, 'readRange'>,
  { scenes }: TrainingData,
  { task }: ModelPackage,
  folder: string,
  onFile: (done: number) => void,
): Promise<void> {
  if (existsSync(folder)) return;
  const unfinished = `${folder}.unfinished-${randomUUID()}`;
  try {
    for (const part of ['train', 'held-out']) await mkdir(join(unfinished, part), { recursive: true });
    const copy = async (scene: KnownScene) => {
      const { scene: ref, size = 0 } = scene.row; // every done run has a size
      await using file = await open(join(unfinished, pathOf(scene)), 'w');
      for (let at = 0; at < size; at += PIECE_BYTES)
        await file.writeFile(await readRange(ref, at, Math.min(PIECE_BYTES, size - at)));
    };
    let done = 0;
    for await (const _ of inOrder(scenes, FILES_AT_ONCE, copy)) {
      done += 1;
      onFile(done);
    }
    const columns = ['scene', 'index', 'truth', 'sample'].map((name) => ({ name, type: 'STRING' as const }));
    const rows = scenes.map((scene) =>
      scene.chips.map(({ index, truth, isSelected }) => [
        pathOf(scene).replaceAll('\\', '/'),
        index,
        truthText(truth, task),
        isSelected ? 'least-certain' : null,
      ]),
    );
    await writeFile(join(unfinished, TRUTHS), csvOf({ columns, rows }));
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

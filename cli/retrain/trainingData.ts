import { createHash } from 'node:crypto';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeScratchFile } from '../../aws/scratchFile.ts';
import type { Service } from '../../console/service.ts';
import { makePlane } from '../../core/arrays/dataTypes.ts';
import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { ObjectNotFound, onError } from '../../core/base/errors.ts';
import { masksKey } from '../../core/base/keys.ts';
import { nullIfNotFound } from '../../core/base/objectStore.ts';
import { truthText } from '../../core/doors/truth/truthReader.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isMasked } from '../../core/measures/blanks/mask.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { preparedUnlike } from '../../core/package/preparesAlike.ts';
import type { TruthValue } from '../../core/package/task.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { isHeldOut } from '../../core/releases/retraining.ts';
import { makeCogWriter } from '../../core/results/maps/cog/cogWriter.ts';
import { drawMap } from '../../core/results/maps/drawMap.ts';
import { mapSpec } from '../../core/results/maps/mapGrid.ts';
import { decodePieces, type Piece } from '../../core/results/maps/pieces.ts';
import { type PredictionFile, predictionFiles } from '../../core/results/predictionFiles.ts';
import { readPredictionFile } from '../../core/results/predictions.ts';
import { csvOf } from '../../core/tables/csv.ts';
import { makeMatchTruth } from '../../core/tasks/classes.ts';
import { namesIn } from '../../core/tasks/multilabel/labelTruths.ts';
import { summaryIn } from '../../core/tasks/registry.ts';
import { shownOf } from '../../core/tasks/shownRegistry.ts';
import { predictedSince } from '../runs/area.ts';
import { showProgress } from '../terminal/progress.ts';
import { isOfParts, typeOfBands, writeAsRaster } from './sceneAsRaster.ts';

/** A chip whose truth is known; `isSelected` if it counts nowhere, because the chip was chosen as one that the model was unsure of. */
type KnownChip = { index: number; truth: TruthValue; isSelected: boolean };
/** A scene file with such chips, its name in the folder, and the version that has predicted it, with how its truths are stated as the live one does. */
export type KnownScene = {
  row: LedgerRow;
  name: string;
  isHeldOut: boolean;
  chips: KnownChip[];
  version: ModelPackage;
  match: ReturnType<typeof makeMatchTruth>;
};

export const TRUTHS = 'truth.csv';
const MASKS = 'masks';
const PIECE_BYTES = 2 ** 23;
const FILES_AT_ONCE = 8;
/** Why a scene of parts is left out, by the names of errors: S3 refuses files elsewhere to whoever has no rights there. */
const UNREADABLE = ['InvalidSceneFile', 'SceneFileChanged', 'TransientTrouble', 'AccessDenied', '403'];
/** A name in a folder has at most 255 bytes; the ending says the format. */
const NAME_LETTERS = 60;

/** Whether two versions cut a scene into the same chips, so that a truth is of the same place in both. */
export const cutAlike = (one: ModelPackage, other: ModelPackage): boolean =>
  one.task === other.task && !preparedUnlike(one, other).includes('size of source chips');

/** Finds chips of known truth, whichever version predicted them, in scenes that can be read again; their bytes split them. Truths are stated as `model` does. */
export async function findTrainingData(
  service: Pick<Service, 'ledger' | 'models' | 'now' | 'readResult'>,
  model: ModelPackage,
  { since, share }: { since: string; share: number },
) {
  const rows: LedgerRow[] = [];
  const versions = new Map<string, { version: ModelPackage; match: ReturnType<typeof makeMatchTruth> }>();
  for await (const row of predictedSince(service, { name: model.name }, since)) {
    if (doorOf(row.scene) !== 'file' || (isOfParts(row) && typeOfBands(model) === null)) continue;
    const version = await service.models.load(row.model).catch(noneIfUnusable);
    if (version === null || !cutAlike(version, model)) continue;
    versions.set(row.run, { version, match: makeMatchTruth(version, model) });
    if (row.told !== undefined || shownOf(model).accuracy(summaryIn(row)!, version) !== null) rows.push(row);
  }
  const found = new Map<string, KnownChip[]>();
  const read = async (file: PredictionFile) =>
    readPredictionFile(service.readResult, file).catch(onError(ObjectNotFound, () => [])); // they are kept for a while only
  for await (const chips of inOrder(predictionFiles(rows), FILES_AT_ONCE, read))
    for (const { run, index, truth, uncounted, masked } of chips) {
      const { match } = versions.get(run)!;
      const stated = truth ?? uncounted ?? null; // what counts in accuracy, if anything does
      const known =
        hasMasks(model) && stated !== null && !namesClass(String(stated), match) ? Number.NaN : match(stated);
      if (known === null || isMasked(masked, model.mask)) continue;
      const ofRun = found.get(run) ?? [];
      ofRun.push({ index, truth: known, isSelected: truth === null });
      found.set(run, ofRun);
    }
  const names = new Set(model.classes.map(({ name }) => name));
  const isOfModel = ({ truth }: KnownChip) =>
    typeof truth === 'number'
      ? !Number.isNaN(truth)
      : hasMasks(model) || namesIn(truth).every((name) => names.has(name));
  let unknown = 0;
  // Of several runs of the same bytes, that with the most truths says what is known.
  const scenes = [...Map.groupBy(rows, ({ digest, run }) => digest ?? run).values()].flatMap((same): KnownScene[] => {
    const [row] = same.toSorted((a, b) => (found.get(b.run)?.length ?? 0) - (found.get(a.run)?.length ?? 0));
    const all = found.get(row!.run) ?? [];
    const chips = all.filter(isOfModel);
    unknown += all.length - chips.length;
    const name = `${row!.run.slice(0, 12)}-${basename(row!.scene.key).slice(-NAME_LETTERS)}${isOfParts(row!) ? '.tif' : ''}`;
    const isOut = isHeldOut(row!.digest ?? row!.run, share);
    return chips.length === 0 ? [] : [{ row: row!, name, isHeldOut: isOut, chips, ...versions.get(row!.run)! }];
  });
  /** How many chips of each day have a known truth. */
  const truths: Record<string, number> = {};
  const digest = createHash('sha256');
  scenes.sort((a, b) => ((a.row.digest ?? '') < (b.row.digest ?? '') ? -1 : 1));
  const withMasks = async (scene: KnownScene) => ({
    scene,
    masks: hasMasks(model) ? await service.readResult(masksOf(scene.row)).catch(nullIfNotFound) : '',
  });
  const known: KnownScene[] = [];
  for await (const { scene, masks } of inOrder(scenes, FILES_AT_ONCE, withMasks)) {
    if (masks === null) continue;
    const { row, isHeldOut: isOut, chips } = scene;
    digest.update(JSON.stringify([row.digest, isOut, chips])).update(masks);
    truths[row.day ?? ''] = (truths[row.day ?? ''] ?? 0) + chips.length;
    known.push(scene);
  }
  return { scenes: known, digest: digest.digest('hex'), truths, unknown };
}

/** Whether a scene tells how right a version is: of chips that were chosen as least certain, no share holds for the others. */
export const judges = (scene: KnownScene): boolean =>
  scene.isHeldOut && scene.chips.some(({ isSelected }) => !isSelected);

export const hasMasks = ({ task }: ModelPackage): boolean => task.truthLater?.isOfPixels === true;
/** Whether a comparison of a mask, as the ledger has it, is of a class that the live version has. */
const namesClass = (compared: string, match: KnownScene['match']): boolean =>
  compared.split(' ').some((of) => !Number.isNaN(match(Number.parseInt(of, 10))));
const masksOf = ({ run: id, model, day = '' }: LedgerRow): string => masksKey({ id, model, day });

export const pathOf = ({ name, isHeldOut: isOut }: KnownScene): string => join(isOut ? 'held-out' : 'train', name);

/** The path of its mask, as large as the scene and where it lies. */
export const maskPathOf = ({ name }: KnownScene): string => join(MASKS, `${name}.tif`);

async function writeMask(scene: KnownScene, masks: Uint8Array, model: ModelPackage, folder: string): Promise<void> {
  const { row, version, match } = scene;
  const [layer] = model.task.layers!(model);
  const { dataType, nodata } = layer!;
  const known = version.classes.filter(({ value }) => !Number.isNaN(match(value))); // the live version may lack the others
  const values = new Map(known.map(({ value }) => [value, match(value)]));
  const truths = new Map(scene.chips.map(({ index, truth }) => [index, truth])); // of chips that are learned from, what counts
  async function* pieces(): AsyncGenerator<Piece> {
    for (const { planes, told, ...window } of decodePieces(masks, [version.task.layers!(version)[0]!.dataType]))
      if (truths.get(told!.index) === told!.truth) {
        const plane = makePlane(dataType, planes[0]!.length);
        yield { ...window, planes: [plane.map((_, i) => values.get(planes[0]![i]!) ?? nodata)] };
      }
  }
  await using scratch = await makeScratchFile();
  const raster = row.raster!; // what has a mask has a map
  const writer = makeCogWriter(mapSpec(raster, [layer!], 'predictions', { id: row.run, ...row }), scratch);
  await drawMap(pieces(), raster, [layer!], new Map([['predictions', writer]]));
  await writeFile(join(folder, maskPathOf(scene)), writer.finish().chunks);
}

/** Writes scene files and their truths; returns the scenes that are still there. */
export async function writeTrainingData(
  { readRange, readResult, openScene }: Pick<Service, 'readRange' | 'readResult' | 'openScene'>,
  { scenes }: { scenes: readonly KnownScene[] },
  model: ModelPackage,
  folder: string,
): Promise<KnownScene[]> {
  const written: KnownScene[] = [];
  using _line = showProgress(() => `copying scenes: ${written.length} of ${scenes.length}`);
  const isOfMasks = hasMasks(model);
  for (const part of ['train', 'held-out', ...(isOfMasks ? [MASKS] : [])])
    await mkdir(join(folder, part), { recursive: true });
  const copyFile = async ({ scene: ref, size = 0 }: LedgerRow, path: string) => {
    await using file = await open(path, 'w'); // every done run has a size
    for (let at = 0; at < size; at += PIECE_BYTES)
      await file.writeFile(await readRange(ref, at, Math.min(PIECE_BYTES, size - at)));
  };
  let turn = Promise.resolve(); // of scenes of parts, whose blocks take hundreds of megabytes
  const copy = async (scene: KnownScene) => {
    const [{ row }, path] = [scene, join(folder, pathOf(scene))];
    const drawn = isOfParts(row) && turn.then(() => writeAsRaster(openScene, row, model, path));
    if (drawn) turn = drawn.catch(() => {});
    await (drawn || copyFile(row, path));
    if (isOfMasks) await writeMask(scene, await readResult(masksOf(scene.row)), model, folder);
    return scene;
  };
  const copyOrLeave = (scene: KnownScene) =>
    copy(scene).catch(
      onError([ObjectNotFound, ...(isOfParts(scene.row) ? UNREADABLE : [])], async () =>
        rm(join(folder, pathOf(scene)), { force: true }),
      ),
    );
  // In the scenes' order, whichever is copied first: equal truths are equal bytes, and make the same version.
  for await (const scene of inOrder(scenes, FILES_AT_ONCE, copyOrLeave)) if (scene) written.push(scene);
  if (written.length === 0) throw new ObjectNotFound('No scene whose truth is known can be read again.');
  const columns = ['scene', 'index', 'truth', 'sample'].map((name) => ({ name, type: 'STRING' as const }));
  const rows = written.map((scene) =>
    scene.chips.map(({ index, truth, isSelected }) => [
      pathOf(scene),
      index,
      isOfMasks ? maskPathOf(scene) : truthText(truth, model.task),
      isSelected ? 'least-certain' : null,
    ]),
  );
  await writeFile(join(folder, TRUTHS), csvOf({ columns, rows }));
  return written;
}

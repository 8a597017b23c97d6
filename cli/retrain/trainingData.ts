import { createHash } from 'node:crypto';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { makeScratchFile } from '../../aws/scratchFile.ts';
import type { Service } from '../../console/service.ts';
import { type DataType, makePlane } from '../../core/arrays/dataTypes.ts';
import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { InvalidSceneFile, ObjectNotFound, onError } from '../../core/base/errors.ts';
import { masksKey, readsOthers } from '../../core/base/keys.ts';
import { nullIfNotFound, type OpenScene } from '../../core/base/objectStore.ts';
import { truthText } from '../../core/doors/truth/truthReader.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isMasked } from '../../core/measures/blanks/mask.ts';
import type { Layer } from '../../core/package/layer.ts';
import { type Chip, type ModelPackage, windowOf } from '../../core/package/package.ts';
import { preparedUnlike } from '../../core/package/preparesAlike.ts';
import type { TruthValue } from '../../core/package/task.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { isHeldOut } from '../../core/releases/retraining.ts';
import { makeCogWriter } from '../../core/results/maps/cog/cogWriter.ts';
import { drawMap } from '../../core/results/maps/drawMap.ts';
import { mapSpec } from '../../core/results/maps/mapGrid.ts';
import { decodePieces, type Piece } from '../../core/results/maps/pieces.ts';
import { type PredictionFile, predictionFiles, readPredictionFile } from '../../core/results/predictions.ts';
import { makeContentRead } from '../../core/scenes/assetsRead.ts';
import { isHeldBy } from '../../core/scenes/lossless.ts';
import { keysNamed } from '../../core/scenes/raster/crs.ts';
import type { RasterInfo } from '../../core/scenes/raster/rasterInfo.ts';
import { csvOf } from '../../core/tables/csv.ts';
import { makeMatchTruth } from '../../core/tasks/classes.ts';
import { namesIn } from '../../core/tasks/multilabel/labelTruths.ts';
import { summaryIn } from '../../core/tasks/registry.ts';
import { shownOf } from '../../core/tasks/shownRegistry.ts';
import { chipsIn } from '../models/classifyExample.ts';
import { predictedSince } from '../runs/area.ts';
import { showProgress } from '../terminal/output.ts';

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

/** Whether a scene is several files, or one of several arrays: an Item, a folder, an archive of a raster, Zarr or HDF5. */
export const isOfParts = ({ scene: { key }, raster }: LedgerRow): boolean =>
  readsOthers(key) || (raster !== undefined && /\.(zip|tar)$/i.test(key));

/** The type of a model's bands, as all bands of a GeoTIFF have one, which holds its mask as well; null if they differ. */
export function typeOfBands({ source: { bands }, isOfPictures }: ModelPackage): DataType | null {
  const type = bands.find(({ isMask }) => !isMask)?.dataType;
  const isRead = bands.every(({ isMask, dataType }) => (isMask ? isHeldBy(dataType, type!) : dataType === type));
  return type !== undefined && isRead && !isOfPictures ? type : null;
}

/**
 * Writes a scene as a model reads it: a GeoTIFF of its source bands, by their names, in the grid of the scene's run. Where the
 * files hold no data it has the nodata value of the first band, or else 0.
 * @throws {ObjectNotFound} when files are gone, or others than those that this version has classified
 * @throws {InvalidSceneFile} when the model's bands are not all there, or make another grid
 */
export async function writeAsRaster(openScene: OpenScene, row: LedgerRow, model: ModelPackage, path: string) {
  const { key } = row.scene;
  const opened = await openScene(row.scene);
  const content = makeContentRead(key, opened, async () => {});
  let about: RasterInfo | undefined;
  const chips = chipsIn(model, { ...opened, ...content, key, tell: (raster) => (about = raster) });
  try {
    let chip = await chips.next();
    while (!chip.done && chip.value.planes.length === 0) chip = await chips.next(); // outside of its Item's area
    if (chip.done || about === undefined) throw new InvalidSceneFile(`${key}: found no chip`);
    const { width, height, transform = null, crs, wkt2 } = about;
    if (!isDeepStrictEqual(gridOf(about), gridOf(row.raster!)))
      throw new InvalidSceneFile(`${key}: the bands of ${model.version} have another grid than those classified`);
    const layers = layersOf(model, chip.value);
    await using scratch = await makeScratchFile();
    const geoKeys = crs === null ? null : await keysNamed(wkt2 ?? crs);
    const writer = makeCogWriter({ width, height, transform, geoKeys, ...layers[0]!, bands: layers }, scratch);
    async function* pieces() {
      for (; !chip.done; chip = await chips.next())
        if (chip.value.planes.length > 0) yield pieceOf(chip.value, model, layers);
    }
    await drawMap(pieces(), about, layers, new Map([['predictions', writer]]));
    // Another version may have read other files.
    if ((await content.digest()) !== row.digest && row.model.version === model.version)
      throw new ObjectNotFound(`${key}: its files are others than those that were classified.`);
    await writeFile(path, writer.finish().chunks);
  } finally {
    await chips.return(); // before the files are closed that it reads
    content.close();
    opened.close();
  }
}

const gridOf = ({ width, height, transform }: RasterInfo) => [width, height, transform];

function layersOf(model: ModelPackage, { nodataOf = [] }: Chip): Layer[] {
  const { bands } = model.source;
  const nodata = nodataOf[bands.findIndex(({ isMask }) => !isMask)] ?? 0;
  return bands.map(({ name, physical }) => ({
    ...{ map: 'predictions', description: name, dataType: typeOfBands(model)!, nodata, resampling: 'average' },
    ...(physical && { scale: 1, offset: 0 }), // they are physical values now
  }));
}

/** Returns a chip as a part of a raster, without what it is padded with. */
function pieceOf({ place, planes, nodataOf = [] }: Chip, { source }: ModelPackage, layers: readonly Layer[]): Piece {
  const window = windowOf(place)!;
  const { width, height } = window;
  const cut = planes.map((plane, band) => {
    const { dataType, nodata } = layers[band]!;
    const values = makePlane(dataType, width * height);
    for (let y = 0; y < height; y += 1)
      values.set(plane.subarray(y * source.width, y * source.width + width), y * width);
    const none = source.bands[band]!.isMask ? undefined : nodataOf[band];
    return none === nodata ? values : values.map((value) => (Object.is(value, none) ? nodata : value)); // NaN, too
  });
  return { ...window, planes: cut };
}

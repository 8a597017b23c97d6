import { InvalidSceneFile, MaskAwaited, MaskMissing } from '../../core/base/errors.ts';
import { preparedKey } from '../../core/base/keys.ts';
import { MAX_PARTS } from '../../core/base/limits.ts';
import type { ModelRef, PreprocessInput, PreprocessResult, RunRef, SceneRef } from '../../core/base/messages.ts';
import { modelId, preprocessInputSchema, runId } from '../../core/base/messages.ts';
import type { OpenedScene, OpenObject, OpenScene, WriteObject } from '../../core/base/objectStore.ts';
import { changedWhileRead } from '../../core/base/objectStore.ts';
import { type Invocation, makeStep, type Work } from '../../core/base/step.ts';
import { dayOf } from '../../core/base/time/days.ts';
import { formatsOfCounted } from '../../core/doors/formatsOf.ts';
import type { Accept } from '../../core/ledger/accept.ts';
import { type AcquisitionPorts, acquiredInRow } from '../../core/ledger/acquiredInRow.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import { keepLease } from '../../core/ledger/lease.ts';
import { hasFailedForGood, type LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { falseIfLost } from '../../core/ledger/runs.ts';
import { isRunning } from '../../core/ledger/states.ts';
import { measuresInRow } from '../../core/measures/registry.ts';
import type { MeasuredRow } from '../../core/measures/rowFields.ts';
import { chipsPerPart } from '../../core/package/bands.ts';
import { type Chip, type ModelPackage, windowOf } from '../../core/package/package.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import type { Models } from '../../core/releases/contract.ts';
import { valuesInMap } from '../../core/releases/maskModel.ts';
import { assertTaken, takersOf } from '../../core/releases/serving.ts';
import { type RemovePredictionsPorts, removePredictions } from '../../core/results/removePredictions.ts';
import { makeContentRead } from '../../core/scenes/assetsRead.ts';
import type { Format } from '../../core/scenes/formats/format.ts';
import { makePartBuilder, makePartWriter, type PartBuilder } from '../../core/scenes/partBuilder.ts';
import { type FoundChips, makeReadChips } from '../../core/scenes/readChips.ts';
import { refusedInRow } from '../../core/scenes/refusals.ts';
import { mapNames } from '../../core/tasks/registry.ts';

export type PreprocessPorts = RemovePredictionsPorts &
  MaskPorts & {
    ledger: Pick<Ledger, 'claim' | 'renew' | 'advance' | 'claimContent' | 'claimMessages'>;
    openScene: OpenScene;
    writeResult: WriteObject;
    /** The format of Zarr and HDF5, if it is read here. */
    cubeFormat?: Format;
  } & AcquisitionPorts &
  Pick<Settings, 'resultsBucket' | 'chipsPerPart' | 'sceneLimits' | 'attemptLimit' | 'leaseSeconds'>;

export const preprocessStep = (ports: PreprocessPorts) =>
  makeStep('preprocess', preprocessInputSchema, makePreprocess(ports));

type Prepared = MeasuredRow &
  Pick<LedgerRow, 'raster' | 'refused' | 'acquired' | 'maps'> & { digest: string; parts: number };

/** Streams the scene file once: checks it, drops blank chips, computes the model's bands, and writes prepared parts. */
export function makePreprocess(ports: PreprocessPorts): Work<PreprocessInput, PreprocessResult> {
  const { ledger, models, now, sceneLimits } = ports;
  /** The builder of an earlier file, if no other is using it: its arrays are as large as a part. */
  let idle: PartBuilder | undefined;

  return async ({ scene: event, execution }, invocation, log) => {
    const { scene } = event;
    log['key'] = scene.key;
    const opening = ports.openScene(scene); // concurrently with loading its model
    opening.catch(() => {}); // awaited below
    try {
      const ref = event.model ?? (await takeUp(scene));
      log['run'] = runId(scene, ref);
      const model = await models.load(ref);
      const opened = await opening;
      const { held, row } = await ledger.claim({
        scene,
        model: ref,
        execution,
        now: now(),
        leaseSeconds: ports.leaseSeconds,
        attemptLimit: ports.attemptLimit,
        fixed: { day: dayOf(opened.lastModified), chipsPerPart: chipsPerPart(model, ports.chipsPerPart) },
      });
      Object.assign(log, { attempt: row.attempt, held });
      if (!held)
        return { status: isRunning(row.state) ? 'claimed' : 'settled', run: { id: row.run }, state: row.state };
      const prepared = await prepare(row, model, opened, invocation);
      const { bands: _bands, refused, acquired, ...told } = prepared;
      Object.assign(log, { ...told, refused: refused?.count, acquired: acquired?.at }); // no more of them: they quote the file
      return await record(row, opened.size, prepared);
    } finally {
      (await opening.catch(() => undefined))?.close();
    }
  };

  /** Runs of other models are started before any work, so that a repeated step, or the sweep, starts what is missing. */
  async function takeUp(scene: SceneRef): Promise<ModelRef> {
    const [own, ...others] = assertTaken(await models.serving(), scene.key);
    for (const model of others) await ports.accept({ scene, model });
    return own;
  }

  async function prepare(row: LedgerRow, model: ModelPackage, opened: OpenedScene, invocation: Invocation) {
    const { scene } = row;
    const capacity = row.chipsPerPart!; // as when the run was first claimed
    const kept = keepLease(ports, row, new Date(row.claimedAt));
    const between = kept.between(invocation);
    let parts = 0;
    const writePart = async (part: Uint8Array) => {
      if (parts === MAX_PARTS)
        throw new InvalidSceneFile(
          `${scene.key}: found more than ${MAX_PARTS * capacity} chips to classify, which is the limit of one file. Send it in several files.`,
        );
      await kept.keep();
      await ports.writeResult(preparedKey(row.run, parts), part);
      parts += 1;
    };
    const masked = await openMask(ports, scene, model);
    const readChips = makeReadChips(masked ? { ...model, mask: masked.mask } : model, sceneLimits);
    const builder = idle?.model === model && idle.capacity === capacity ? idle! : makePartBuilder(model, capacity);
    idle = undefined;
    const part = makePartWriter(builder, writePart);
    /** An archive of a scene is read by ranges alone, for minutes. */
    const range = async (offset: number, length: number) => {
      await between();
      return opened.range(offset, length);
    };
    const content = makeContentRead(scene.key, opened, between);
    const { asset, chunks } = content;
    let isPlaced = false;
    const take = (chip: Chip) => {
      isPlaced ||= windowOf(chip.place) !== null;
      return part.add(chip);
    };
    let found: FoundChips;
    try {
      const { size, sibling } = opened;
      const claim = (ids: readonly string[]) => ledger.claimMessages(ids, row.run, row.day ?? dayOf(now()));
      const beside = { ...(sibling && { sibling }), ...(asset && { asset }), ...(masked && { mask: masked.map }) };
      const stream = { key: scene.key, size, chunks, range, claim, ...beside };
      const formats = formatsOfCounted(scene, ports.resultsBucket, ports.cubeFormat);
      found = await readChips(stream, take, formats).catch(async (error) => {
        if (!(error instanceof InvalidSceneFile)) throw error;
        // What looks broken may be half of the next version, which overwrites the one of this run.
        if (await opened.hasChanged()) throw changedWhileRead(scene.key);
        throw error;
      });
      await part.finish();
    } finally {
      await part.close();
      builder.clear();
      idle = builder;
      content.close();
    }
    const digest = await content.digest();
    const maps = isPlaced ? mapNames(model) : [];
    const { refusals, measured, times, ...others } = found;
    return {
      digest,
      ...others,
      ...measuresInRow(measured),
      ...refusedInRow(refusals),
      ...acquiredInRow(scene, times, ports),
      ...(maps.length > 0 && { maps }),
      parts,
    };
  }

  async function record(row: LedgerRow, size: number, prepared: Prepared): Promise<PreprocessResult> {
    const { digest, parts, acquired } = prepared;
    const { scene, model, attempt, execution, day = '' } = row;
    const run: RunRef = { id: row.run, scene, model, attempt, execution, digest, day, ...(acquired && { acquired }) };
    const owner = await ledger.claimContent(run);
    const at = now();
    const took = Math.max(0, at.getTime() - Date.parse(row.claimedAt)); // the clock may have been set back
    if (owner !== run.id) {
      // A lost attempt may have classified some of the chips, which a reader would count in addition to the owner's.
      if (attempt > 1) await removePredictions(ports, run, () => ledger.renew(run, now(), ports.leaseSeconds));
      const milliseconds = { preprocess: took, total: took };
      const isEnded = await ledger
        .advance(run, 'DUPLICATE', at, { size, digest, milliseconds, ...(acquired && { acquired }) })
        .then(() => true, falseIfLost);
      // Otherwise the owner has failed just now; or the claim is lost, which the next write of it finds.
      return isEnded ? { status: 'duplicate', run: { id: run.id } } : record(row, size, prepared);
    }
    const preparedAt = at.toISOString();
    await ledger.advance(run, 'PREPARED', at, { size, ...prepared, preparedAt, milliseconds: { preprocess: took } });
    if (parts === 0) return { status: 'empty', run };
    const numbers = Array.from({ length: parts }, (_, part) => part);
    return { status: 'ready', run, parts: numbers, ...(prepared.maps && { map: true }) };
  }
}

type MaskPorts = {
  ledger: Pick<Ledger, 'ofScene' | 'byRun'>;
  models: Pick<Models, 'serving' | 'load'>;
  openResult: OpenObject;
  accept: Accept;
};

/**
 * Opens the map that is a package's mask: of the other model's run of the same version of the file. There is none for chips that
 * are all blank, or that no file holds. A run that is missing is started, if that model is live. Throws `MaskAwaited` until it is
 * done, and `MaskMissing` when it has failed, cannot be started, or made no map.
 */
export async function openMask(ports: MaskPorts, scene: SceneRef, { mask }: ModelPackage) {
  if (mask?.map === undefined || doorOf(scene) !== 'file') return null;
  const { model: name, classes } = mask.map;
  const row = await runOf(ports, scene, name);
  if (row === undefined) {
    const live = takersOf(await ports.models.serving(), scene.key).find(({ model }) => model.name === name);
    const what = `${scene.key}: found no run of ${name}, whose map is the mask`;
    if (live === undefined) throw new MaskMissing(`${what}, and no live version of it that takes the file. Serve it.`);
    await ports.accept({ scene, model: live.model });
    throw new MaskAwaited(`${what}, yet.`);
  }
  const { run, state, model, error } = row;
  const what = `${scene.key}: found the run ${run} of ${modelId(model)}, whose map is the mask,`;
  // The sweep that has found an execution lost starts the run again, beside this one.
  const isLost = state === 'FAILED' && error?.name === 'ExecutionLost' && !hasFailedForGood(row);
  if (isRunning(state) || isLost) throw new MaskAwaited(`${what} ${state}.`);
  if (state === 'EMPTY') return null;
  if (state !== 'DONE') throw new MaskMissing(`${what} ${state}, allowed is DONE: ${error?.message ?? 'see that run'}`);
  if (row.maps === undefined)
    throw new MaskMissing(`${what} without a map, allowed is a raster that is not among bulk or gathered files.`);
  const values = valuesInMap(await ports.models.load(model), classes);
  const { openMap } = await import('../../core/results/maps/openMap.ts'); // few scenes need it
  const raster = await openMap(ports.openResult, row, 'predictions', 2 ** 24); // two rows of tiles of Sentinel-2's width
  return { map: { key: `the map of ${modelId(model)}`, raster }, mask: { ...mask, values } };
}

/** Returns a model's run of the file that is nearest to a map; if its bytes count as another file's, that one's. */
async function runOf({ ledger }: MaskPorts, scene: SceneRef, name: string): Promise<LedgerRow | undefined> {
  const all = (await ledger.ofScene(scene)).filter(({ model }) => model.name === name);
  const rows = all.toSorted((a, b) => (a.changed < b.changed ? -1 : 1)); // the newest last
  const row =
    rows.findLast(({ state }) => state === 'DONE') ?? rows.findLast(({ state }) => isRunning(state)) ?? rows.at(-1);
  return row?.duplicateOf !== undefined && row.state === 'DUPLICATE' ? ledger.byRun(row.duplicateOf) : row;
}

import { MaskAwaited, MaskMissing } from '../../core/base/errors.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import type { OpenObject } from '../../core/base/objectStore.ts';
import { modelId } from '../../core/base/run.ts';
import type { Accept } from '../../core/ledger/accept.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import { hasFailedForGood, type LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isRunning } from '../../core/ledger/states.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Models } from '../../core/releases/contract.ts';
import { valuesInMap } from '../../core/releases/maskModel.ts';
import { takersOf } from '../../core/releases/serving.ts';

export type MaskPorts = {
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

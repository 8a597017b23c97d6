import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Models } from '../../core/releases/contract.ts';
import { noneIfInvalid, noneIfUnusable } from '../../core/releases/models.ts';
import { Refused } from '../answer.ts';
import type { Service } from '../service.ts';

/** Reads the row of a run or of a shadow's run. Throws `Refused` with 404 if there is none. */
export async function knownRun({ ledger }: Pick<Service, 'ledger'>, run: string): Promise<LedgerRow> {
  const row = (await ledger.byRun(run)) ?? (await ledger.shadowByRun(run));
  if (row === undefined) throw new Refused(404, `The ledger has no run ${run}.`);
  return row;
}

/** The done run of a raster. Throws `Refused` with 404 for any other. */
export async function rasterRun(service: Pick<Service, 'ledger'>, run: string) {
  const row = await knownRun(service, run);
  const { state, raster } = row;
  if (raster === undefined) throw new Refused(404, `The scene of run ${run} is not a raster.`);
  if (state !== 'DONE') throw new Refused(404, `Run ${run} is ${state}: its predictions are shown once it is DONE.`);
  return { ...row, raster };
}

/** A run's package. Throws `Refused` with 404 if it is gone. */
export async function packageOfRun(models: Pick<Models, 'load'>, { model: ref }: LedgerRow): Promise<ModelPackage> {
  const model = await models.load(ref).catch(noneIfUnusable);
  if (model !== null) return model;
  throw new Refused(404, `Model ${ref.name}/${ref.version} is not in the model bucket any more.`);
}

/** The package of the live version; null if there is none, or it cannot run. */
export async function liveModel(models: Pick<Models, 'load' | 'promotion'>): Promise<ModelPackage | null> {
  const live = await models.promotion().catch(noneIfInvalid);
  return live && models.load(live).catch(noneIfUnusable);
}

import type { ModelPackage } from '../../core/package/package.ts';
import type { Models } from '../../core/releases/contract.ts';
import { noneIfInvalid, noneIfUnusable } from '../../core/releases/models.ts';

/** The package of the live version; null if there is none, or it cannot run. */
export async function liveModel(models: Pick<Models, 'load' | 'promotion'>): Promise<ModelPackage | null> {
  const live = await models.promotion().catch(noneIfInvalid);
  return live && models.load(live).catch(noneIfUnusable);
}

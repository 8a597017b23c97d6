import type { ModelRef } from '../../core/base/messages.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Models } from '../../core/releases/contract.ts';
import { noneIfInvalid, noneIfUnusable } from '../../core/releases/models.ts';

/** A model package, or null if it is missing or cannot run: the page then shows what is known without it. */
export async function packageOrNone(models: Pick<Models, 'load'>, model: ModelRef): Promise<ModelPackage | null> {
  return models.load(model).catch(noneIfUnusable);
}

export async function liveModel(models: Pick<Models, 'load' | 'promotion'>): Promise<ModelPackage | null> {
  const live = await models.promotion().catch(noneIfInvalid);
  return live && packageOrNone(models, live);
}

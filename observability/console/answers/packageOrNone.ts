import { InvalidModelPackage, ObjectNotFound } from '../../../functions/shared/errors.ts';
import type { ModelRef } from '../../../functions/shared/messages.ts';
import type { ModelPackage } from '../../../functions/shared/model/package.ts';
import type { Models } from '../../../functions/shared/models.ts';

/** A model package, or null where it is not there or cannot run: what is known without it is shown all the same. */
export async function packageOrNone(models: Pick<Models, 'load'>, model: ModelRef): Promise<ModelPackage | null> {
  try {
    return await models.load(model);
  } catch (error) {
    if (error instanceof InvalidModelPackage || error instanceof ObjectNotFound) return null;
    throw error;
  }
}

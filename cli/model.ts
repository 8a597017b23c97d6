import { fileURLToPath } from 'node:url';
import type { ModelRef } from '../functions/shared/messages.ts';
import { makeModels } from '../functions/shared/models.ts';
import type { DataFolder } from '../local/dataFolder.ts';
import { readFromFolder } from '../local/folderBucket.ts';
import { promoteModel, publishModel } from '../local/models.ts';
import { readParameters } from '../local/service.ts';

/** The package that comes with the project. */
const BUNDLED = fileURLToPath(new URL('../models/droughtwatch-baseline/1.0.0', import.meta.url));

/** The promoted model version; on a new data folder, the bundled package is published and promoted first, as of `at`. */
export async function promotedModel(folder: DataFolder, at: Date): Promise<ModelRef> {
  const models = makeModels(readFromFolder(folder.models), String(readParameters()['modelName']));
  const promoted = await models.promotedOrNone();
  if (promoted !== null) return promoted;
  const bundled = await publishModel(folder.models, BUNDLED);
  await promoteModel(folder.models, bundled, at);
  return bundled;
}

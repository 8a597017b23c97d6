import { fileURLToPath } from 'node:url';
import type { ModelRef } from '../core/messages.ts';
import { makeModels } from '../core/models/models.ts';
import { makePromotions } from '../core/models/promotions.ts';
import { readParameters } from '../deployment/defaults.ts';
import type { DataFolder } from '../local/dataFolder.ts';
import { folderBucket } from '../local/folderBucket.ts';
import { publishModel } from './publishModel.ts';
import { tryModel } from './tryModel.ts';

/** The package that comes with the project. */
const BUNDLED = fileURLToPath(new URL('../models/droughtwatch-baseline/1.0.0', import.meta.url));

/** The promoted model version; on a new data folder, the bundled package is published and promoted first, as of `at`. */
export async function promotedModel({ models: folder }: Pick<DataFolder, 'models'>, at: Date): Promise<ModelRef> {
  const bucket = folderBucket(folder);
  const promoted = await makeModels(bucket.read, String(readParameters()['modelName'])).promotedOrNone();
  if (promoted !== null) return promoted;
  const { name, version } = await publishModel(bucket, BUNDLED);
  await makePromotions(bucket, name, tryModel).promote(version, at);
  return { name, version };
}

import { existsSync } from 'node:fs';
import type { ModelRef } from '../../core/base/messages.ts';
import { isSafeName } from '../../core/base/names.ts';
import type { Bucket } from '../../core/base/objectStore.ts';
import { changeServing } from '../../core/releases/changeServing.ts';
import { makeModels } from '../../core/releases/models.ts';
import { withFirst } from '../../core/releases/serving.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import type { DataFolder } from '../../local/stack/dataFolder.ts';
import { ownModel } from '../../local/stack/ownModel.ts';
import { userHere } from '../../local/stack/userHere.ts';
import { commandFor } from '../service/where.ts';
import { printable, WrongUse } from '../terminal/output.ts';
import { bundledModel, bundledNames, FIRST_BUNDLED } from './bundled.ts';

/** Makes a model the one that classifies in a data folder: a package to promote, one promoted there before, or a bundled one. */
export async function serveModel(folder: DataFolder, asked: string): Promise<void> {
  const bucket = folderBucket(folder.models);
  const models = makeModels(bucket.read, ownModel(folder.models));
  const wasPromoted = async (name: string) => isSafeName(name) && (await models.promotion(name)) !== null;
  const source = existsSync(asked) ? asked : (await wasPromoted(asked)) ? undefined : bundledModel(asked)?.folder;
  const name = source === undefined ? asked : (await promoteFolder(bucket, source)).name;
  if (!(await wasPromoted(name)))
    throw new WrongUse(
      `${printable(asked)} is neither a folder, nor a model that was promoted in ${folder.path} before, nor one that comes with Swath (${bundledNames.join(', ')}). Name the folder of a package, or: ${commandFor({ dataDir: folder.path }, 'model list')}`,
    );
  await changeServing(bucket, models, ownModel(folder.models), (all) => withFirst(all, name, new Date()));
}

/** Publishes and promotes a package. Most data folders have a promoted one, so the modules for this are loaded on demand. */
async function promoteFolder(bucket: Bucket, folder: string, at = new Date()): Promise<ModelRef> {
  const [{ publishModel }, { makePromotions }, { tryModel }] = await Promise.all([
    import('./publishModel.ts'),
    import('../../core/releases/promotions.ts'),
    import('./tryModel.ts'),
  ]);
  const { name, version } = await publishModel(bucket, folder);
  await makePromotions(bucket, name, tryModel).promote(version, at, { by: userHere() });
  return { name, version };
}

/** The promoted model version. In a new data folder, the bundled package is published and promoted first, as of `at`. */
export async function promotedModel({ models: folder }: Pick<DataFolder, 'models'>, at: Date): Promise<ModelRef> {
  const bucket = folderBucket(folder);
  const promoted = await makeModels(bucket.read, ownModel(folder)).promotion();
  return promoted ?? promoteFolder(bucket, FIRST_BUNDLED.folder, at);
}

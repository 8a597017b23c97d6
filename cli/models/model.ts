import { existsSync } from 'node:fs';
import type { Service } from '../../console/service.ts';
import { NoModelPromoted } from '../../core/base/errors.ts';
import { promotedKey, SERVING_KEY } from '../../core/base/keys.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import { isSafeName } from '../../core/base/names.ts';
import type { Bucket } from '../../core/base/objectStore.ts';
import { changeServing } from '../../core/releases/changeServing.ts';
import { makeModels } from '../../core/releases/models.ts';
import { withFirst } from '../../core/releases/serving.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { type DataFolder, dataFolderAt, isDataFolder, openDataFolder } from '../../local/stack/dataFolder.ts';
import { ownModel } from '../../local/stack/ownModel.ts';
import { userHere } from '../../local/stack/userHere.ts';
import { commandFor, type Where } from '../service/where.ts';
import { printable, WrongUse } from '../terminal/output.ts';
import { bundledModel, bundledNames, FIRST_BUNDLED } from './bundled.ts';

/** Makes a model the one that classifies in a data folder: a package to promote, one promoted there before, or a bundled one. */
export async function serveModel(folder: DataFolder, asked: string): Promise<void> {
  const bucket = folderBucket(folder.models);
  const source = await packageOf(folder, asked);
  const name = source === undefined ? asked : (await promoteFolder(bucket, source)).name;
  const models = makeModels(bucket.read, ownModel(folder.models));
  await changeServing(bucket, models, ownModel(folder.models), (all) => withFirst(all, name, new Date()));
}

/** Throws if no model can be had by this name, or from this package, while there is no data folder yet: none is made for it. */
export async function checkForNewFolder(dataDir: string, asked: string): Promise<void> {
  if (isDataFolder(dataDir)) return;
  const source = await packageOf(dataFolderAt(dataDir), asked);
  if (source !== undefined) await (await import('./publishModel.ts')).checkPackageFolder(source);
}

/** The folder of a package, or of a bundled model. Returns undefined for the name of a model that was promoted in the data folder. */
export async function packageOf(folder: DataFolder, asked: string): Promise<string | undefined> {
  if (existsSync(asked)) return asked;
  const { promotion } = makeModels(folderBucket(folder.models).read, ownModel(folder.models));
  if (isSafeName(asked) && (await promotion(asked)) !== null) return undefined;
  const bundled = bundledModel(asked)?.folder;
  if (bundled !== undefined) return bundled;
  throw new WrongUse(
    `${printable(asked)} is neither a folder, nor a model that was promoted in ${folder.path} before, nor one that comes with Swath (${bundledNames.join(', ')}). Name the folder of a package, or: ${commandFor({ dataDir: folder.path }, 'model list')}`,
  );
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

/** A model version that classifies what comes in now, by whichever door. In a new data folder, the bundled one is promoted first. */
export async function modelOf({ models, parameters, stage, now }: Service, where: Where): Promise<ModelRef> {
  if (where.stage === undefined) return promotedModel(openDataFolder(where.dataDir), now());
  const [first] = (await models.serving()).live;
  if (first !== undefined) return first.model;
  throw new NoModelPromoted(
    `no version of the model ${parameters.modelName} is promoted on the stage ${stage}, so nothing can be classified there. ` +
      `Publish and promote one: ${commandFor(where, 'model publish FOLDER --promote')}`,
  );
}

/** The first live model's version. In a new data folder, the bundled package is published and promoted first, as of `at`. */
export async function promotedModel(folder: Pick<DataFolder, 'path' | 'models'>, at: Date): Promise<ModelRef> {
  const bucket = folderBucket(folder.models);
  const name = ownModel(folder.models);
  const { live, waiting } = await makeModels(bucket.read, name).serving();
  if (live[0] !== undefined) return live[0].model;
  const keys = await bucket.list('');
  if (!keys.some((key) => key === SERVING_KEY || key.endsWith(promotedKey(''))))
    return promoteFolder(bucket, FIRST_BUNDLED.folder, at);
  const { error } = waiting[0]!; // a bundled one that is promoted beside it would classify nothing
  if (!(error instanceof NoModelPromoted)) throw error;
  const how = commandFor({ dataDir: folder.path }, `model promote ${name}/VERSION`);
  throw new NoModelPromoted(`${error.message} Promote one: ${how}`);
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { keepPromise } from '../../core/base/concurrency/keepPromise.ts';
import { ObjectNotFound } from '../../core/base/errors.ts';
import { packageKey } from '../../core/base/keys.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import type { OnlineModelsPorts } from '../../core/doors/online/onlineModels.ts';
import { livingAs, makeModels, namesIn, versionsIn } from '../../core/releases/models.ts';
import { EVERY_KEY } from '../../core/releases/serving.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { ownModel } from '../../local/stack/ownModel.ts';
import { WrongUse } from '../terminal/failure.ts';
import { inOrder } from './publishedVersions.ts';

/**
 * The models of a folder: one package, or packages as `name/version`, as in the project's folder `models` and in a data
 * folder. The promoted version of each name is live, or the latest if none is promoted.
 */
export async function modelsIn(folder: string): Promise<OnlineModelsPorts> {
  if (existsSync(join(folder, 'item.json'))) return onePackage(folder);
  const { read, list } = folderBucket(folder);
  const listVersions = async (name: string) => inOrder(await versionsIn(list)(name));
  if ((await namesIn(list)).length === 0)
    throw new WrongUse(
      `${folder}: found no model package, allowed is the folder of one (with item.json in it), or a folder of packages as name/version/item.json.`,
    );
  const models = makeModels(read, ownModel(folder));
  const promotion: OnlineModelsPorts['models']['promotion'] = async (name = ownModel(folder)) => {
    const promoted = await models.promotion(name);
    const latest = (await listVersions(name)).at(-1);
    return promoted ?? (latest === undefined ? null : livingAs({ name, version: latest }));
  };
  return {
    models: {
      ...models,
      promotion,
      serving: async () => {
        const found = await Promise.all((await namesIn(list)).map((name) => promotion(name)));
        const live = found.flatMap((one) => (one === null ? [] : [liveModel(one)]));
        return { live, waiting: [] };
      },
    },
    listVersions,
  };
}

async function onePackage(folder: string): Promise<OnlineModelsPorts> {
  const { read } = folderBucket(folder);
  const { name, version } = await readModelPackage(read);
  const own = { name, version };
  const fileOf = (model: ModelRef) => (file: string, limit?: number) => {
    if (model.name === name && model.version === version) return read(file, limit);
    return Promise.reject(new ObjectNotFound(packageKey(model, file)));
  };
  return {
    models: {
      fileOf,
      load: keepPromise((model) => readModelPackage(fileOf(model))),
      promotion: async (of = name) => (of === name ? livingAs(own) : null),
      serving: async () => ({ live: [liveModel(own)], waiting: [] }),
    },
    listVersions: async (of) => (of === name ? [version] : []),
  };
}

const liveModel = ({ name, version }: ModelRef) => ({ model: { name, version }, accepts: EVERY_KEY, since: null });

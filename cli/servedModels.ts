import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ObjectNotFound } from '../core/errors.ts';
import { packageKey } from '../core/keys.ts';
import type { ModelRef } from '../core/messages.ts';
import { keepPromise, livingAs, makeModels } from '../core/models/models.ts';
import { readModelPackage } from '../core/models/readPackage.ts';
import { EVERY_KEY } from '../core/models/serving.ts';
import type { OnlineModelsPorts } from '../core/online/onlineModels.ts';
import { folderBucket } from '../local/folderBucket.ts';
import { ownModel } from '../local/ownModel.ts';
import { WrongUse } from './failure.ts';

/**
 * The models of a folder: one package, or packages as `name/version`, as in the project's folder `models` and in a data
 * folder. The promoted version of each name is live, or the latest if none is promoted.
 */
export async function modelsIn(folder: string): Promise<OnlineModelsPorts> {
  if (existsSync(join(folder, 'item.json'))) return onePackage(folder);
  const { read, list } = folderBucket(folder);
  const versions = versionsIn(await list(''));
  if (versions.size === 0)
    throw new WrongUse(
      `${folder}: found no model package, allowed is the folder of one (with item.json in it), or a folder of packages as name/version/item.json.`,
    );
  const models = makeModels(read, ownModel(folder));
  const promotion: OnlineModelsPorts['models']['promotion'] = async (name = ownModel(folder)) => {
    const promoted = await models.promotion(name);
    const latest = versionsIn(await list(`${name}/`))
      .get(name)
      ?.at(-1);
    return promoted ?? (latest === undefined ? null : livingAs({ name, version: latest }));
  };
  return {
    models: {
      ...models,
      promotion,
      serving: async () => {
        const names = [...versionsIn(await list('')).keys()];
        const found = await Promise.all(names.map((name) => promotion(name)));
        const live = found.flatMap((one) => (one === null ? [] : [liveModel(one)]));
        return { live, waiting: [] };
      },
    },
    listVersions: async (name) => versionsIn(await list(`${name}/`)).get(name) ?? [],
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

function liveModel({ name, version }: ModelRef) {
  return { model: { name, version }, accepts: EVERY_KEY, since: null };
}

/** Sorts versions numerically, the earliest first. */
function versionsIn(keys: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const key of keys) {
    const [name, version, file, ...more] = key.split('/');
    if (file !== 'item.json' || more.length > 0) continue;
    found.set(name!, [...(found.get(name!) ?? []), version!].sort(order.compare));
  }
  return found;
}

const order = new Intl.Collator('en', { numeric: true });

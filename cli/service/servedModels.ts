import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ObjectNotFound } from '../../core/base/errors.ts';
import { packageKey, SERVING_KEY } from '../../core/base/keys.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import type { Bucket } from '../../core/base/objectStore.ts';
import type { OnlineModelsPorts } from '../../core/doors/online/onlineModels.ts';
import { livingAs, makeModels, namesIn, versionsIn } from '../../core/releases/models.ts';
import { EVERY_KEY } from '../../core/releases/serving.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { ownModel } from '../../local/stack/ownModel.ts';
import { WrongUse } from '../terminal/output.ts';
import { inOrder } from './publishedVersions.ts';

/** The models of a folder, one package or packages as `name/version`. Of each, the promoted version is live, or else the latest; of a service, what it says. */
export async function modelsIn(folder: string, ofService = existsSync(join(folder, SERVING_KEY))) {
  const isOne = existsSync(join(folder, 'item.json'));
  const { read, list } = isOne ? await bucketOfOne(folder) : folderBucket(folder);
  const listVersions = async (name: string) => inOrder(await versionsIn(list)(name));
  const [first] = await namesIn(list);
  if (first === undefined)
    throw new WrongUse(
      `${folder}: found no model package, allowed is the folder of one (with item.json in it), or a folder of packages as name/version/item.json.`,
    );
  const own = isOne ? first : ownModel(folder);
  const models = makeModels(read, own);
  if (ofService) return { models, listVersions };
  const promotion: OnlineModelsPorts['models']['promotion'] = async (name = own) => {
    const latest = (await listVersions(name)).at(-1);
    return (await models.promotion(name)) ?? (latest === undefined ? null : livingAs({ name, version: latest }));
  };
  return {
    models: {
      ...models,
      promotion,
      serving: async () => {
        const found = await Promise.all((await namesIn(list)).map((name) => promotion(name)));
        return { live: found.flatMap((one) => (one === null ? [] : [liveModel(one)])), waiting: [] };
      },
    },
    listVersions,
  };
}

/** The folder of one package as a bucket, in which it lies under its name and version. */
async function bucketOfOne(folder: string): Promise<Pick<Bucket, 'read' | 'list'>> {
  const { read } = folderBucket(folder);
  const within = packageKey(await readModelPackage(read), '');
  return {
    read: async (key, limit) => {
      if (!key.startsWith(within)) throw new ObjectNotFound(`${key} does not exist.`);
      return read(key.slice(within.length), limit);
    },
    list: async (prefix) => [`${within}item.json`].filter((key) => key.startsWith(prefix)),
  };
}

const liveModel = ({ name, version }: ModelRef) => ({ model: { name, version }, accepts: EVERY_KEY, since: null });

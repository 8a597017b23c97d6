import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeReadUrl } from '../../aws/readUrl.ts';
import { insteadOf, ObjectNotFound } from '../../core/base/errors.ts';
import { packageKey, SERVING_KEY } from '../../core/base/keys.ts';
import { SCENE_LIMITS } from '../../core/base/limits.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import type { Bucket } from '../../core/base/objectStore.ts';
import { readNoImage } from '../../core/doors/online/inboxImage.ts';
import type { OnlineModelsPorts } from '../../core/doors/online/onlineModels.ts';
import { livingAs, makeModels, namesIn, versionsIn } from '../../core/releases/models.ts';
import { EVERY_KEY } from '../../core/releases/serving.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { ownModel } from '../../local/stack/ownModel.ts';
import { followKeys } from '../../server/keys.ts';
import { portsFrom } from '../../server/listen.ts';
import { checkSameMachine, isLoopback } from '../../server/loopback.ts';
import { startPredictionServer } from '../../server/predictionServer.ts';
import { inOrder } from '../service/publishedVersions.ts';
import { type ServedModels, serviceModels } from '../service/serviceModels.ts';
import type { Where } from '../service/where.ts';
import { stopOnInterrupt } from '../terminal/interrupt.ts';
import { bold, dim, print, printable, sentenceOf, WrongUse } from '../terminal/output.ts';

type Options = Where & {
  models?: string;
  port?: number;
  host: string;
  keyFile?: string;
  key: boolean;
  threads?: number;
  maxBatch: number;
  urlHosts?: string[];
};

/** Where Amazon SageMaker puts a container's model. No other machine reaches that container. */
const SAGEMAKER_MODEL = '/opt/ml/model';
const IN_SAGEMAKER = { models: SAGEMAKER_MODEL, host: '0.0.0.0', port: 8080, key: false };

export async function serve(given: Options): Promise<void> {
  const isOther = (given.models ?? given.stage ?? given.keyFile) !== undefined;
  const options = !isOther && existsSync(join(SAGEMAKER_MODEL, 'item.json')) ? { ...given, ...IN_SAGEMAKER } : given;
  const { host, port, keyFile, json } = options;
  if (keyFile === undefined && options.key && !isLoopback(host))
    throw new WrongUse(
      `--host ${host} accepts other machines. Name a file of keys (--key-file), or say that no key is needed (--no-key).`,
    );
  const { close, ...models } = await modelsFor(options);
  const tell = (error: unknown) => console.error(`swath: ${printable(sentenceOf(error))}`);
  const server = await startPredictionServer({
    ...models,
    host,
    ports: port === undefined ? portsFrom(8080) : [port],
    maxBatch: options.maxBatch,
    ...(options.threads !== undefined && { threads: options.threads }),
    ...(await checkFor(options, tell)),
    readUrl: makeReadUrl({ hosts: options.urlHosts ?? [] }),
    onError: tell,
  });
  const { live } = await models.models.serving();
  const names = live.map(({ model: { name, version } }) => `${name} ${version}`);
  const by = printable(names.join(', ') || 'no model: none is live');
  const said = `Predictions are served at ${bold(server.url)} by ${by}.\n${dim('Ctrl-C stops.')}`;
  print(json, { url: server.url, live: names }, () => said);
  const { stopped } = stopOnInterrupt();
  await new Promise<void>((resolve) => stopped.addEventListener('abort', () => resolve(), { once: true }));
  await server.close();
  await close();
}

/** Who may send requests: holders of a key, or this machine. */
async function checkFor({ keyFile, host }: Options, tell: (news: string) => void) {
  if (keyFile === undefined) return isLoopback(host) ? { check: checkSameMachine } : {};
  const none = 'found no file, allowed is a file with one key on each line. Without keys: --no-key.';
  const read = () => readFile(keyFile, 'utf8').catch(insteadOf('ENOENT', () => new Error(none)));
  const wrong = insteadOf(Error, (error) => new WrongUse(`--key-file ${printable(keyFile)}: ${sentenceOf(error)}`));
  return { check: await followKeys(read, tell).catch(wrong), needsKey: true as const };
}

async function modelsFor(options: Options): Promise<ServedModels & { close: () => Promise<void> }> {
  const { models, stage, dataDir, ...account } = options;
  if (models !== undefined && stage !== undefined)
    throw new WrongUse('--models and --stage: found both, allowed is one of them.');
  if (stage !== undefined) {
    const { openStage } = await import('../service/stage.ts');
    const service = await openStage(stage, account);
    return { ...serviceModels(service), close: service.close };
  }
  if (models !== undefined && !existsSync(models))
    throw new WrongUse(`--models: found no folder ${printable(models)}.`);
  const own = join(dataDir, 'models');
  const { MODELS } = await import('../models/bundled.ts');
  if (models === undefined && !existsSync(own))
    console.error(`swath: ${printable(dataDir)} is no data folder: the bundled models are served.`);
  const ofFolder = await (models === undefined && existsSync(own) ? modelsIn(own, true) : modelsIn(models ?? MODELS));
  return { ...ofFolder, readFile: readNoImage, maxImageBytes: SCENE_LIMITS.maxRecordBytes, close: async () => {} };
}

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

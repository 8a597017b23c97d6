import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { STAGE_FUNCTIONS } from '../core/base/functions.ts';
import { type FakeAws, type Observe, startFakeAws } from '../test/packaged/fakeAws.ts';
import { functionIn } from '../test/packaged/functions.ts';
import { packageService } from '../test/packaged/package.ts';
import { unzip } from '../test/packaged/zip.ts';
import { PACKAGE } from './bundledModel.ts';
import { bringIn, type Place, startCold } from './coldStart.ts';
import { MODEL } from './memoryPorts.ts';
import { startWarm } from './warmFunction.ts';

/** The functions of every stage, the one that gathers what arrives, and those that answer over HTTP. */
const PACKAGED = [...STAGE_FUNCTIONS, 'collect', 'predict', 'catalogue'] as const;
/** The bundled model of texts. */
export const TEXTS = { name: 'spam', version: '1.0.0' };
export type PackagedFunction = (typeof PACKAGED)[number];

/** A function as it deploys: its artifact's size, and where it has been unzipped. */
type Unzipped = { folder: string; zippedBytes: number; unzippedBytes: number; handler: string };

/** What `sls package` makes, each artifact unzipped into an empty folder, before a stand-in for AWS of this process. */
export async function startPackagedService(temporary: string, cores: readonly number[], observe?: Observe) {
  const packaged = await packageService({ arrivalsWindowSeconds: '60', requests: 'true', api: 'true' });
  const { template } = packaged;
  const aws = await startFakeAws(template, () => true, observe);
  const environment = functionIn(template, 'infer').Environment.Variables;
  const { INBOX_BUCKET: inbox = '', MODELS_BUCKET: models = '' } = environment;
  await publish(aws, models);
  const functions = new Map<PackagedFunction, Unzipped>();
  for (const name of PACKAGED) {
    const folder = join(temporary, 'functions', name);
    const zip = await packaged.artifact(name);
    await mkdir(folder, { recursive: true });
    await unzip(zip, folder);
    const unzippedBytes = await bytesIn(folder);
    await bringIn('packaged', folder);
    const handler = handlerIn(folder, functionIn(template, name).Handler);
    functions.set(name, { folder, zippedBytes: zip.length, unzippedBytes, handler });
  }

  function placeOf(name: PackagedFunction): Place {
    const env = {
      ...functionIn(template, name).Environment.Variables,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: name,
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: aws.endpoint,
    };
    return { cores, folder: functions.get(name)!.folder, env };
  }

  function invokeCold(name: PackagedFunction, message: unknown) {
    const { handler } = functions.get(name)!;
    return startCold('packaged', [handler, JSON.stringify(message)], placeOf(name));
  }

  /** Starts the function as a process that stays. */
  function warm(name: PackagedFunction) {
    return startWarm(functions.get(name)!.handler, placeOf(name));
  }

  /** A new object in the inbox, which has come just now, or then. */
  function drop(key: string, bytes: Uint8Array, modified = new Date()) {
    aws.objects.get(inbox)!.set(`${key}#v1`, { bytes, modified });
    return { bucket: inbox, key, versionId: 'v1' };
  }

  return { aws, template, environment, functions, invokeCold, warm, drop, close: aws.close };
}

async function publish({ objects }: FakeAws, bucket: string): Promise<void> {
  const put = (key: string, bytes: Uint8Array) => objects.get(bucket)!.set(key, { bytes, modified: new Date() });
  for (const [{ name, version }, folder] of [
    [MODEL, PACKAGE],
    [TEXTS, new URL(`../models/${TEXTS.name}/${TEXTS.version}`, import.meta.url).pathname],
  ] as const) {
    for (const file of await readdir(folder)) put(`${name}/${version}/${file}`, await readFile(join(folder, file)));
    put(`${name}/promoted.json`, Buffer.from(JSON.stringify({ version })));
  }
}

/** The file of `functions/infer/handler.handler`, whichever kind of module it is. */
function handlerIn(folder: string, handler: string): string {
  const path = handler.replace(/\.\w+$/, '');
  const found = ['.cjs', '.mjs', '.js']
    .map((ending) => `./${path}${ending}`)
    .find((one) => existsSync(join(folder, one)));
  if (found === undefined) throw new Error(`The artifact has no file for its handler ${handler}.`);
  return found;
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ parentPath, name }) => stat(join(parentPath, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

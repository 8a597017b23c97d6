import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import { AlreadyExistsException, type CreatePartitionCommandInput } from '@aws-sdk/client-glue';
import { registerPartitionIn } from '../../aws/partitions.ts';
import { keepPromise } from '../../core/base/concurrency/keepPromise.ts';
import { EndpointUnavailable, ObjectNotFound } from '../../core/base/errors.ts';
import type { Executions } from '../../core/base/executions.ts';
import type { EmbeddedFunction } from '../../core/base/functions.ts';
import { shadowKey } from '../../core/base/keys.ts';
import { sceneId } from '../../core/base/messages.ts';
import type {
  FindObject,
  ListedScene,
  ListScenes,
  ListVersions,
  LookUpScenes,
  OpenScene,
  ReadObject,
  ReadPiece,
  ReadRange,
  ReadVersion,
  RemoveVersion,
  ReplaceVersion,
  WriteObject,
  WriteStream,
} from '../../core/base/objectStore.ts';
import type { Invocation } from '../../core/base/step.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeAccept } from '../../core/ledger/accept.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { Publish } from '../../core/metrics/metrics.ts';
import { readSettings, type Settings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import type { Deflate } from '../../core/results/maps/cog/tile.ts';
import { rangesIn } from '../../core/scenes/rangesIn.ts';
import { readParameters } from '../../deployment/defaults.ts';
import { collectStep } from '../../functions/collect/collect.ts';
import type { RequestQueue } from '../../functions/collect/requests.ts';
import { discoverStep } from '../../functions/discover/discover.ts';
import { driftStep } from '../../functions/drift/drift.ts';
import { inferStep } from '../../functions/infer/infer.ts';
import { mosaicStep } from '../../functions/mosaic/mosaic.ts';
import { preprocessStep } from '../../functions/preprocess/preprocess.ts';
import { reportStep } from '../../functions/report/reportStep.ts';
import { settleStep } from '../../functions/settle/settle.ts';
import { INBOX } from '../../local/buckets/inbox.ts';
import { executionArn } from '../../local/stack/arns.ts';
import { environmentOf } from '../../local/stack/stack.ts';
import type { Report } from '../../report/report.ts';
import { makeMemoryScratch } from '../maps/memoryScratch.ts';
import { makeSimulatedInference } from './model.ts';
import { COUNTS_URL, QUEUE_URL } from './requests.ts';
import { TableClient } from './table.ts';
import type { Worker, World } from './world.ts';

export type Step = (message: unknown, invocation: Invocation) => Promise<unknown>;

/** Bytes that come at once from a file: a chip or two. */
const CHUNK = 160;
/** Chips in a part, so that small files have several. */
const CHIPS_PER_PART = 2;
/** Files in a batch, so that a few of them have several. */
const FILES_PER_BATCH = 3;

export const SETTINGS: Settings = readSettings(
  environmentOf({ ...readParameters(), chipsPerPart: CHIPS_PER_PART, filesPerBatch: FILES_PER_BATCH }),
);

/** Starts executions and says how they stand; the machine is not known where this is needed first. */
export type Machine = { start: Executions['start']; describe: Executions['describe'] };

/** What becomes of a request on its way to the tables. */
export type Request = (input: object) => object;

/** What stands between the work and the simulated world, for whichever worker is at work: the same ports as in a handler. */
export function makePorts(
  world: World,
  machine: Machine,
  settings: Settings,
  worker: () => Worker,
  request: Request = (input) => input,
) {
  const { call, schedule } = world;
  const tables = new TableClient((command, sent) => {
    const input = request(ofOneTable(sent as object));
    const { TableName } = input as { TableName: string };
    const port = `${TableName}.${command.replace('Command', '').toLowerCase()}`;
    return call(worker(), port, () => world.tables.act(command, input), { about: () => aboutTable(input as never) });
  });
  const ledger = makeLedger(tables, settings.ledgerTable, settings.requestDays);
  const metrics = makeMetricsTable(tables, settings.metricsTable);
  const ask = <Value>(port: string, about: string, effect: () => Value | Promise<Value>) =>
    call(worker(), port, effect, { about: () => about });
  const there = <Value>(key: string, found: Value | undefined): Value => {
    if (found === undefined) throw new ObjectNotFound(`${key} does not exist.`);
    return found;
  };
  const readFrom =
    (bucket: 'results' | 'models'): ReadObject =>
    (key) =>
      ask(`${bucket}.read`, key, () => there(key, world[bucket].get(key)));
  const writeResult: WriteObject = (key, bytes) =>
    ask('results.write', key, () => void world.results.write(key, bytes.slice()));
  const writeStream: WriteStream = async (key, { chunks }) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of chunks) pieces.push(piece);
    const version = await ask('results.writeStream', key, () => world.results.write(key, Buffer.concat(pieces)));
    return { key, version };
  };
  const listVersions: ListVersions = (prefix) => ask('results.versions', prefix, () => world.results.versions(prefix));
  const removeVersion: RemoveVersion = (version) =>
    ask('results.remove', `${version.key}, ${version.version}`, () => world.results.remove(version));
  const readPiece: ReadPiece = (key, offset, length) =>
    ask('results.readPiece', `${key} from ${offset}`, () =>
      there(key, world.results.get(key)).slice(offset, offset + length),
    );
  const readVersion: ReadVersion = (key) => ask('results.readVersion', key, () => world.results.current(key) ?? null);
  const replaceVersion: ReplaceVersion = (key, bytes, version) =>
    ask('results.replace', `${key}, if it is ${version}`, () => world.results.replace(key, bytes.slice(), version));
  const publish: Publish = (datums) => ask('publish', '', () => world.publish(datums));
  const executions: Executions = {
    start: (name, input) => ask('executions.start', name, () => machine.start(name, input)),
    describe: (execution) => ask('executions.describe', execution, () => machine.describe(execution)),
    arnOf: executionArn,
  };
  const openScene: OpenScene = (scene) => (scene.bucket === INBOX ? openInInbox(scene) : openInResults(scene));
  const openInInbox: OpenScene = (scene) =>
    ask('inbox.open', scene.key, () => {
      const version = world.inbox.find(scene);
      return {
        size: version.bytes.length,
        lastModified: world.inbox.cameAt(version),
        chunks: chunksOf(scene),
        range: rangesIn(version.bytes),
        close: () => {},
        hasChanged: (digest?: string) =>
          ask('inbox.hasChanged', '', () => world.inbox.hasChanged(version, scene, digest)),
      };
    });
  /** A request as it is kept, of which there is one version. */
  const openInResults: OpenScene = ({ key }) =>
    ask('results.open', key, () => {
      const { bytes, lastModified } = there(key, world.results.find(key));
      const chunks = (async function* () {
        yield await ask('results.chunk', '', () => bytes);
      })();
      const rest = { range: rangesIn(bytes), close: () => {}, hasChanged: async () => false };
      return { size: bytes.length, lastModified: new Date(lastModified), chunks, ...rest };
    });
  async function* chunksOf(scene: Parameters<OpenScene>[0]) {
    const opened = world.inbox.find(scene).bytes;
    for (let at = 0; ; at += CHUNK) {
      const chunk = await ask('inbox.chunk', `${scene.key} from ${at}`, () => {
        // A file of a folder that is written over in place changes under its reader.
        const bytes = world.storage === 's3' ? opened : (world.inbox.current(scene.key)?.bytes ?? opened);
        return bytes.slice(at, at + CHUNK);
      });
      if (chunk.length === 0) return;
      yield chunk;
    }
  }
  const readRange: ReadRange = (scene, offset, length) =>
    ask('inbox.range', '', () => {
      const found = world.inbox.find(scene);
      if (found.scene.versionId !== scene.versionId) throw new ObjectNotFound(`${scene.key} is another file now.`);
      return found.bytes.slice(offset, offset + length);
    });
  const listScenes: ListScenes = (_cursor, { prefix = '', except = '-' } = {}) =>
    ask('inbox.list', '', () => ({
      scenes: world.inbox.list().filter(({ key }) => key.startsWith(prefix) && !key.startsWith(except)),
      cursor: null,
    }));
  const lookUpScenes: LookUpScenes = (scenes) =>
    ask('inbox.lookUp', '', () => {
      const ids = new Set(scenes.map(sceneId));
      return world.inbox.list().filter((scene) => ids.has(sceneId(scene)));
    });
  const findObject: FindObject = ({ bucket, key, versionId }) =>
    ask(`${bucket}.find`, key, () => {
      const inInbox = () => {
        const wanted = versionId ?? world.inbox.current(key)?.scene.versionId;
        return world.inbox.list().findLast((one) => one.key === key && one.versionId === wanted);
      };
      const { bytes: _, ...found } = { bytes: null, ...(bucket === INBOX ? inInbox() : world.results.find(key)) };
      return 'key' in found ? (found as ListedScene) : 'missing';
    });
  const queueOf = (own: 'requests' | 'counts'): RequestQueue => ({
    url: own === 'requests' ? QUEUE_URL : COUNTS_URL,
    send: (url, body, delaySeconds) =>
      ask(url === QUEUE_URL || url === COUNTS_URL ? 'requests.send' : 'answers.send', body.slice(0, 400), () =>
        world.requests!.send(url, body, delaySeconds),
      ),
    bury: (body, reason) => ask('requests.bury', reason.slice(0, 160), () => world.requests!.bury(body, reason, own)),
  });
  const glue = {
    send: ({ input }: { input: CreatePartitionCommandInput }) =>
      ask('glue.createPartition', '', () => {
        const location = String(input.PartitionInput?.StorageDescriptor?.Location);
        if (world.partitions.has(location)) throw new AlreadyExistsException({ $metadata: {}, message: location });
        world.partitions.add(location);
      }),
  };
  // Nobody tries a version here, and few have a shadow, so to ask costs no request; else each seed would play other cases than it did.
  const ofBucket = makeModels(readFrom('models'), settings.modelName);
  const shadow: typeof ofBucket.shadow = async (name = settings.modelName) =>
    world.models.has(shadowKey(name)) ? ofBucket.shadow(name) : null;
  const models = { ...ofBucket, shadow, isTrial: async () => false };
  const classifier = keepPromise(async (ref) => {
    const model = await models.load(ref);
    await models.fileOf(ref)(model.artifact.file);
    return makeSimulatedInference(model, (go) =>
      call(worker(), 'classify', () => {
        if (world.isModelDown) throw new EndpointUnavailable('The server of the model does not answer.');
        return go();
      }),
    );
  });
  const now = () => schedule.now();
  return {
    ...settings,
    accept: makeAccept(executions),
    openResult: () => assert.fail('no map is its mask'),
    ledger,
    metrics,
    models,
    publish,
    executions,
    now,
    openScene,
    readRange,
    listScenes,
    lookUpScenes,
    classifier,
    writeResult,
    writeStream,
    makeScratch,
    deflate,
    listVersions,
    removeVersion,
    readPiece,
    readVersion,
    replaceVersion,
    readResult: readFrom('results'),
    // On a laptop, files are found by their folders.
    registerPartition: registerPartitionIn(
      world.storage === 's3' ? 'swath_test' : '',
      settings.resultsBucket,
      () => glue,
    ),
    findObject,
    queueOf,
    objects: { readVersion, replaceVersion },
    clock: () => 0,
    hrefOf: ({ key }: { key: string }) => key,
    render,
  };
}

/** Room that nothing can happen to: it is the worker's own. */
async function makeScratch() {
  return { ...makeMemoryScratch(), [Symbol.asyncDispose]: async () => {} };
}

/** Simulated time goes on when nothing is left to run: it knows of no thread. */
const deflate: Deflate = async (bytes, options) => deflateSync(bytes, options);

/** Drawing a report's charts would take a quarter of all the time, and changes nothing that a rule is about. */
function render({ day, madeAt }: Report): string {
  return `<html>${day} ${madeAt}</html>`;
}

export type Ports = ReturnType<typeof makePorts> & { ledger: Ledger };

export const STEPS: Record<EmbeddedFunction, (ports: Ports) => Step> = {
  preprocess: preprocessStep,
  preprocessCubes: preprocessStep,
  infer: (ports) => inferStep(ports, { hasContainers: true }),
  mosaic: mosaicStep,
  drift: driftStep,
  discover: discoverStep,
  collect: (ports) =>
    collectStep({
      ...ports,
      requests: { ...ports, requestQueue: ports.queueOf('requests') },
      counts: { ...ports, requestQueue: ports.queueOf('counts') },
    }),
  settle: settleStep,
  report: reportStep,
};

/** A batch of gets is of one table here, and its request says so as others do. */
function ofOneTable(input: object): object {
  if (!('RequestItems' in input)) return input;
  const [[TableName, request] = ['', {}]] = Object.entries(input.RequestItems as Record<string, object>);
  return { TableName, ...request };
}

const NAMES = [
  ['Key', 'Key'],
  ['Item', 'Item'],
  ['if', 'ConditionExpression'],
  ['where', 'KeyConditionExpression'],
  ['values', 'ExpressionAttributeValues'],
] as const;

function aboutTable(input: Record<string, unknown>) {
  return JSON.stringify(Object.fromEntries(NAMES.map(([name, field]) => [name, input[field]]))).slice(0, 400);
}

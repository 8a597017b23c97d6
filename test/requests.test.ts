import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDrift } from '../functions/drift/drift.ts';
import { makeMetricsTable } from '../functions/drift/metricsTable.ts';
import { makeInfer } from '../functions/infer/infer.ts';
import { makePreprocess } from '../functions/preprocess/preprocess.ts';
import { encodeScene } from '../functions/preprocess/testScenes.ts';
import { ObjectNotFound } from '../functions/shared/errors.ts';
import { makeLedger } from '../functions/shared/ledger.ts';
import { SCENE_LIMITS } from '../functions/shared/limits.ts';
import type { SceneRef } from '../functions/shared/messages.ts';
import { keepPromise, makeModels } from '../functions/shared/models.ts';
import type { ReadObject } from '../functions/shared/objectStore.ts';
import { startTestTables } from '../functions/shared/testTables.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../local/tables.ts';
import { MODEL, MODEL_OBJECTS, makeSimulatedClassifier } from './simulation/model.ts';

/**
 * What a file of one part costs in requests to S3, DynamoDB and CloudWatch, in functions that are warm: each of a million
 * files pays for every one of them. The tables are real, and whatever their client sends is counted.
 */

const requests: string[] = [];
const request =
  <Args extends unknown[], Answer>(name: string, call: (...args: Args) => Answer) =>
  (...args: Args): Answer => {
    requests.push(name);
    return call(...args);
  };

const tables = await startTestTables();
tables.middlewareStack.add(
  (next, { commandName = '' }) =>
    (args) => {
      const { TableName } = args.input as { TableName: string };
      requests.push(`${TableName.split('-').at(-1)}: ${commandName.replace(/Command$/, '')}`);
      return next(args);
    },
  { step: 'initialize', name: 'counted' },
);

const results = new Map<string, Uint8Array>();
const files = new Map<string, Uint8Array>();
const inMemory =
  (objects: ReadonlyMap<string, Uint8Array>): ReadObject =>
  async (key) => {
    const found = objects.get(key);
    if (found === undefined) throw new ObjectNotFound(key);
    return found;
  };
let now = new Date('2026-03-02T10:00:00Z');
const ledger = makeLedger(tables, LEDGER_TABLE);
const models = makeModels(request('models: Get', inMemory(MODEL_OBJECTS)), MODEL.name);
const writeResult = request('results: Put', async (key: string, bytes: Uint8Array) => void results.set(key, bytes));
const common = { ledger, models, writeResult, now: () => now, leaseSeconds: 300, attemptLimit: 3 };
const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };

const preprocess = makePreprocess({
  ...common,
  chipsPerPart: 512,
  sceneLimits: SCENE_LIMITS,
  findResult: request('results: Head', async () => null),
  removeResult: request('results: Delete', async () => {}),
  openScene: request('inbox: Get', async ({ key }: SceneRef) => {
    const bytes = files.get(key)!;
    const chunks = (async function* () {
      yield bytes;
    })();
    return {
      size: bytes.length,
      lastModified: new Date('2026-03-02T10:00:00Z'),
      chunks,
      close: () => {},
      hasChanged: async () => false,
    };
  }),
});
const infer = makeInfer({
  ...common,
  readResult: request('results: Get', inMemory(results)),
  classifier: keepPromise(async (ref) => makeSimulatedClassifier(await models.load(ref), async (go) => go())),
});
const drift = makeDrift({
  ...common,
  metrics: makeMetricsTable(tables, METRICS_TABLE),
  publish: request('CloudWatch: PutMetricData', async () => {}),
  threshold: 0.25,
  minimum: 1,
  driftWindow: 300,
});

let sent = 0;
/** The requests of one file of 81 chips, from its event to its end. */
async function requestsOfOne(): Promise<string[]> {
  const value = ++sent;
  const scene = { bucket: 'inbox', key: `${value}.tfrecord`, versionId: 'v1' };
  files.set(scene.key, encodeScene(Array.from({ length: 81 }, () => ({ value, label: 1 }))));
  requests.length = 0;
  const prepared = await preprocess({ scene: { scene }, execution: `event-${value}` }, invocation, {});
  assert.ok(prepared.status === 'ready' && prepared.parts.length === 1);
  const { run } = prepared;
  const part = await infer({ run, part: 0 }, invocation, {});
  await drift({ run, parts: [part] }, invocation, {});
  const made = requests.slice();
  assert.equal((await ledger.get(scene, MODEL))?.state, 'DONE');
  return made;
}

const PREPROCESS = [
  ...['inbox: Get', 'models: Get', 'ledger: UpdateItem'], // the claim
  ...['results: Put', 'ledger: PutItem', 'ledger: UpdateItem'], // the digest, and PREPARED
];
const INFER = ['ledger: UpdateItem', 'results: Get', 'results: Put'];
const OF_A_FILE = [
  ...[...PREPROCESS, ...INFER],
  ...['ledger: UpdateItem', 'metrics: PutItem', 'ledger: UpdateItem'],
  ...['ledger: Query', 'CloudWatch: PutMetricData'], // of the window `recent`
];
const OF_A_LATE_FILE = [
  ...[...PREPROCESS, ...INFER],
  ...['ledger: UpdateItem', 'metrics: PutItem', 'ledger: PutItem', 'ledger: UpdateItem'], // with the mark
  ...['metrics: Query', 'ledger: Query', 'ledger: Query', 'ledger: Query'], // marks, PREDICTED, the day
  ...['metrics: Query', 'metrics: PutItem'], // the revision
  ...['ledger: Query', 'ledger: Query', 'CloudWatch: PutMetricData'], // of today, and of the day before
];

test('a file takes fourteen requests, once the functions are warm', async () => {
  for (let i = 0; i < 4; i++) await requestsOfOne(); // and there are enough for a window
  assert.equal(OF_A_FILE.length, 14);
  assert.deepEqual(await requestsOfOne(), OF_A_FILE);
});

test('one that lands late in a day that was judged takes eight more, whoever has marked other days, or long ago', async () => {
  for (const at of ['2026-03-03T00:15:00.000Z', '2026-03-03T01:00:00.000Z']) {
    now = new Date(at);
    await drift({ before: at }, invocation, {}); // which also asks which version is live
    assert.deepEqual(await requestsOfOne(), OF_A_LATE_FILE);
    for (let i = 0; i < 30; i++) {
      await ledger.markDue({ day: '2026-03-01', mark: `other${i}-1`, at });
      await ledger.markDue({ day: '2026-03-02', mark: `old${i}-1`, at: '2026-03-03T00:14:00.000Z' });
    }
  }
  assert.equal(OF_A_LATE_FILE.length, 14 + 8);
});

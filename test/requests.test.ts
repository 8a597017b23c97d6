import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepPromise } from '../core/base/concurrency/keepPromise.ts';
import { ObjectNotFound } from '../core/base/errors.ts';
import { SCENE_LIMITS } from '../core/base/limits.ts';
import type { SceneRef } from '../core/base/messages.ts';
import type { ReadObject } from '../core/base/objectStore.ts';
import { makeMetricsTable } from '../core/drift/metricsTable.ts';
import { makeLedger } from '../core/ledger/ledger.ts';
import { makeModels } from '../core/releases/models.ts';
import { inOneChunk, rangesIn } from '../core/scenes/rangesIn.ts';
import { makeDrift } from '../functions/drift/drift.ts';
import { makeInferPart } from '../functions/infer/part/inferPart.ts';
import { makePreprocess } from '../functions/preprocess/preprocess.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../local/tables/tables.ts';
import { encodeScene } from './benches/scenes.ts';
import { storedCounts } from './benches/summaries.ts';
import { startTestTables } from './benches/tables.ts';
import { MODEL, MODEL_OBJECTS, makeSimulatedInference } from './simulation/model.ts';

/**
 * What a file of one part costs in requests to S3, DynamoDB and CloudWatch, in functions that are warm: each of a million
 * files pays for every one of them, however many came before it. The tables are real, and whatever their client sends is
 * counted, and the rows that it reads.
 */

const requests: string[] = [];
let rowsRead = 0;
const request =
  <Args extends unknown[], Answer>(name: string, call: (...args: Args) => Answer) =>
  (...args: Args): Answer => {
    requests.push(name);
    return call(...args);
  };

const tables = await startTestTables();
tables.middlewareStack.add(
  (next, { commandName = '' }) =>
    async (args) => {
      const { TableName } = args.input as { TableName?: string };
      requests.push(`${TableName?.split('-').at(-1)}: ${commandName.replace(/Command$/, '')}`);
      const answer = await next(args);
      rowsRead += (answer.output as { ScannedCount?: number }).ScannedCount ?? 0;
      return answer;
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
let landedOn = now;
const ledger = makeLedger(tables, LEDGER_TABLE);
const models = makeModels(request('models: Get', inMemory(MODEL_OBJECTS)), MODEL.name);
const writeResult = request('results: Put', async (key: string, bytes: Uint8Array) => void results.set(key, bytes));
const common = { ledger, models, writeResult, now: () => now, leaseSeconds: 300, attemptLimit: 3 };
const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };

const preprocess = makePreprocess({
  ...common,
  resultsBucket: 'results',
  chipsPerPart: 512,
  sceneLimits: SCENE_LIMITS,
  acquisitionTimePattern: '',
  accept: () => assert.fail('one model is live'),
  openResult: () => assert.fail('no map is its mask'),
  listVersions: request('results: List', async () => []),
  removeVersion: request('results: Delete', async () => {}),
  openScene: request('inbox: Get', async ({ key }: SceneRef) => {
    const bytes = files.get(key)!;
    const chunks = inOneChunk(bytes);
    return {
      size: bytes.length,
      lastModified: landedOn,
      chunks,
      range: rangesIn(bytes),
      close: () => {},
      hasChanged: async () => false,
    };
  }),
});
const infer = makeInferPart({
  ...common,
  readResult: request('results: Get', inMemory(results)),
  readVersion: request('results: Get', async () => null),
  replaceVersion: request('results: Put', async () => 'written'),
  removeVersion: request('results: Delete', async () => {}),
  registerPartition: async () => {}, // a container knows the day's
  classifier: keepPromise(async (ref) => makeSimulatedInference(await models.load(ref), async (go) => go())),
});
const drift = makeDrift({
  ...common,
  readResult: request('results: Get', inMemory(results)),
  metrics: makeMetricsTable(tables, METRICS_TABLE),
  publish: request('CloudWatch: PutMetricData', async () => {}),
  requestDays: 90,
  threshold: 0.25,
  minimum: 1,
  driftWindow: 300,
  blankShareLimit: 0.5,
  accuracyLimit: 0,
  executions: { start: request('StartExecution', async () => 'started' as const) },
  readPiece: request('results: GetPiece', async () => new Uint8Array()),
  hrefOf: ({ key }: { key: string }) => key,
});

let sent = 0;
/** The requests of one file of 81 chips, from its event to its end. */
async function requestsOfOne(): Promise<string[]> {
  const value = ++sent;
  const scene = { bucket: 'inbox', key: `${value}.tfrecord`, versionId: 'v1' };
  files.set(scene.key, encodeScene(Array.from({ length: 81 }, () => ({ value, label: 1 }))));
  requests.length = 0;
  rowsRead = 0;
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
  'inbox: Get',
  'models: Get',
  'models: Get',
  'ledger: UpdateItem', // what is live, and the claim
  'results: Put',
  'ledger: PutItem',
  'ledger: UpdateItem', // the digest, and PREPARED
];
const INFER = [
  'ledger: UpdateItem',
  'results: Get',
  'results: Put',
  'ledger: GetItem', // whether it is still wanted
  'results: Put', // its summary
];
const OF_A_FILE = [
  ...PREPROCESS,
  ...INFER,
  'results: Get',
  'ledger: UpdateItem',
  'metrics: PutItem',
  'ledger: UpdateItem',
  'ledger: Query',
  'CloudWatch: PutMetricData', // of the window `recent`
  'models: Get', // whether a version shadows it
];
const OF_A_LATE_FILE = [
  ...PREPROCESS,
  ...INFER,
  'results: Get',
  'ledger: UpdateItem',
  'metrics: PutItem',
  'ledger: PutItem', // the mark by which the next sweep revises that day
  'ledger: UpdateItem',
  'ledger: Query',
  'ledger: Query', // a window that reaches into that day
  'CloudWatch: PutMetricData',
  'models: Get', // whether a version shadows it
];
/** Four runs of 79 predictions hold the 300 of a window; and one more says where they end. */
const ROWS_OF_A_WINDOW = 5;

/** Runs of a day that came to their end before, as many as that. */
async function endBefore(count: number, countedDay: string, about: { version?: string; predictions?: number } = {}) {
  const { version = MODEL.version, predictions = 79 } = about;
  const counted = storedCounts([predictions], { names: ['a'], probabilitySum: 1 });
  const numbers = { ...counted, chips: 81, blank: 81 - predictions, state: 'DONE' };
  for (let first = 0; first < count; first += 25) {
    const rows = Array.from({ length: Math.min(25, count - first) }, () => {
      const key = crypto.randomUUID();
      const item = { scene: `inbox/${key}#v1`, model: `${MODEL.name}/${version}`, run: key, ...numbers, countedDay };
      return { PutRequest: { Item: { ...item, changed: `${countedDay}T09:00:00.000Z#${key}` } } };
    });
    await tables.batchWrite({ RequestItems: { [LEDGER_TABLE]: rows } });
  }
}

test('a file takes nineteen requests, once the functions are warm', async () => {
  for (let i = 0; i < 4; i++) await requestsOfOne(); // and there are enough for a window
  assert.equal(OF_A_FILE.length, 19);
  assert.deepEqual(await requestsOfOne(), OF_A_FILE);
});

test('and one more, once a minute, where others have ended within the last two', async () => {
  now = new Date(now.getTime() + 60_000);
  await requestsOfOne(); // which asks which version is live
  const made = await requestsOfOne();
  assert.deepEqual(made.toSorted(), [...OF_A_FILE, 'ledger: Query'].toSorted());
  assert.deepEqual(await requestsOfOne(), OF_A_FILE);
});

test('and as many, and the same few rows, where a thousand came before it as where ten did', async () => {
  for (const before of [5, 990]) {
    await endBefore(before, '2026-03-02');
    assert.deepEqual(await requestsOfOne(), OF_A_FILE);
    assert.ok(rowsRead <= ROWS_OF_A_WINDOW, `${rowsRead} rows`);
  }
});

test('thousands that bring no prediction are passed over, as far as a thousand of them', async () => {
  for (const [day, about] of [
    ['2026-03-04', { predictions: 0 }],
    ['2026-03-06', { version: '0.9.0' }],
  ] as const) {
    now = new Date(`${day}T10:00:00Z`);
    landedOn = now;
    await requestsOfOne(); // asks which version is live
    for (const before of [1100, 500]) {
      await endBefore(before, day, about);
      const made = await requestsOfOne();
      // The pages of one look, and once a minute those of another one: what the window was before.
      assert.ok(made.length <= OF_A_FILE.length + 7, `${made.length} requests`);
      assert.ok(rowsRead > 300 && rowsRead < 3000, `${rowsRead} rows`);
    }
  }
});

test('one that lands late in a day that was judged takes two more, however large that day is', async () => {
  landedOn = new Date('2026-03-02T10:00:00Z');
  let former: string | undefined;
  for (const at of ['2026-03-03T00:15:00.000Z', '2026-03-03T01:00:00.000Z', '2026-03-03T02:00:00.000Z']) {
    if (former !== undefined) await growBefore(former);
    former = at;
    now = new Date(at);
    await drift({ before: at }, invocation, {}); // which also asks which version is live
    now = new Date(now.getTime() + 1);
    assert.deepEqual(await requestsOfOne(), OF_A_LATE_FILE);
    // Of the window, which begins with the day before; and none of the day's other runs.
    assert.ok(rowsRead <= ROWS_OF_A_WINDOW + 3, `${rowsRead} rows`);
  }
  assert.equal(OF_A_LATE_FILE.length, 19 + 2);

  async function growBefore(at: string): Promise<void> {
    await endBefore(300, '2026-03-02');
    for (let i = 0; i < 30; i++) {
      await ledger.markDue({ day: '2026-03-01', mark: `other${i}-1`, at });
      await ledger.markDue({ day: '2026-03-02', mark: `old${i}-1`, at: '2026-03-03T00:14:00.000Z' });
    }
  }
});

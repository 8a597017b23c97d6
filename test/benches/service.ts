import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Service } from '../../console/service.ts';
import { predictionsKey } from '../../core/base/keys.ts';
import { sceneId } from '../../core/base/messages.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { judgeDrift } from '../../core/drift/window.ts';
import { makeFeatures } from '../../core/features/featureTable.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { storedDrift } from '../../core/ledger/ledgerItem.ts';
import type { LedgerRow, RunError } from '../../core/ledger/ledgerRow.ts';
import { NAMESPACE } from '../../core/metrics/metrics.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { makeModels, versionsIn } from '../../core/releases/models.ts';
import { inOneChunk } from '../../core/scenes/rangesIn.ts';
import { inRow } from '../../core/tasks/registry.ts';
import { readParameters } from '../../deployment/defaults.ts';
import { openMetricStore } from '../../local/alarms/metricStore.ts';
import { FEATURES_TABLE, LEDGER_TABLE, METRICS_TABLE } from '../../local/tables/tables.ts';
import type { AlarmState, Email } from '../../observability/alarms.ts';
import { observedOf } from '../../observability/parameters.ts';
import { framesOf, sceneOf } from '../scenes.ts';
import { memoryBucket } from './memoryBucket.ts';
import { readBaselineFile } from './packages.ts';
import { partOf, predict } from './predictions.ts';
import { startTestTables } from './tablesInMemory.ts';

/**
 * For tests: a service whose tables and metrics are the embedded stack's, whose buckets are in memory, and in which
 * nothing happens unless a test says so.
 */

export const MODEL = { name: 'droughtwatch-baseline', version: '1.0.0' } as const;
const STAGE = 'test';
const LEASE_SECONDS = 60;
const DIGEST = 'd'.repeat(64);

export const parameters = observedOf(
  { stage: STAGE, stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:swath-test-pipeline' },
  { ...readParameters(), driftWindow: 500 },
);

/** What a test says of a chip: its predicted class (its position; null where an output was not finite), and how sure. */
export type Guess = { class: number | null; probability?: number; truth?: number };

export type TestService = Awaited<ReturnType<typeof startTestService>>;

export async function startTestService() {
  const folder = mkdtempSync(join(tmpdir(), 'swath-console-'));
  after(() => rmSync(folder, { recursive: true }));
  const tables = await startTestTables();
  const ledger = makeLedger(tables, LEDGER_TABLE);
  const metrics = makeMetricsTable(tables, METRICS_TABLE);
  const results = new Map<string, Uint8Array>();
  const bucket = memoryBucket(results);
  const models = new Map<string, Uint8Array>();
  const modelBucket = memoryBucket(models);
  const inbox = new Map<string, Uint8Array>();
  const alarms: AlarmState[] = [];
  const emails: Email[] = [];
  /** Each ranged read of a scene file. */
  const rangesRead: { key: string; offset: number; length: number }[] = [];
  /** Each ranged read of a result. */
  const resultRanges: { key: string; offset: number; length: number }[] = [];
  /** Names of the executions that were started. */
  const started: string[] = [];
  let time = Date.parse('2026-03-16T09:00:00.000Z');
  const now = () => new Date(time);
  const store = await openMetricStore(join(folder, 'metrics.jsonl'), now());

  for (const file of ['item.json', 'reference.json', 'README.md'])
    models.set(`${MODEL.name}/${MODEL.version}/${file}`, await readBaselineFile(file));
  models.set(`${MODEL.name}/promoted.json`, json({ version: '1.0.0', promotedAt: '2026-03-01T08:00:00.000Z' }));

  const service: Service = {
    stage: STAGE,
    parameters,
    now,
    ledger,
    metrics,
    features: makeFeatures(tables, FEATURES_TABLE),
    executions: {
      start: async (name) => {
        if (started.includes(name)) return 'known';
        started.push(name);
        return 'started';
      },
      describe: async () => ({ status: 'RUNNING' }),
      arnOf: (name) => `arn:execution:${name}`,
    },
    models: makeModels(modelBucket.read, MODEL.name),
    modelBucket,
    caller: async () => 'arn:aws:iam::111122223333:user/tester',
    findModelFile: async (key) => {
      const bytes = models.get(key);
      return bytes === undefined ? null : { size: bytes.length, lastModified: '2026-02-28T12:00:00.000Z' };
    },
    listVersions: (name = MODEL.name) => versionsIn(modelBucket.list)(name),
    readResult: bucket.read,
    openResult: async (key) => {
      const bytes = await bucket.read(key);
      const range = async (offset: number, length: number) => {
        resultRanges.push({ key, offset, length });
        return bytes.subarray(offset, offset + length);
      };
      return { size: bytes.length, range, chunks: () => inOneChunk(bytes) };
    },
    writeResult: bucket.write,
    listResults: bucket.list,
    objects: { ...bucket, listVersions: async () => [], removeVersion: async () => {} },
    readRange: async (scene, offset, length) => {
      rangesRead.push({ key: scene.key, offset, length });
      return (await memoryBucket(inbox).read(sceneId(scene))).subarray(offset, offset + length);
    },
    openScene: () => Promise.reject(new Error('no test opens a scene file here')),
    readMetrics: store,
    readLogs: { read: async () => [], functions: async () => [] },
    readAlarms: async () => alarms.map((alarm) => ({ ...alarm })),
    readOutbox: async () => emails,
    inbox: memoryBucket(inbox),
    inboxPrefix: '',
    bulkPrefix: 'bulk/',
    listScenes: () => () => Promise.reject(new Error('no test lists the inbox')),
    onTheirWay: async () => 0,
    send: () => Promise.reject(new Error('no test sends a file here')),
    requests: null,
    findObject: async ({ bucket, key, versionId }) => {
      const known = [...inbox.keys()].find((id) => id.startsWith(`${bucket}/${key}#`));
      if (known === undefined) return 'missing';
      return { bucket, key, versionId: versionId ?? known.slice(known.lastIndexOf('#') + 1) };
    },
    inboxBucket: 'inbox',
    resultsBucket: 'results',
    count: null,
    tryOut: null,
    results: null,
    idle: async () => {},
    close: async () => {},
  };

  /** From now on it is so many seconds later. */
  function wait(seconds: number): void {
    time += seconds * 1000;
  }

  /** A file that has come and whose run is claimed; every further one is of the next second. */
  async function claim(key: string, model: { name: string; version: string } = MODEL): Promise<LedgerRow> {
    wait(1);
    const scene = { bucket: 'inbox', key, versionId: 'v1' };
    const fixed = { day: now().toISOString().slice(0, 10), chipsPerPart: 512 };
    const claimed = { scene, model, execution: `claim of ${key}`, now: now(), leaseSeconds: LEASE_SECONDS };
    const { row } = await ledger.claim({ ...claimed, attemptLimit: 3, fixed });
    return row;
  }

  /** A run in the middle of its way: prepared in so many parts, of which some are predicted already. */
  async function prepare(key: string, { parts = 1, predicted = 0, chips = 10 } = {}): Promise<LedgerRow> {
    const row = await claim(key);
    for (let part = 0; part < predicted; part += 1)
      results.set(predictionsKey({ id: row.run, model: row.model, day: row.day! }, part), new Uint8Array());
    const found = { size: 1000, digest: 'd'.repeat(64), chips, blank: 0, parts };
    return ledger.advance(row, 'PREPARED', now(), { ...found, preparedAt: now().toISOString() });
  }

  /** A run that is done: its file, made of real chips, is in the inbox, and one chip is blank. */
  async function finish(
    key: string,
    guesses: Guess[],
    model: { name: string; version: string } = MODEL,
  ): Promise<LedgerRow> {
    const row = await claim(key, model);
    const file = Buffer.from(sceneOf(key, guesses.length + 1));
    inbox.set(sceneId(row.scene), file);
    const loaded = await service.models.load(model);
    const { sum, bytes } = predicted(row, file, guesses, loaded);
    results.set(predictionsKey({ id: row.run, model, day: row.day! }, 0), bytes);
    const totals = { sceneSquares: guesses.length ** 2, chips: guesses.length + 1, blank: 1, ...sum };
    const { drift } = judgeDrift(totals, loaded, { threshold: parameters.driftThreshold, minimum: 1 });
    const { chips, blank } = totals;
    return ledger.advance(row, 'DONE', now(), {
      size: file.length,
      digest: DIGEST,
      chips,
      blank,
      parts: 1,
      countedDay: row.day,
      ...inRow(sum, loaded),
      drift: storedDrift(drift),
      milliseconds: { preprocess: 100, infer: 200, drift: 50, total: 350 },
    });
  }

  /** The live version and another one have classified a file of so many chips, and agree on all but the first ones. */
  async function classified(chips: number, differing: number, other: { name: string; version: string }): Promise<void> {
    const guesses = (wrong: number) =>
      Array.from({ length: chips }, (_, i) => ({ class: i < wrong ? 1 : 0, truth: 0 }));
    await finish('a', guesses(0));
    await finish('a', guesses(differing), other);
  }

  /** A run that failed, or a file that is invalid. */
  async function fail(key: string, state: 'FAILED' | 'INVALID', error: Partial<RunError> = {}): Promise<LedgerRow> {
    const row = await claim(key);
    const what = { name: 'Error', message: 'it broke', step: 'Preprocess', attempt: row.attempt };
    return ledger.fail(row, state, { ...what, at: now().toISOString(), ...error }, now());
  }

  /** Publishes a number, as of now. */
  async function publish(metric: string, value: number, dimensions: Record<string, string> = {}): Promise<void> {
    const id = { namespace: NAMESPACE, name: metric, dimensions: { Stage: STAGE, ...dimensions } };
    await store.put([{ ...id, time: now().toISOString(), value }]);
  }

  return {
    service,
    models,
    results,
    inbox,
    alarms,
    emails,
    rangesRead,
    resultRanges,
    started,
    wait,
    claim,
    prepare,
    finish,
    classified,
    fail,
    publish,
  };
}

/** What infer would have written of a file whose first chip is blank, had it guessed so. */
function predicted({ run, scene }: LedgerRow, file: Buffer, guesses: Guess[], model: ModelPackage) {
  const lengths = framesOf(file).map(({ length }) => length);
  const offsets = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
  const rows = guesses.map(({ class: winner, probability = 0.7 }) => {
    const others = (1 - probability) / (model.classes.length - 1);
    return model.classes.map((_, i) => (winner === null ? Number.NaN : i === winner ? probability : others));
  });
  const part = partOf(guesses.length, {
    index: Int32Array.from(guesses, (_, chip) => chip + 1),
    offset: BigInt64Array.from(guesses, (_, chip) => BigInt(offsets[chip + 1]!)),
    length: Int32Array.from(guesses, (_, chip) => lengths[chip + 1]!),
    truth: guesses.map(({ truth }) => truth ?? null),
  });
  return predict(model, rows, { run, digest: DIGEST, scene: scene.key }, part);
}

export function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

import { SCENE_LIMITS } from '../../core/base/limits.ts';
import type { BatchRef, SceneRef } from '../../core/base/messages.ts';
import { makeManifest } from '../../core/batches/manifest.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { makeModels } from '../../core/releases/models.ts';
import { inOneChunk, rangesIn } from '../../core/scenes/rangesIn.ts';
import { type BatchPorts, makeClassifyBatch } from '../../functions/infer/batch/classifyBatch.ts';
import { makeSettleBatch, type SettleBatchPorts } from '../../functions/settle/settle.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { MODEL, MODEL_OBJECTS, makeSimulatedInference } from '../simulation/model.ts';
import { memoryBucket } from './memoryBucket.ts';
import { makeTestResults } from './results.ts';
import { noShadow } from './serving.ts';
import { startTestTables } from './tablesInMemory.ts';
import { through } from './through.ts';

export const DAY = '2026-03-01';
export { MODEL };

/** For tests: batches of bulk files on tables of their own, whose requests are counted, and buckets in memory. */
export async function makeBench() {
  const requests: string[] = [];
  const tables = through(await startTestTables(), ({ command, answer }) => {
    requests.push(command);
    return answer();
  });
  const ledger = makeLedger(tables, LEDGER_TABLE);
  const files = new Map<string, Uint8Array>();
  const { objects: results, ports: bucket } = makeTestResults();
  const published: unknown[] = [];
  let time = new Date(`${DAY}T10:00:00.000Z`);
  const models = makeModels(memoryBucket(new Map(MODEL_OBJECTS)).read, MODEL.name);
  const model = await models.load(MODEL);

  const ports: BatchPorts & SettleBatchPorts = {
    ledger,
    models: { ...models, shadow: noShadow },
    resultsBucket: 'results',
    executions: { start: async () => 'started' },
    registerPartition: async ({ name }, values) => {
      requests.push(`Register ${[name, ...values].join(' ')}`);
    },
    classifier: async () => ({ ...makeSimulatedInference(model, async (go) => go()), batchSize: 4 }),
    openScene: async ({ key }) => {
      requests.push('Open');
      const bytes = await memoryBucket(files).read(key);
      const lastModified = new Date(`${DAY}T09:00:00Z`);
      const rest = { range: rangesIn(bytes), close: () => {}, hasChanged: async () => false };
      return { size: bytes.length, lastModified, chunks: inOneChunk(bytes), ...rest };
    },
    ...bucket,
    publish: async (datums) => void published.push(...datums),
    now: () => {
      time = new Date(time.getTime() + 1);
      return time;
    },
    chipsPerPart: 6,
    sceneLimits: SCENE_LIMITS,
    attemptLimit: 3,
    acquisitionTimePattern: '',
    leaseSeconds: 300,
  };

  /** Puts files in, and answers the batch of them. */
  function batchOf(contents: Record<string, Uint8Array>): BatchRef {
    for (const [key, bytes] of Object.entries(contents)) files.set(key, bytes);
    const lines = Object.keys(contents).map((key) => ({ ...sceneOf(key), etag: null, size: null }));
    const limits = { filesPerBatch: 1000, bytesPerBatch: 1e9 };
    const manifest = makeManifest(
      lines.map((line) => ({ line, day: DAY, model: MODEL })),
      limits,
    );
    results.set(manifest.key, { bytes: manifest.bytes, version: 'manifest' });
    return manifest.batches[0]!;
  }

  const invocation = { remainingSeconds: () => 300, signal: new AbortController().signal };
  const classify = (
    batch: BatchRef,
    more: Partial<BatchPorts> = {},
    execution = 'arn:sweep',
    remainingSeconds = invocation.remainingSeconds,
  ) => makeClassifyBatch({ ...ports, ...more })({ batch, execution }, { ...invocation, remainingSeconds }, {});
  const settle = (
    batch: BatchRef,
    error = { Error: 'Runtime.ExitError', Cause: 'killed' },
    execution = 'arn:sweep',
    more: Partial<SettleBatchPorts> = {},
  ) => makeSettleBatch({ ...ports, ...more })({ batch, execution, error }, invocation, {});
  const stateOf = async (key: string) => (await ledger.get(sceneOf(key), MODEL))?.state;

  return {
    ports,
    ledger,
    files,
    results,
    requests,
    published,
    batchOf,
    classify,
    settle,
    stateOf,
    at: (to: string) => {
      time = new Date(to);
    },
  };
}

export function sceneOf(key: string): SceneRef {
  return { bucket: doorOf({ key }) === 'file' ? 'inbox' : 'results', key, versionId: 'v1' };
}

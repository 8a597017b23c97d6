import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { modelId, type SceneRef, sceneInput, sweepInput } from '../core/base/messages.ts';
import { makeMetricsTable } from '../core/drift/metricsTable.ts';
import { type Datum, type MetricName, NAMESPACE } from '../core/metrics/metrics.ts';
import { makeModels } from '../core/releases/models.ts';
import { type Parameters, readParameters } from '../deployment/defaults.ts';
import { makeDrift } from '../functions/drift/drift.ts';
import type { MetricLine } from '../local/alarms/metricStore.ts';
import { readFromFolder, resultsInFolder, writeToFolder } from '../local/buckets/folderBucket.ts';
import { askOwner } from '../local/stack/control.ts';
import { startStack } from '../local/stack/stack.ts';
import { connectLocalTables } from '../local/tables/tableClients.ts';
import { METRICS_TABLE } from '../local/tables/tables.ts';
import { findOwner } from './benches/owner.ts';
import type { TestStack } from './stack.ts';

/**
 * The embedded stack in a folder of its own, which goes with it.
 *
 * @param changed parameters that are not to be serverless.yml's defaults; with a window, the events of files are gathered
 */
export async function startEmbedded(changed: Parameters = {}): Promise<TestStack> {
  const home = await mkdtemp(join(tmpdir(), 'swath-suite-'));
  const { folder, ledger, executions, ...stack } = await startStack({
    dataDir: join(home, 'data'),
    command: 'a test',
    parameters: changed,
  });
  const owner = await findOwner(folder.lock);
  const tables = connectLocalTables(await askOwner<string>(owner!, 'tables', null));
  const { modelName, chipsPerPart, driftThreshold } = readParameters();
  const parameters = {
    modelName: String(modelName),
    chipsPerPart: Number(chipsPerPart),
    driftThreshold: Number(driftThreshold),
  };
  const isGathering = Number(changed['arrivalsWindowSeconds'] ?? 0) > 0;
  /** What is published by this process, and not by the stack's own worker. */
  const published: { time: string; datum: Datum }[] = [];

  async function putSilently(key: string, bytes: Uint8Array) {
    const source = join(home, randomUUID());
    await writeFile(source, bytes);
    const scene = await stack.put(source, key);
    await rm(source);
    return scene;
  }

  async function start(input: unknown): Promise<string> {
    const name = randomUUID();
    await executions.start(name, input);
    return executions.arnOf(name);
  }

  return {
    parameters,
    spell: (name) => name,
    takes: (key) => (isHeld(key) ? 'yes' : 'no'),
    writeModel: writeToFolder(folder.models),
    putSilently,
    putAllSilently: async (files) => {
      const scenes: SceneRef[] = [];
      for (const { key, bytes } of files) scenes.push(await putSilently(key, bytes));
      return scenes;
    },
    putBeside: async (key, bytes) => {
      const path = join(folder.inbox, ...key.split('/'));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
    },
    put: async (key, bytes) => {
      const scene = await putSilently(key, bytes);
      if (isGathering) stack.gather(scene);
      else await start(sceneInput(scene));
      return scene;
    },
    announce: async (scene) => stack.ended(await start(sceneInput(scene))),
    sweep: async () => {
      await stack.ended(await start(sweepInput));
      await stack.idle();
    },
    judgeDays: async (before) => {
      const judge = makeDrift({
        ledger,
        metrics: makeMetricsTable(tables, METRICS_TABLE),
        models: makeModels(readFromFolder(folder.models), parameters.modelName),
        publish: async (datums) => {
          published.push(...datums.map((datum) => ({ time: new Date().toISOString(), datum })));
        },
        now: () => before,
        threshold: parameters.driftThreshold,
        minimum: Number(readParameters()['driftMinimum']),
        driftWindow: Number(readParameters()['driftWindow']),
        requestDays: Number(readParameters()['requestDays']),
        blankShareLimit: Number(readParameters()['blankShareLimit']),
        accuracyLimit: Number(readParameters()['accuracyLimit']),
        executions: { start: async () => 'started' },
        ...resultsInFolder(folder.results),
        hrefOf: ({ key }) => key,
      });
      const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };
      await judge({ before: before.toISOString() }, invocation, {});
    },
    ledgerRows: ledger.ofScene,
    ended: stack.ended,
    metricsRow: async (model, window) => {
      const { Item } = await tables.get({ TableName: METRICS_TABLE, Key: { model: modelId(model), window } });
      return Item;
    },
    watchMetrics: async () => {
      const from = new Date().toISOString();
      return async () => {
        const lines = (await readFile(folder.metrics, 'utf8')).trimEnd().split('\n');
        const samples = lines.map((line) => JSON.parse(line) as MetricLine);
        const all = samples.flatMap(
          ({ time, namespace, name, dimensions: { Stage: _stage, ...dimensions }, values }) =>
            namespace === NAMESPACE
              ? values.map((value) => ({ time, datum: { metric: name as MetricName, value, dimensions } }))
              : [],
        );
        return [...all, ...published].filter(({ time }) => time >= from).map(({ datum }) => datum);
      };
    },
    listResults: async (prefix) => {
      const entries = await readdir(folder.results, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) =>
          join(parentPath, name)
            .slice(folder.results.length + 1)
            .replaceAll(sep, '/'),
        )
        .filter((key) => key.startsWith(prefix))
        .sort();
    },
    readResult: readFromFolder(folder.results),
    close: async () => {
      tables.destroy();
      await stack.close();
      await rm(home, { recursive: true });
    },
  };
}

/** Whether a folder of the inbox can hold a file of that key: told without the code that refuses it. */
function isHeld(key: string): boolean {
  const isWay = key.split('/').some((name) => name === '' || name.startsWith('.') || Buffer.byteLength(name) > 255);
  return !isWay && !/\0|(~|\.part|\.tmp)$/.test(key) && Buffer.byteLength(key) <= 1024;
}

import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { makeMetricsTable } from '../functions/drift/metricsTable.ts';
import { sceneInput } from '../functions/shared/messages.ts';
import { makeModels } from '../functions/shared/models.ts';
import type { Service } from '../observability/service.ts';
import { readFromFolder, writeToFolder } from './folderBucket.ts';
import { readRangeIn } from './inbox.ts';
import { LOCAL_STAGE, observedParameters } from './observing.ts';
import { readParameters } from './service.ts';
import type { OwnStack, Stack } from './stack.ts';
import { METRICS_TABLE } from './tables.ts';

/** The embedded stack, of this process or another one's, as a service like a deployed one. */
export function embeddedService(stack: Stack | OwnStack): Service {
  const { folder, ledger, executions, now, readMetrics, readAlarms, readOutbox, close } = stack;
  const modelName = String(readParameters()['modelName']);
  return {
    stage: LOCAL_STAGE,
    parameters: observedParameters(),
    now,
    ledger,
    executions,
    metrics: makeMetricsTable(stack.tables, METRICS_TABLE),
    models: makeModels(readFromFolder(folder.models), modelName),
    listVersions: async () => {
      const entries = await readdir(join(folder.models, modelName), { withFileTypes: true }).catch(() => []);
      return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
    },
    readResult: readFromFolder(folder.results),
    writeResult: writeToFolder(folder.results),
    listResults: (prefix) => listFolder(folder.results, prefix),
    readRange: readRangeIn(folder.inbox, stack.knownVersion),
    readMetrics,
    readAlarms,
    readOutbox,
    inboxPrefix: '',
    listScenes: (prefix) => async (cursor) => {
      const page = await stack.listScenes(cursor);
      return { ...page, scenes: page.scenes.filter(({ key }) => key.startsWith(prefix)) };
    },
    onTheirWay: stack.onTheirWay,
    put: async (file, key) => {
      const scene = await stack.put(file, key);
      await executions.start(randomUUID(), sceneInput(scene));
      return scene;
    },
    results: folder.results,
    idle: 'idle' in stack ? stack.idle : async () => {},
    close,
  };
}

/** The keys of a folder bucket under a prefix, in order; only the folder that the prefix names is looked into. */
async function listFolder(bucket: string, prefix: string): Promise<string[]> {
  const folder = join(bucket, ...prefix.split('/').slice(0, -1));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.')) // a write in progress is not there yet
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(bucket.length + 1)
        .split(sep)
        .join('/'),
    )
    .filter((key) => key.startsWith(prefix))
    .sort();
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Service } from '../../console/service.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeFeatures } from '../../core/features/featureTable.ts';
import { makeModels, versionsIn } from '../../core/releases/models.ts';
import { readParameters } from '../../deployment/defaults.ts';
import { LOCAL_STAGE, observedParameters } from '../alarms/observing.ts';
import { readLogIn } from '../alarms/readLog.ts';
import { fileAddressIn, folderBucket, openObjectInFolder, versionsInFolder } from '../buckets/folderBucket.ts';
import { INBOX, ONCE, RESULTS } from '../buckets/inbox.ts';
import { findObjectIn, openScenesOf, readRangesOf } from '../buckets/sceneFiles.ts';
import { queueUrl, REQUESTS } from '../queues/requestsQueue.ts';
import { FEATURES_TABLE, METRICS_TABLE } from '../tables/tables.ts';
import { makeClock } from './clock.ts';
import { ownModel } from './ownModel.ts';
import type { OwnStack, Stack } from './stack.ts';
import { userHere } from './userHere.ts';

/** The stack as a service: what both have has one name. */
export function embeddedService(stack: Stack | OwnStack): Service {
  const { folder } = stack;
  const modelName = ownModel(folder.models);
  const results = folderBucket(folder.results);
  const modelBucket = folderBucket(folder.models);
  return {
    idle: async () => {}, // of another process's stack
    ...stack,
    stage: LOCAL_STAGE,
    parameters: observedParameters({ ...readParameters(), modelName }, folder.named),
    metrics: makeMetricsTable(stack.tables, METRICS_TABLE),
    features: makeFeatures(stack.tables, FEATURES_TABLE),
    models: makeModels(modelBucket.read, modelName),
    modelBucket,
    findModelFile: async (key) => {
      const about = await stat(join(folder.models, key)).catch(() => null);
      return about && { size: about.size, lastModified: about.mtime.toISOString() };
    },
    caller: async () => userHere(),
    listVersions: (name = modelName) => versionsIn(modelBucket.list)(name),
    readResult: results.read,
    openResult: openObjectInFolder(folder.results),
    writeResult: results.write,
    listResults: results.list,
    objects: { ...results, ...versionsInFolder(folder.results) },
    addressOf: fileAddressIn(folder.results),
    findObject: findObjectIn(folder, { toOwn: (time) => time }, stack.knownVersion),
    ...{ inboxBucket: INBOX, onceBucket: ONCE, resultsBucket: RESULTS }, // folders by these names
    readRange: readRangesOf(folder, stack.knownVersion),
    openScene: openScenesOf(folder, makeClock(), stack.knownVersion),
    readLogs: readLogIn(folder.log),
    inbox: folderBucket(folder.inbox),
    inboxPrefix: '',
    bulkPrefix: String(readParameters()['bulkPrefix']),
    listScenes: (prefix) => (cursor) => stack.listScenes(cursor, { prefix }),
    send: async (file, { keyPrefix } = {}) => ({ scene: await stack.send(file, keyPrefix), eventFollows: false }),
    requests: { url: queueUrl(REQUESTS), send: async (body) => void (await stack.request(body)) },
    count: async (body) => void (await stack.count(body)),
    tryOut: null,
    results: folder.results,
  };
}

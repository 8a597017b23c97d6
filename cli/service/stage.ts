import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { readAlarmsOf } from '../../aws/alarms.ts';
import { bucketOf, listScenesIn, listVersionsIn, openScene, readRangeOf, removeVersionFrom } from '../../aws/bucket.ts';
import { executionsOf } from '../../aws/executions.ts';
import { featuresOf } from '../../aws/features.ts';
import { listInventoryOf } from '../../aws/listInventory.ts';
import { placesOf, withAssets } from '../../aws/openAsset.ts';
import { findObjectBy, openObjectIn } from '../../aws/openObject.ts';
import { connectQueues, sendAnsweredTo, sendTo } from '../../aws/queues.ts';
import { readLogsOf } from '../../aws/readLogs.ts';
import { readMetricsOf } from '../../aws/readMetrics.ts';
import { connectTables } from '../../aws/tables.ts';
import type { Service } from '../../console/service.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeFeatures } from '../../core/features/featureTable.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { listIn } from '../../core/parameters/listIn.ts';
import { makeModels, versionsIn } from '../../core/releases/models.ts';
import { observedParametersSchema } from '../../observability/parameters.ts';
import { makeSend } from '../send/upload.ts';
import { noteOperations } from '../terminal/explainAwsError.ts';
import { WrongUse } from '../terminal/output.ts';
import { type Account, clientConfig, inboxPrefixOf, readOutputs, stackName } from './stack.ts';

/** A deployed stage, found by the outputs of its CloudFormation stack, with the caller's own AWS credentials. */
export async function openStage(stage: string, account: Account): Promise<Service> {
  const config = clientConfig(account);
  const cloudFormation = noteOperations(new CloudFormationClient(config));
  const outputs = await readOutputs(stage, cloudFormation);
  const tables = noteOperations(connectTables(config));
  const s3 = noteOperations(new S3Client(config));
  const anywhere = noteOperations(new S3Client({ ...config, followRegionRedirects: true }));
  const cloudWatch = noteOperations(new CloudWatchClient(config));
  const logs = noteOperations(new CloudWatchLogsClient(config));
  const stepFunctions = noteOperations(new SFNClient(config));
  const sqs = noteOperations(connectQueues(config));
  const sts = noteOperations(new STSClient(config));
  const requestsQueue = outputs('RequestsQueueUrl', '');
  const countsQueue = outputs('CountsQueueUrl', '');
  const { data: parameters } = observedParametersSchema.safeParse(JSON.parse(outputs('ObservedParameters')));
  if (parameters === undefined)
    throw new WrongUse(`the stack ${stackName(stage)} was deployed from another version of Swath; deploy it again.`);
  const { modelName, featureSource } = parameters;
  const modelBucket = bucketOf(outputs('ModelsBucket'), s3);
  const [inboxBucket, resultsBucket] = [outputs('InboxBucket'), outputs('ResultsBucket')];
  const results = bucketOf(resultsBucket, s3);
  const [featuresTable, stateMachineArn] = [outputs('FeaturesTable'), outputs('StateMachineArn')];
  const findObject = findObjectBy(s3);
  const inboxPrefix = inboxPrefixOf(outputs);
  const places = placesOf(inboxPrefix, parameters, modelBucket.read);
  return {
    stage,
    parameters,
    now: () => new Date(),
    ledger: makeLedger(tables, outputs('LedgerTable')),
    executions: executionsOf(stateMachineArn, stepFunctions),
    metrics: makeMetricsTable(tables, outputs('MetricsTable')),
    features: makeFeatures(tables, featuresTable),
    ...(featureSource !== '' && { featureSource: featuresOf({ featureSource, featuresTable }, { config, s3 }) }),
    models: makeModels(modelBucket.read, modelName),
    modelBucket,
    findModelFile: async (key) => {
      const found = await findObject({ bucket: outputs('ModelsBucket'), key, versionId: null });
      return typeof found === 'string' ? null : found;
    },
    caller: async () => (await sts.send(new GetCallerIdentityCommand({}))).Arn ?? null,
    listVersions: (name = modelName) => versionsIn(modelBucket.list)(name),
    readResult: results.read,
    openResult: openObjectIn(resultsBucket, s3),
    writeResult: results.write,
    listResults: results.list,
    objects: {
      ...results,
      listVersions: listVersionsIn(resultsBucket, s3),
      removeVersion: removeVersionFrom(resultsBucket, s3),
    },
    findObject,
    inboxBucket,
    resultsBucket,
    readRange: readRangeOf(s3),
    openScene: withAssets((scene) => openScene(scene, s3), places, anywhere),
    readMetrics: readMetricsOf(cloudWatch),
    readLogs: readLogsOf({ stack: stackName(stage), prefix: `/aws/lambda/swath-${stage}-` }, logs, cloudFormation),
    readAlarms: readAlarmsOf(parameters, cloudWatch),
    readOutbox: null, // a stage really sends them
    inbox: bucketOf(inboxBucket, s3),
    inboxPrefix,
    listInventory: listInventoryOf((bucket) => listIn(parameters.assetBuckets).includes(bucket), anywhere),
    bulkPrefix: outputs('BulkPrefix'),
    listScenes: (prefix) => listScenesIn(inboxBucket, prefix, s3),
    onTheirWay: async () => {
      const running = { stateMachineArn, statusFilter: 'RUNNING', maxResults: 1000 } as const; // a page of them
      return (await stepFunctions.send(new ListExecutionsCommand(running))).executions?.length ?? 0;
    },
    send: makeSend(s3, inboxBucket, inboxPrefix),
    requests: requestsQueue === '' ? null : { url: requestsQueue, send: (body) => sendTo(sqs)(requestsQueue, body) },
    count: countsQueue === '' ? null : sendAnsweredTo(countsQueue, { client: sqs }),
    tryOut: null,
    results: null,
    idle: async () => {},
    close: async () => {
      for (const client of [cloudFormation, tables, s3, cloudWatch, logs, stepFunctions, sqs, sts]) client.destroy();
    },
  };
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { makeMetricsTable } from '../functions/drift/metricsTable.ts';
import { readAlarmsOf } from '../functions/shared/aws/alarms.ts';
import { listKeysIn, listScenesIn, readFrom, readRangeOf, writeTo } from '../functions/shared/aws/bucket.ts';
import { countRunning, executionsOf } from '../functions/shared/aws/executions.ts';
import { readMetricsOf } from '../functions/shared/aws/readMetrics.ts';
import { connectTables } from '../functions/shared/aws/tables.ts';
import { makeLedger } from '../functions/shared/ledger.ts';
import type { SceneRef } from '../functions/shared/messages.ts';
import { makeModels } from '../functions/shared/models.ts';
import { type ObservedParameters, observedParametersSchema } from '../observability/parameters.ts';
import type { Service } from '../observability/service.ts';
import type { StackState } from './doctor/access.ts';
import { WrongUse } from './failure.ts';
import type { Where } from './ledger.ts';

/** Whose credentials, and where. */
export type Account = Pick<Where, 'region' | 'profile'>;

/** How every client of an account is made. */
export function clientConfig({ region, profile }: Account) {
  return { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
}

/** A deployed stage, found by the outputs of its CloudFormation stack, with the caller's own AWS credentials. */
export async function openStage(stage: string, account: Account): Promise<Service> {
  const config = clientConfig(account);
  const outputs = await readOutputs(stage, new CloudFormationClient(config));
  const tables = connectTables(config);
  const s3 = new S3Client(config);
  const cloudWatch = new CloudWatchClient(config);
  const stepFunctions = new SFNClient(config);
  const parameters = readObserved(outputs('ObservedParameters'), stage);
  const { modelName } = parameters;
  return {
    stage,
    parameters,
    now: () => new Date(),
    ledger: makeLedger(tables, outputs('LedgerTable')),
    executions: executionsOf(outputs('StateMachineArn'), stepFunctions),
    metrics: makeMetricsTable(tables, outputs('MetricsTable')),
    models: makeModels(readFrom(outputs('ModelsBucket'), s3), modelName),
    listVersions: async () => {
      const keys = await listKeysIn(outputs('ModelsBucket'), s3)(`${modelName}/`);
      return keys.flatMap((key) => (key.endsWith('/item.json') ? [key.split('/').at(-2)!] : []));
    },
    readResult: readFrom(outputs('ResultsBucket'), s3),
    writeResult: writeTo(outputs('ResultsBucket'), s3),
    listResults: listKeysIn(outputs('ResultsBucket'), s3),
    readRange: readRangeOf(s3),
    readMetrics: readMetricsOf(cloudWatch),
    readAlarms: readAlarmsOf(stage, cloudWatch),
    readOutbox: null, // there they really are sent
    inboxPrefix: outputs('InboxPrefix', ''),
    listScenes: (prefix) => listScenesIn(outputs('InboxBucket'), prefix, s3),
    onTheirWay: countRunning(outputs('StateMachineArn'), stepFunctions),
    put: (file, key) => upload(s3, outputs('InboxBucket'), file, key),
    results: null,
    idle: async () => {},
    close: async () => {
      tables.destroy();
      s3.destroy();
      cloudWatch.destroy();
      stepFunctions.destroy();
    },
  };
}

function readObserved(text: string, stage: string): ObservedParameters {
  const { success, data } = observedParametersSchema.safeParse(JSON.parse(text));
  if (success) return data;
  throw new WrongUse(`the stack swath-${stage} was deployed from another version of Swath; deploy it again.`);
}

async function upload(s3: S3Client, bucket: string, file: string, key: string): Promise<SceneRef> {
  const { size: ContentLength } = await stat(file);
  const Body = createReadStream(file);
  const { VersionId = 'null' } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentLength }));
  return { bucket, key, versionId: VersionId };
}

/** The stack's outputs by their keys; one that is missing is an error, unless there is something to take in its place. */
export async function readOutputs(
  stage: string,
  client: CloudFormationClient,
): Promise<(key: string, none?: string) => string> {
  const { name, outputs } = await readStack(stage, client);
  return (key, none) => {
    const output = outputs[key] ?? none;
    if (output === undefined) throw new WrongUse(`the stack ${name} has no output ${key}; deploy it again.`);
    return output;
  };
}

/** A stage's stack, whatever state it is in. */
export async function readStack(stage: string, client: CloudFormationClient): Promise<StackState> {
  const name = `swath-${stage}`;
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name })).catch((error: Error) => {
    throw explained(error, name);
  });
  const { StackStatus: status = 'UNKNOWN', LastUpdatedTime, CreationTime, Outputs = [] } = Stacks[0] ?? {};
  const outputs = Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  return { name, status, changed: LastUpdatedTime ?? CreationTime ?? null, outputs };
}

/** The usual reasons why nothing is found, each with the way out. */
export function explained(error: Error, stack: string): Error {
  const wrong = (message: string) => new WrongUse(message, { cause: error });
  if (/does not exist/.test(error.message))
    return wrong(
      `there is no stack ${stack} in this account and region. Deploy it, or name another --stage or --region.`,
    );
  if (
    error.name === 'CredentialsProviderError' ||
    /credentials|security token|ExpiredToken/i.test(error.name + error.message)
  )
    return wrong(`AWS does not take your credentials (${error.message}). Log in, or name another --profile.`);
  const { code } = error as NodeJS.ErrnoException;
  if (/^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET)/.test(String(code)) || error.name === 'TimeoutError')
    return wrong(
      `AWS does not answer (${error.message || code}). Check the network, and AWS_ENDPOINT_URL if it is set.`,
    );
  if (/region/i.test(error.message)) return wrong('no AWS region is set. Name one with --region, or set AWS_REGION.');
  return error;
}

import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { makeMetricsTable } from '../functions/drift/metricsTable.ts';
import { readAlarmsOf } from '../functions/shared/aws/alarms.ts';
import { bucketOf, readRangeOf } from '../functions/shared/aws/bucket.ts';
import { executionsOf } from '../functions/shared/aws/executions.ts';
import { readLogsOf } from '../functions/shared/aws/readLogs.ts';
import { readMetricsOf } from '../functions/shared/aws/readMetrics.ts';
import { connectTables } from '../functions/shared/aws/tables.ts';
import { makeLedger } from '../functions/shared/ledger.ts';
import { makeModels } from '../functions/shared/models.ts';
import { type ObservedParameters, observedParametersSchema } from '../observability/parameters.ts';
import type { Service } from '../observability/service.ts';
import { noteOperations } from './awsTrouble.ts';
import { WrongUse } from './failure.ts';
import { makeUploads } from './upload.ts';
import type { Where } from './where.ts';

/** A deployed stage, found by the outputs of its CloudFormation stack, with the caller's own AWS credentials. */
export async function openStage(
  stage: string,
  { region, profile }: Pick<Where, 'region' | 'profile'>,
): Promise<Service> {
  const config = { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
  const cloudFormation = noteOperations(new CloudFormationClient(config));
  const outputs = await readOutputs(stage, cloudFormation);
  const tables = noteOperations(connectTables(config));
  const s3 = noteOperations(new S3Client(config));
  const cloudWatch = noteOperations(new CloudWatchClient(config));
  const logs = noteOperations(new CloudWatchLogsClient(config));
  const stepFunctions = noteOperations(new SFNClient(config));
  const parameters = readObserved(outputs('ObservedParameters'), stage);
  const { modelName } = parameters;
  const modelBucket = bucketOf(outputs('ModelsBucket'), s3);
  const results = bucketOf(outputs('ResultsBucket'), s3);
  const uploads = makeUploads(s3, outputs('InboxBucket'), outputs('InboxPrefix', ''));
  return {
    stage,
    parameters,
    now: () => new Date(),
    ledger: makeLedger(tables, outputs('LedgerTable')),
    executions: executionsOf(outputs('StateMachineArn'), stepFunctions),
    metrics: makeMetricsTable(tables, outputs('MetricsTable')),
    models: makeModels(modelBucket.read, modelName),
    modelBucket,
    listVersions: async () => {
      const keys = await modelBucket.list(`${modelName}/`);
      return keys.flatMap((key) => (key.endsWith('/item.json') ? [key.split('/').at(-2)!] : []));
    },
    readResult: results.read,
    writeResult: results.write,
    listResults: results.list,
    readRange: readRangeOf(s3),
    readMetrics: readMetricsOf(cloudWatch),
    readLogs: readLogsOf({ stack: stackName(stage), prefix: `/aws/lambda/swath-${stage}-` }, logs, cloudFormation),
    readAlarms: readAlarmsOf(stage, cloudWatch),
    readOutbox: null, // there they really are sent
    put: uploads.put,
    send: uploads.send,
    results: null,
    idle: async () => {},
    close: async () => {
      for (const client of [cloudFormation, tables, s3, cloudWatch, logs, stepFunctions]) client.destroy();
    },
  };
}

function stackName(stage: string): string {
  return `swath-${stage}`;
}

function readObserved(text: string, stage: string): ObservedParameters {
  const { success, data } = observedParametersSchema.safeParse(JSON.parse(text));
  if (success) return data;
  throw new WrongUse(`the stack ${stackName(stage)} was deployed from another version of Swath; deploy it again.`);
}

/** The stack's outputs by their keys; one that is missing is an error, unless there is something to take in its place. */
async function readOutputs(
  stage: string,
  client: CloudFormationClient,
): Promise<(key: string, none?: string) => string> {
  const StackName = stackName(stage);
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
  const obstacle = obstacleOf(stage, Stacks?.[0]);
  if (obstacle !== undefined) throw new Error(`the stack ${StackName} ${obstacle}`);
  return (key, none) => {
    const output = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? none;
    if (output === undefined) throw new WrongUse(`the stack ${StackName} has no output ${key}; deploy it again.`);
    return output;
  };
}

/** Why nothing can be done with a stack as it stands, and the way out; undefined where it has what it takes. */
function obstacleOf(stage: string, stack: Stack | undefined): string | undefined {
  const { StackStatus: status = 'REVIEW_IN_PROGRESS', StackStatusReason: reason } = stack ?? {};
  const why = reason === undefined ? '' : ` (${reason})`;
  if (/^(CREATE_FAILED|ROLLBACK_|REVIEW_)/.test(status))
    return `was never deployed whole: it is ${status}${why}. Its events in CloudFormation say what went wrong; then "npx sls remove --stage ${stage}", and deploy it again.`;
  if (status === 'CREATE_IN_PROGRESS') return 'is being deployed for the first time just now. Wait until that is done.';
  if (status === 'DELETE_IN_PROGRESS') return `is being removed just now${why}. Deploy it again once that is done.`;
  if (status === 'DELETE_FAILED')
    return `is removed in part: it is ${status}${why}. Remove the rest with "npx sls remove --stage ${stage}".`;
  return undefined; // an update that goes on, or was taken back, leaves what was there
}

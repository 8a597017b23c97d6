import {
  APIGatewayClient,
  GetApiKeysCommand,
  GetRestApisCommand,
  GetUsagePlansCommand,
} from '@aws-sdk/client-api-gateway';
import { CloudFormationClient, paginateListStacks } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, paginateDescribeAlarms, paginateListDashboards } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, paginateListRoles } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, KMSClient, paginateListKeys } from '@aws-sdk/client-kms';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { paginateListStateMachines, SFNClient } from '@aws-sdk/client-sfn';
import { paginateListTopics, SNSClient } from '@aws-sdk/client-sns';
import { paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import type { Account } from '../stage.ts';

/**
 * All that an account has, of every kind that the service makes: as the services themselves list it, whatever CloudFormation
 * says. A key that waits for its deletion is not there any more. How many there are of each kind is told, none too: it is what
 * a comparison of two inventories has looked at.
 */
export async function inventory(account: Account): Promise<string[]> {
  const found: string[] = [];
  const counts = new Map<string, number>();

  /** Lists with a client of its own. */
  async function list<Client extends { destroy: () => void }>(
    kind: string,
    client: Client,
    names: (client: Client) => AsyncIterable<(string | undefined)[] | undefined>,
  ): Promise<void> {
    const ofKind: string[] = [];
    for await (const page of names(client)) ofKind.push(...(page ?? []).map((name) => `${kind} ${name}`));
    client.destroy();
    counts.set(kind, ofKind.length);
    found.push(...ofKind);
  }

  await Promise.all([
    list('stack', new CloudFormationClient(account), async function* (client) {
      for await (const { StackSummaries } of paginateListStacks({ client }, {}))
        yield StackSummaries?.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE').map(
          (one) => one.StackName,
        );
    }),
    list('API', new APIGatewayClient(account), async function* (client) {
      yield (await client.send(new GetRestApisCommand({}))).items?.map(({ name }) => name);
    }),
    list('API key', new APIGatewayClient(account), async function* (client) {
      yield (await client.send(new GetApiKeysCommand({}))).items?.map(({ name }) => name);
    }),
    list('usage plan', new APIGatewayClient(account), async function* (client) {
      yield (await client.send(new GetUsagePlansCommand({}))).items?.map(({ name }) => name);
    }),
    list('bucket', new S3Client(account), async function* (client) {
      yield (await client.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name);
    }),
    list('table', new DynamoDBClient(account), async function* (client) {
      for await (const { TableNames } of paginateListTables({ client }, {})) yield TableNames;
    }),
    list('function', new LambdaClient(account), async function* (client) {
      for await (const { Functions } of paginateListFunctions({ client }, {}))
        yield Functions?.map(({ FunctionName }) => FunctionName);
    }),
    list('state machine', new SFNClient(account), async function* (client) {
      for await (const { stateMachines } of paginateListStateMachines({ client }, {}))
        yield stateMachines?.map(({ name }) => name);
    }),
    list('rule', new EventBridgeClient(account), async function* (client) {
      yield (await client.send(new ListRulesCommand())).Rules?.map(({ Name }) => Name);
    }),
    list('alarm', new CloudWatchClient(account), async function* (client) {
      for await (const { MetricAlarms } of paginateDescribeAlarms({ client }, {}))
        yield MetricAlarms?.map(({ AlarmName }) => AlarmName);
    }),
    list('dashboard', new CloudWatchClient(account), async function* (client) {
      for await (const { DashboardEntries } of paginateListDashboards({ client }, {}))
        yield DashboardEntries?.map(({ DashboardName }) => DashboardName);
    }),
    list('topic', new SNSClient(account), async function* (client) {
      for await (const { Topics } of paginateListTopics({ client }, {})) yield Topics?.map(({ TopicArn }) => TopicArn);
    }),
    list('queue', new SQSClient(account), async function* (client) {
      for await (const { QueueUrls } of paginateListQueues({ client }, {})) yield QueueUrls;
    }),
    list('role', new IAMClient(account), async function* (client) {
      for await (const { Roles } of paginateListRoles({ client }, {})) yield Roles?.map(({ RoleName }) => RoleName);
    }),
    list('log group', new CloudWatchLogsClient(account), async function* (client) {
      for await (const { logGroups } of paginateDescribeLogGroups({ client }, {}))
        yield logGroups?.map(({ logGroupName }) => logGroupName);
    }),
    list('key', new KMSClient(account), async function* (client) {
      for await (const { Keys = [] } of paginateListKeys({ client }, {}))
        for (const { KeyId } of Keys) {
          const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
          if (KeyMetadata?.KeyState !== 'PendingDeletion') yield [KeyMetadata?.Description ?? KeyId];
        }
    }),
  ]);
  const told = [...counts].sort().map(([kind, count]) => `${kind} ${count}`);
  console.log(`The account has, by kind: ${told.join(', ')}.`);
  return found.sort();
}

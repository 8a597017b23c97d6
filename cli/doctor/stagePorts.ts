import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import { DescribeRuleCommand, EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import * as sdk from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { connectQueues } from '../../aws/queues.ts';
import type { Service } from '../../console/service.ts';
import { keptFor } from '../../core/base/concurrency/keptFor.ts';
import { onError } from '../../core/base/errors.ts';
import { isOwnName, sceneEventSchema } from '../../core/base/messages.ts';
import { type Account, clientConfig, inboxPrefixOf, outputOf, readStack, type StackState } from '../service/stack.ts';
import { openStage } from '../service/stage.ts';
import { commandFor } from '../service/where.ts';
import { noteOperations } from '../terminal/explainAwsError.ts';
import type { Canary, Time } from './canary.ts';

/** Builds the ports for the checks of a stage; requests that several checks need are made once. */
export type StagePorts = ReturnType<typeof openStagePorts>;

const OUTPUT_OF = { inbox: 'InboxBucket', results: 'ResultsBucket', models: 'ModelsBucket' } as const;

export function openStagePorts(stage: string, account: Account, time: Time) {
  const config = clientConfig(account);
  const cloudFormation = noteOperations(new CloudFormationClient(config));
  const s3 = noteOperations(new sdk.S3Client(config));
  const stepFunctions = noteOperations(new SFNClient(config));
  const eventBridge = noteOperations(new EventBridgeClient(config));
  const sns = noteOperations(new SNSClient(config));
  const sqs = noteOperations(connectQueues(config));
  const sts = noteOperations(new STSClient(config));
  const stack = keptFor<void, StackState>(Number.POSITIVE_INFINITY, () => readStack(stage, cloudFormation));
  let opening: Promise<Service> | undefined;
  const service = keptFor<void, Service>(Number.POSITIVE_INFINITY, () => (opening = openStage(stage, account)));

  const command = (text: string): string => commandFor({ ...account, stage }, text);

  const output = async (key: string, none?: string): Promise<string> => outputOf(await stack(), key, none);

  return {
    ...time,
    stage,
    command,
    howToPromote: `Publish a package and promote it: ${command('model publish FOLDER --promote')}`,
    region: () => sts.config.region(),
    whoAmI: async () => {
      const { Account: number = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
      return { account: number, arn };
    },
    readStack: stack,
    output,
    service,
    reachBucket: async (bucket: keyof typeof OUTPUT_OF) => {
      const name = await output(OUTPUT_OF[bucket]);
      await s3.send(new sdk.HeadBucketCommand({ Bucket: name })).catch((cause: Error) => {
        const isMissing = cause instanceof sdk.S3ServiceException && cause.$metadata.httpStatusCode === 404;
        // The response to a HEAD has no body, and so no message.
        if (isMissing) throw new Error(`the ${bucket} bucket ${name} does not exist.`, { cause });
        throw Object.assign(new Error(`the ${bucket} bucket ${name} cannot be reached: ${cause.name}.`, { cause }), {
          name: cause.name,
        });
      });
      return name;
    },
    /** An EventBridge rule, and the ARNs of its targets; null if there is none of that name. */
    readRule: async (Name: string) => {
      const gone = onError('ResourceNotFoundException', () => null);
      const rule = await eventBridge.send(new DescribeRuleCommand({ Name })).catch(gone);
      const found = rule && (await eventBridge.send(new ListTargetsByRuleCommand({ Rule: Name })).catch(gone));
      if (found === null) return null;
      const targets = (found.Targets ?? []).map(({ Arn = '' }) => Arn);
      return { isEnabled: rule!.State !== 'DISABLED', schedule: rule!.ScheduleExpression ?? null, targets };
    },
    readSubscriptions: async () => {
      const found: { protocol: string; endpoint: string; isConfirmed: boolean }[] = [];
      const TopicArn = await output('AlarmTopicArn');
      // Others say "PendingConfirmation", or "Deleted" for a while.
      for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn }))
        for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of Subscriptions)
          if (SubscriptionArn !== 'Deleted')
            found.push({ protocol: Protocol, endpoint: Endpoint, isConfirmed: SubscriptionArn.startsWith('arn:') });
      return found;
    },
    isSubscriptionDeployed: async () => {
      const asked = { StackName: (await stack()).name, LogicalResourceId: 'AlarmSubscription' }; // resources/alarmEmail.yml
      const notThere = (why: Error) => (/does not exist/.test(why.message) ? false : Promise.reject(why));
      return cloudFormation.send(new DescribeStackResourceCommand(asked)).then(() => true, notThere);
    },
    sendsEvents: async (bucket: string) => {
      const asked = new sdk.GetBucketNotificationConfigurationCommand({ Bucket: bucket });
      const { EventBridgeConfiguration, QueueConfigurations = [] } = await s3.send(asked);
      if (EventBridgeConfiguration !== undefined) return 'EventBridge';
      const queue = (await stack()).outputs['ArrivalsQueueArn'];
      const isQueue = queue !== undefined && QueueConfigurations.some(({ QueueArn }) => QueueArn === queue);
      return isQueue ? 'the queue of arrivals' : 'nobody';
    },
    countDeadLetters: async () => {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: await output('DeadLetterQueueUrl'),
          // The second number counts messages in flight, such as during a redrive.
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      return Object.values(Attributes).reduce((sum, text) => sum + Number(text), 0);
    },
    canary: async () => {
      const [inbox, stateMachineArn] = [await output('InboxBucket'), await output('StateMachineArn')];
      const outputs = await stack();
      const inboxPrefix = inboxPrefixOf((key, none) => outputOf(outputs, key, none));
      const { arrivalsWindowSeconds: windowSeconds } = (await service()).parameters;
      return stageCanary({ s3, stepFunctions }, { inbox, stateMachineArn, inboxPrefix, windowSeconds });
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      for (const client of [cloudFormation, s3, stepFunctions, eventBridge, sns, sqs, sts]) client.destroy();
      await opening?.then(({ close }) => close()).catch(() => {}); // it never opened
    },
  };
}

type Place = { inbox: string; inboxPrefix: string; stateMachineArn: string; windowSeconds?: number };

/** A canary of a stage: an object in the inbox bucket, so that S3 itself sends the event. */
export function stageCanary(
  { s3, stepFunctions }: { s3: sdk.S3Client; stepFunctions: SFNClient },
  { inbox, inboxPrefix, stateMachineArn, windowSeconds = 0 }: Place,
): Canary {
  const others = new Set<string>();
  let arrived = new Date(0);

  return {
    inboxPrefix,
    // S3's events take "typically seconds, but can sometimes take a minute or longer"; if they are gathered, add a window.
    patienceMilliseconds: 120_000 + 1000 * windowSeconds,
    lookEveryMilliseconds: 1000,
    obstacle: async () => null,
    put: async (key, bytes) => {
      const { VersionId = 'null' } = await s3.send(new sdk.PutObjectCommand({ Bucket: inbox, Key: key, Body: bytes }));
      // AWS's clock, which may differ from this machine's.
      const { LastModified } = await s3.send(new sdk.HeadObjectCommand({ Bucket: inbox, Key: key }));
      arrived = LastModified ?? arrived;
      return { bucket: inbox, key, versionId: VersionId };
    },
    // Looks through executions from the newest to those that began before the canary was put there.
    findExecution: async ({ key }) => {
      const pages = paginateListExecutions({ client: stepFunctions }, { stateMachineArn, maxResults: 100 });
      for await (const { executions = [] } of pages)
        for (const { executionArn = '', name = '', startDate = arrived } of executions) {
          if (startDate < arrived) return undefined;
          if (isOwnName(name) || others.has(executionArn)) continue;
          const { input = '{}' } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
          if (sceneEventSchema.safeParse(JSON.parse(input)).data?.scene.key === key) return executionArn;
          others.add(executionArn);
        }
      return undefined;
    },
    remove: async ({ key, versionId }) => {
      const version = versionId === 'null' ? {} : { VersionId: versionId };
      await s3.send(new sdk.DeleteObjectCommand({ Bucket: inbox, Key: key, ...version }));
    },
  };
}

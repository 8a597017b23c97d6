import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ListTargetsByRuleCommand, PutTargetsCommand, RemoveTargetsCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { listKeysIn, readFrom, writeTo } from '../aws/bucket.ts';
import { executionsOf } from '../aws/executions.ts';
import { inboxPrefixOf } from '../cli/service/stack.ts';
import type { ExecutionStatus } from '../core/base/executions.ts';
import { isBulk, markedFolder } from '../core/base/keys.ts';
import { modelId, type SceneRef, sceneInput, sweepInput } from '../core/base/messages.ts';
import { makeLedger } from '../core/ledger/ledger.ts';
import { makeModels } from '../core/releases/models.ts';
import { observedParametersSchema } from '../observability/parameters.ts';
import { watchMetricsOf } from './publishedMetrics.ts';
import type { TestStack } from './stack.ts';
import type { Stage } from './stage.ts';
import { makeWitness } from './witness.ts';

/** What is different from one account to another, LocalStack's among them. */
export type Traits = {
  /** A key of that name, as far as the account's events bring its characters through. */
  spell: (name: string) => string;
  /** CloudWatch keeps a number by the minute, and shows it about so late. */
  metricSeconds: number;
  /** A rule that was changed may still do as before for so long. */
  ruleSeconds: number;
  /** Between two looks at what has not ended yet. */
  pollSeconds: number;
};

const AWS: Traits = { spell: (name) => name, metricSeconds: 60, ruleSeconds: 60, pollSeconds: 1 };

type Event = ReturnType<typeof sceneInput>;
/** S3's events take seconds, and now and then more than a minute. */
const EVENT_SECONDS = 180;

/** A deployed stage, by the AWS clients alone; whoever opened the stage closes it. */
export async function openDeployed(stage: Stage, traits = AWS): Promise<TestStack> {
  const { events, lambda, s3, stepFunctions, tables, output } = stage;
  const inbox = output('InboxBucket');
  const prefix = inboxPrefixOf(output);
  const bulkPrefix = output('BulkPrefix'); // which begins with the inbox's prefix
  const stateMachineArn = output('StateMachineArn');
  const { modelName, driftThreshold } = observedParametersSchema.parse(JSON.parse(output('ObservedParameters')));
  const executions = executionsOf(stateMachineArn, stepFunctions);
  const models = makeModels(readFrom(output('ModelsBucket'), s3), modelName);

  async function put(name: string, bytes: Uint8Array): Promise<SceneRef> {
    const key = prefix + name;
    const { VersionId: versionId } = await s3.send(new PutObjectCommand({ Bucket: inbox, Key: key, Body: bytes }));
    if (versionId === undefined) throw new Error(`The bucket ${inbox} keeps no versions.`);
    return { bucket: inbox, key, versionId };
  }

  /** Without a prefix the rule passes bulk files over, but for the markers among them. */
  const raisesNoEvent = (key: string) =>
    prefix === '' && isBulk(key, bulkPrefix) && markedFolder(key, bulkPrefix) === null;

  /** What is told of files leads nowhere while they are put: the rule, or the notification of a bucket that tells a queue itself. */
  async function putAllSilently(files: { key: string; bytes: Uint8Array }[]): Promise<SceneRef[]> {
    const { $metadata, ...told } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: inbox }));
    return told.EventBridgeConfiguration === undefined ? putUntold(told, files) : putBehindRule(files);
  }

  async function putUntold(told: NotificationConfiguration, files: { key: string; bytes: Uint8Array }[]) {
    const tell = async (NotificationConfiguration: NotificationConfiguration) => {
      const asked = { Bucket: inbox, NotificationConfiguration, SkipDestinationValidation: true };
      await s3.send(new PutBucketNotificationConfigurationCommand(asked));
      await aMoment();
    };
    await tell({});
    try {
      const scenes: SceneRef[] = [];
      for (const { key, bytes } of files) scenes.push(await put(key, bytes));
      await aMoment();
      return scenes;
    } finally {
      await tell(told);
    }
  }

  async function putBehindRule(files: { key: string; bytes: Uint8Array }[]): Promise<SceneRef[]> {
    const { name: Rule, pattern } = await stage.arrivals();
    const witness = await makeWitness(stage, pattern);
    const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule }));
    await events.send(new RemoveTargetsCommand({ Rule, Ids: Targets.map(({ Id }) => Id!) }));
    await aMoment();
    try {
      const scenes: SceneRef[] = [];
      for (const { key, bytes } of files) {
        const scene = await put(key, bytes);
        if (raisesNoEvent(scene.key)) {
          scenes.push(scene);
          continue;
        }
        await witness.saw((event: Event) => event.detail.object['version-id'] === scene.versionId, EVENT_SECONDS);
        scenes.push(scene);
      }
      return scenes;
    } finally {
      await aMoment();
      await events.send(new PutTargetsCommand({ Rule, Targets }));
      await witness.close();
      await aMoment();
    }
  }

  /** Until a rule or a bucket that was changed does as it is told. */
  const aMoment = () => setTimeout(traits.ruleSeconds * 1000);

  async function start(input: unknown): Promise<string> {
    const name = randomUUID();
    await executions.start(name, input);
    return executions.arnOf(name);
  }

  async function ended(execution: string): Promise<ExecutionStatus> {
    for (;;) {
      const status = await executions.describe(execution);
      if (status.status !== 'RUNNING') return status;
      await setTimeout(traits.pollSeconds * 1000);
    }
  }

  async function isBusy(): Promise<boolean> {
    const request = new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING', maxResults: 1 });
    return (await stepFunctions.send(request)).executions?.length !== 0;
  }

  return {
    parameters: { modelName, driftThreshold, chipsPerPart: await chipsPerPartOf(stage) },
    spell: traits.spell,
    writeModel: writeTo(output('ModelsBucket'), s3),
    // Of a way, each client and each stand-in for S3 makes something else.
    takes: (key) => (key.includes('\0') || key.split('/').some((name) => /^\.{0,2}$/.test(name)) ? 'untold' : 'yes'),
    put,
    putSilently: async (key, bytes) => (await putAllSilently([{ key, bytes }]))[0]!,
    putAllSilently,
    putBeside: async (key, bytes) => void (await put(key, bytes)),
    announce: async (scene) => ended(await start(sceneInput(scene))),
    sweep: async () => {
      await ended(await start(sweepInput));
      while (await isBusy()) await setTimeout(traits.pollSeconds * 1000);
    },
    judgeDays: async (before) => {
      const Payload = JSON.stringify({ before: before.toISOString() });
      const request = new InvokeCommand({ FunctionName: stage.functionName('drift'), Payload });
      const { FunctionError, Payload: answer } = await lambda.send(request);
      if (FunctionError !== undefined) throw new Error(`drift: ${answer?.transformToString()}`);
    },
    ledgerRows: makeLedger(tables, output('LedgerTable')).ofScene,
    ended,
    metricsRow: async (model, window) => {
      const Key = { model: modelId(model), window };
      const { Item } = await tables.get({ TableName: output('MetricsTable'), Key, ConsistentRead: true });
      return Item;
    },
    watchMetrics: watchMetricsOf(stage, models, traits.metricSeconds),
    listResults: listKeysIn(output('ResultsBucket'), s3),
    readResult: readFrom(output('ResultsBucket'), s3),
    close: async () => {},
  };
}

/** A deployment parameter that only the functions are told. */
async function chipsPerPartOf({ lambda, functionName }: Stage): Promise<number> {
  const FunctionName = functionName('preprocess');
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  return Number(Environment?.Variables?.['CHIPS_PER_PART']);
}

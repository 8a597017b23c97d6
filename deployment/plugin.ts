import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { publishTo } from '../aws/cloudwatch.ts';
import { executionsOf } from '../aws/executions.ts';
import { outputsOf } from '../aws/stackOutputs.ts';
import { insteadOf } from '../core/base/errors.ts';
import { mapped } from '../core/base/mapped.ts';
import { sweepInput } from '../core/base/messages.ts';
import { writeArtifacts } from './artifacts.ts';
import { bucketEventsOf } from './bucketEvents.ts';
import { attachInbox, detachInbox, fromOutputs, meetInbox, toOutputs } from './existingInbox.ts';
import { nextSteps } from './nextSteps.ts';
import { sendMeanwhile, sendToEventBridge, sendToQueue } from './ownInbox.ts';
import { checkParameters, existingInboxOf, type Given } from './parameters.ts';
import { accountOf, checkBuckets, checkEnvironments, checkRoles, NotDeployable, regionOf } from './preflight.ts';
import type { Logging, Serverless } from './serverless.ts';
import { isStageName, stageNameRule } from './stageName.ts';
import { deployStorage, describeStack, describeStorage, removeStorage, StorageFailed } from './storageStack.ts';
import { storageTemplate, withPlainNames } from './storageTemplate.ts';
import { variableSources } from './variables.ts';

const STORAGE_FILE = 'cloudformation-template-storage.json';

type Hooks = Record<string, () => Promise<void>>;

/** Extends the Serverless Framework for this service. Storage has a stack of its own: docs/decisions/0007-what-outlives-the-stack.md. */
export default class Deployment {
  readonly configurationVariablesSources = variableSources;
  readonly hooks: Hooks;

  constructor(serverless: Serverless, _options: unknown, logging: Logging) {
    checkCall(serverless); // before the variables are resolved, which would stumble over a wrong one
    // No function of this service is an image, so there is no registry to look into; not everybody may, or has one.
    Object.assign(removal(serverless) ?? {}, { checkIfEcrRepositoryExists: async () => false });
    const { Error: Shown } = serverless.classes;
    // Errors that say what to do are shown without a stack trace.
    const show = insteadOf([NotDeployable, StorageFailed], ({ message, name }) => new Shown(message, name));
    this.hooks = mapped(hooksOf(serverless, logging), (work) => () => work().catch(show));
  }
}

function hooksOf(serverless: Serverless, { log, progress }: Logging): Hooks {
  const provider = () => serverless.getProvider('aws');
  const tell = (text: string) => progress.get('main').notice(text);
  const mainStack = () => provider().naming.getStackName();
  const storageStack = () => `${mainStack()}-storage`;
  const parameter = (name: string) => String(inForce(serverless).find((given) => given.name === name)?.value ?? '');
  const arrivalsRule = () => `swath-${provider().getStage()}-arrivals`;
  /** As serverless.yml names it, whether the stage has it or not. */
  const ownInbox = (account: string) => `swath-${provider().getStage()}-inbox-${account}-${provider().getRegion()}`;
  let afterwards: (() => Promise<void>)[] = [];

  async function connect() {
    const config = await provider().getAwsSdkV3Config();
    const s3 = new S3Client(config);
    return {
      s3,
      cloudFormation: new CloudFormationClient(config),
      sts: new STSClient(config),
      stepFunctions: new SFNClient(config),
      events: bucketEventsOf(s3, new EventBridgeClient(config)),
    };
  }

  /** Where the package is, which may have been made elsewhere. */
  function packageFolder(): string {
    const { package: named } = serverless.processedInput.options;
    const folder = named ?? serverless.service.package.path ?? join(serverless.serviceDir, '.serverless');
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  async function completePackage(): Promise<void> {
    const template = storageTemplate(serverless.service.custom.storage);
    const { Resources } = serverless.service.provider.compiledCloudFormationTemplate;
    checkEnvironments(Resources);
    checkRoles(Resources, inForce(serverless));
    const text = JSON.stringify(template, (_, value) => value ?? undefined, 2); // null: left out
    writeFileSync(join(packageFolder(), STORAGE_FILE), text);
    writePackaged(packageFolder(), inForce(serverless));
  }

  async function prepare(): Promise<void> {
    const { cloudFormation, s3, sts, events } = await connect();
    tell('Checking the account');
    const region = provider().getRegion();
    const account = await accountOf(sts);
    const packaged = JSON.parse(readFileSync(join(packageFolder(), STORAGE_FILE), 'utf8'));
    const template = withPlainNames(packaged, account, region);
    const bucket = existingInboxOf(parameter('inboxBucket'));
    const buckets = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::S3::Bucket');
    const own = buckets.map(({ Properties }) => String((Properties as { BucketName: unknown }).BucketName));
    const there = await checkBuckets(s3, { own, inbox: bucket, region });
    const stored = await describeStorage(cloudFormation, storageStack());
    if (stored === undefined && there.length > 0 && parameter('throwAway') === 'true')
      throw new NotDeployable(
        `${there.join(', ')}: exists already, outside the stack ${storageStack()}, and a throw-away stage would delete it: deploy without throwAway first, which adopts it, and then again with it.`,
      );
    const former = fromOutputs(stored?.outputs ?? {});
    if (former !== undefined && parameter('inboxBucket') === '')
      throw new NotDeployable(
        `the inbox of this stage is the bucket ${former.bucket}: name it again with --param="inboxBucket=${former.bucket}", or give the stage its own inbox with --param="inboxBucket=own".`,
      );
    if ((await describeStack(cloudFormation, mainStack())) === undefined) await beginHeartbeat();
    const inbox = bucket === undefined ? undefined : await meetInbox(events, bucket, former, new Date());
    if (inbox !== undefined) {
      Object.assign(template.Outputs, toOutputs(inbox));
      const { Resources } = serverless.service.provider.compiledCloudFormationTemplate;
      // The sweep leaves what lay in the bucket before; only a deployment knows since when it is the inbox.
      Resources['DiscoverLambdaFunction']!.Properties.Environment!.Variables['INBOX_SINCE'] = inbox.since;
    }
    afterwards = [];
    tell('Deploying the storage stack');
    await deployStorage(cloudFormation, storageStack(), template);
    if (inbox !== undefined) await attachInbox(events, inbox.bucket);
    const ours = ownInbox(account);
    const ofStage = provider().getStage();
    if (inbox === undefined && Number(parameter('arrivalsWindowSeconds')) > 0) {
      await sendMeanwhile(events, ours, ofStage);
      afterwards.push(() => gather(ours));
    } else await sendToEventBridge(events, ours, ofStage); // before its queue goes
    if (former !== undefined && former.bucket !== inbox?.bucket)
      afterwards.push(() => detachInbox(events, former, arrivalsRule()));
  }

  /** A new stage's first sweep is due a day after it: without this, its alarm on a missing sweep would begin in ALARM. */
  async function beginHeartbeat(): Promise<void> {
    const publish = publishTo(provider().getStage(), new CloudWatchClient(await provider().getAwsSdkV3Config()));
    await publish([{ metric: 'Sweeps', value: 1, dimensions: {} } as const]).catch((error: Error) =>
      log.notice(`\nThe alarm no-sweep will be on until the first sweep has finished: ${error.message}`),
    );
  }

  /** Has the stage's own inbox send its events to the queue, which is there by now. */
  async function gather(bucket: string): Promise<void> {
    const { cloudFormation, events } = await connect();
    const { ArrivalsQueueArn: arn } = outputsOf(await describeStack(cloudFormation, mainStack()));
    if (arn === undefined) return; // nothing was deployed
    const queue = { stage: provider().getStage(), arn, inboxPrefix: parameter('inboxPrefix') };
    if (!(await sendToQueue(events, bucket, queue, arrivalsRule())))
      log.notice(
        `\nOther services also receive events of ${bucket}, so its events go through EventBridge, which costs $1.00 per million.`,
      );
  }

  async function begin(): Promise<void> {
    if (serverless.service.provider.shouldNotDeploy === true) return;
    const { cloudFormation, stepFunctions } = await connect();
    const outputs = outputsOf(await describeStack(cloudFormation, mainStack()));
    // Files that came while the stage was removed or being deployed do not wait for the night, and the sweep is not overdue.
    const { start } = executionsOf(outputs['StateMachineArn']!, stepFunctions);
    await start(`deployment-${Date.now()}`, sweepInput);
    const region = provider().getRegion();
    const where = { stage: provider().getStage(), region: process.env['AWS_REGION'] === region ? undefined : region };
    serverless.addServiceOutputSection('what to do next', nextSteps(where, parameter, outputs));
  }

  async function cleanUp(): Promise<void> {
    const { cloudFormation, s3, sts, events } = await connect();
    const stored = await describeStorage(cloudFormation, storageStack());
    if (stored === undefined) return;
    const inbox = fromOutputs(stored.outputs);
    if (inbox !== undefined) await detachInbox(events, inbox, arrivalsRule());
    if (stored.isThrowAway) return removeStorage(cloudFormation, s3, stored, tell);
    await sendToEventBridge(events, ownInbox(await accountOf(sts)), provider().getStage()); // its queue is gone
    const names = stored.resources.map(({ name }) => name).join(', ');
    log.notice(
      `\nKept for the next deployment of this stage, with all that is in them: ${names} (the stack ${stored.stack}). To delete them too: deploy with --param="throwAway=true", and remove again.`,
    );
  }

  return {
    initialize: async () => {
      const { commands, options } = serverless.processedInput;
      if (
        /^(deploy|info|invoke|logs|metrics|remove|rollback)/.test(commands.join()) &&
        (options.region ?? (await regionOf(options))) === null
      )
        throw new NotDeployable('no AWS region is set. Name one with --region, or set AWS_REGION.');
    },
    'before:package:createDeploymentArtifacts': () =>
      writeArtifacts(serverless, Object.keys(serverless.service.functions)),
    'before:deploy:function:packageFunction': () =>
      writeArtifacts(serverless, [serverless.processedInput.options.function!]),
    'after:package:finalize': completePackage,
    'before:aws:deploy:deploy:createStack': prepare,
    'after:aws:deploy:deploy:updateStack': async () => {
      for (const work of afterwards) await work();
    },
    'after:deploy:deploy': begin,
    'before:remove:remove': async () => {
      // Such as after a removal that broke off: what is left is what comes afterwards.
      const { cloudFormation } = await connect();
      const nothing = async () => ({}); // the removal goes on without the stack, rather than end with an error
      const without = { emptyS3Bucket: nothing, removeStack: nothing, monitorStack: nothing };
      if ((await describeStack(cloudFormation, mainStack())) === undefined)
        Object.assign(removal(serverless) ?? {}, without);
    },
    'after:remove:remove': cleanUp,
  };
}

const removal = (serverless: Serverless): object | undefined =>
  serverless.pluginManager.getPlugins().find((one) => one.constructor.name === 'AwsRemove');

type Called = Pick<Serverless, 'processedInput' | 'configurationInput'> & {
  getProvider: (name: 'aws') => { getStage: () => string };
};

/** What makes something of the parameters; a stack with a wrong one can still be looked at and removed. */
const CHECKED = ['package', 'deploy', 'deploy function'];

/** Refuses invalid parameters and stage names before anything else happens, with a sentence for each. */
export function checkCall(serverless: Called & Pick<Serverless, 'classes'>): void {
  const command = serverless.processedInput.commands.join(' ');
  try {
    // To be removed, too: what has such a name is another stage's.
    const stage = serverless.getProvider('aws').getStage();
    if ([...CHECKED, 'remove'].includes(command) && !isStageName(stage))
      throw new Error(`--stage: found ${JSON.stringify(stage)}, allowed is ${stageNameRule}.`);
    if (!CHECKED.includes(command)) return;
    const given = inForce(serverless);
    checkParameters(given, { isDeployment: command === 'deploy' });
    const { package: folder } = serverless.processedInput.options;
    if (command === 'deploy' && folder !== undefined) checkPackaged(folder, given);
  } catch (error) {
    throw new serverless.classes.Error((error as Error).message, 'INVALID_PARAMETER');
  }
}

/** The parameters that a package was made with, beside its templates. */
const PACKAGED_FILE = 'parameters.json';
const packagedSchema = z.record(z.string(), z.string());

export function writePackaged(folder: string, given: readonly Given[]): void {
  const packaged = Object.fromEntries(given.map(({ name, value }) => [name, String(value)]));
  writeFileSync(join(folder, PACKAGED_FILE), JSON.stringify(packaged, null, 2));
}

/** What was packaged before has its subscriptions and its inbox already: the parameters of now would change nothing. */
function checkPackaged(folder: string, given: readonly Given[]): void {
  const file = join(folder, PACKAGED_FILE);
  if (!existsSync(file))
    throw new Error(`--package ${folder}: found no ${PACKAGED_FILE} in it. Package it again with "sls package".`);
  const packaged = packagedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  for (const { name, value } of given)
    if (packaged[name] !== String(value))
      throw new Error(
        `${name}: ${folder} was packaged ${packaged[name] === undefined ? 'without it' : `with "${packaged[name]}"`}, and this deployment says "${value}". Package it again with --param="${name}=${value}".`,
      );
}

/** The command line overrides the stage's own parameters, and these the defaults; null counts as absent. */
function inForce(serverless: Called): Given[] {
  const given = new Map<string, Given>();
  for (const group of ['default', serverless.getProvider('aws').getStage()])
    for (const [name, value] of Object.entries(serverless.configurationInput.params?.[group] ?? {}))
      if (value !== null) given.set(name, { name, value, where: `params.${group}.${name}` });
  for (const text of serverless.processedInput.options.param ?? []) {
    const name = text.slice(0, text.indexOf('='));
    given.set(name, { name, value: text.slice(name.length + 1).trimEnd(), where: `--param ${name}` });
  }
  return [...given.values()];
}

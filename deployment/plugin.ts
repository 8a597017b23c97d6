import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { nextSteps } from './nextSteps.ts';
import { checkCall, inForce } from './parameterCheck.ts';
import { accountOf, checkBuckets, NotDeployable } from './preflight.ts';
import type { Logging, Serverless } from './serverless.ts';
import {
  deployStorage,
  describeStorage,
  holdsStorage,
  removeStorage,
  StorageFailed,
  storageStackName,
} from './storageStack.ts';
import { type StorageTemplate, storageTemplate, withPlainNames } from './storageTemplate.ts';
import { variableSources } from './variables.ts';

/** The template of the storage stack, beside the other one's in a package. */
const STORAGE_FILE = 'cloudformation-template-storage.json';

/**
 * What `sls` does for this service beside what the Serverless Framework does by itself: wrong parameters are refused before
 * anything is created, what is stored has a stack of its own, and a deployment ends with what to do next.
 */
export default class Deployment {
  readonly configurationVariablesSources = variableSources;
  readonly hooks: Record<string, () => void | Promise<void>>;

  constructor(serverless: Serverless, _options: unknown, logging: Logging) {
    checkCall(serverless); // before the variables are resolved, which would stumble over a wrong one
    lookForNoImages(serverless);
    const deployment = makeDeployment(serverless, logging);
    this.hooks = Object.fromEntries(
      Object.entries(deployment).map(([hook, work]) => [hook, () => work().catch(asShown(serverless))]),
    );
  }
}

function makeDeployment(serverless: Serverless, { log, progress }: Logging) {
  const provider = () => serverless.getProvider('aws');
  const tell = (text: string) => progress.get('main').notice(text);
  const stackName = () => storageStackName(provider().naming.getStackName());
  const parameter = (name: string) => String(inForce(serverless).find((given) => given.name === name)?.value ?? '');
  let isStorageLate = false;

  async function clients() {
    const config = await provider().getAwsSdkV3Config();
    return { cloudFormation: new CloudFormationClient(config), s3: new S3Client(config), sts: new STSClient(config) };
  }

  /** Where a package is, or is going to be. */
  function folder(): string {
    const { package: named } = serverless.processedInput.options;
    return named ?? serverless.service.package.path ?? join(serverless.serviceDir, '.serverless');
  }

  async function writeTemplate(): Promise<void> {
    const custom = serverless.service.custom as { storage: unknown };
    mkdirSync(folder(), { recursive: true });
    const template = storageTemplate(custom.storage, parameter('throwAway') === 'true');
    writeFileSync(join(folder(), STORAGE_FILE), JSON.stringify(template, null, 2));
  }

  async function prepare(): Promise<void> {
    const { cloudFormation, s3, sts } = await clients();
    tell('Looking at the account');
    await accountOf(sts);
    const template = await namedTemplate();
    const own = Object.values(template.Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::S3::Bucket' ? [String((Properties as { BucketName: unknown }).BucketName)] : [],
    );
    const inbox = parameter('inboxBucket') || undefined;
    await checkBuckets(s3, { own, inbox, region: provider().getRegion() });
    isStorageLate = await holdsStorage(cloudFormation, provider().naming.getStackName());
    if (!isStorageLate) await deploy();
  }

  async function deploy(): Promise<void> {
    tell('Deploying what is stored');
    const { cloudFormation } = await clients();
    await deployStorage(cloudFormation, stackName(), await namedTemplate());
  }

  async function namedTemplate(): Promise<StorageTemplate> {
    const { sts } = await clients();
    const template = JSON.parse(readFileSync(join(folder(), STORAGE_FILE), 'utf8'));
    return withPlainNames(template, await accountOf(sts), provider().getRegion());
  }

  async function sayWhatIsNext(): Promise<void> {
    const { cloudFormation } = await clients();
    const asked = new DescribeStacksCommand({ StackName: provider().naming.getStackName() });
    const outputs = (await cloudFormation.send(asked)).Stacks?.[0]?.Outputs;
    const region = provider().getRegion();
    const steps = nextSteps({
      stage: provider().getStage(),
      region: process.env['AWS_REGION'] === region ? undefined : region,
      alarmEmail: parameter('alarmEmail'),
      dashboardUrl: outputs?.find(({ OutputKey }) => OutputKey === 'DashboardUrl')?.OutputValue,
    });
    serverless.addServiceOutputSection('what to do next', steps);
  }

  async function cleanUp(): Promise<void> {
    const { cloudFormation, s3 } = await clients();
    const remains = await describeStorage(cloudFormation, stackName());
    if (remains === undefined) return;
    if (remains.isThrowAway) return removeStorage(cloudFormation, s3, remains, tell);
    const names = remains.resources.map(({ name }) => name).join(', ');
    log.notice(
      `\nKept for the next deployment of this stage, with all that is in them: ${names} (the stack ${remains.stack}). To delete them too: deploy with --param="throwAway=true", and remove again.`,
    );
  }

  return {
    'after:package:finalize': writeTemplate,
    'before:aws:deploy:deploy:createStack': prepare,
    'after:aws:deploy:deploy:updateStack': async () => {
      if (isStorageLate) await deploy();
    },
    'after:deploy:deploy': sayWhatIsNext,
    'after:remove:remove': cleanUp,
  };
}

/** No function of this service is an image, so there is no registry to look into; not everybody may, or has one. */
function lookForNoImages(serverless: Serverless): void {
  const remove = serverless.pluginManager.getPlugins().find(({ constructor }) => constructor.name === 'AwsRemove');
  if (remove !== undefined) Object.assign(remove, { checkIfEcrRepositoryExists: async () => false });
}

function asShown(serverless: Serverless) {
  return (error: unknown): never => {
    if (!(error instanceof NotDeployable || error instanceof StorageFailed)) throw error;
    throw new serverless.classes.Error(error.message, error.name);
  };
}

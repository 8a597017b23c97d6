import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openDoors } from './doors/openDoors.ts';
import { wildcardProblems, wildcardReasons } from './doors/wildcards.ts';
import type { Template } from './template.ts';

/** What a change of the template may do by mistake, and what is then said of it. */
type Mistake = [title: string, make: (resources: Resources) => unknown, says: RegExp];
// biome-ignore lint/suspicious/noExplicitAny: a mistake is made anywhere, and whether it could be made shows in what is said of it
type Resources = Record<string, { Type: string; Properties: any; [key: string]: unknown }>;

/**
 * Who may do what, and who may come in.
 *
 * @param created the template of the few minutes before the other two are there: the bucket of deployments, alone
 */
export function checkDoors(template: Template, created: Template): void {
  const reasons = wildcardReasons(template);

  describe('wildcards', () => {
    it('have each a reason, and each reason its wildcards', () => {
      assert.deepEqual(wildcardProblems(template, reasons), []);
    });

    for (const { why, link, allowed } of reasons)
      it(`${allowed.length}: ${why}`, () => assert.match(link, /^https:\/\/docs\.aws\.amazon\.com\//));

    for (const [title, make, says] of WILDCARD_MISTAKES)
      it(`are found: ${title}`, () => assertFound(wildcardProblems(changed(template, make), reasons), says));
  });

  describe('doors', () => {
    it('are closed', () => {
      assert.deepEqual(openDoors(template), []);
    });

    it('are closed from the first moment on, when there is but the bucket of deployments', () => {
      assert.deepEqual(Object.keys(created.Resources), [
        'ServerlessDeploymentBucket',
        'ServerlessDeploymentBucketPolicy',
      ]);
      // A new bucket has no access control lists by itself; and nothing is old yet.
      const later = /lets others own|leave behind|for ever/;
      assert.deepEqual(
        openDoors(created).filter((problem) => !later.test(problem)),
        [],
      );
    });

    for (const [title, make, says] of [...SETTINGS.map(asMistake), ...MISTAKES])
      it(`are found open: ${title}`, () => assertFound(openDoors(changed(template, make)), says));
  });
}

function assertFound([problem = '', ...others]: readonly string[], says: RegExp): void {
  assert.match(problem, says);
  assert.deepEqual(others, []);
}

function changed(template: Template, make: Mistake[1]): Template {
  const copy = structuredClone(template);
  make(copy.Resources as Resources);
  return copy;
}

const statementsOf = (role: Resources[string] | undefined) => role!.Properties.Policies[0].PolicyDocument.Statement;

const WILDCARD_MISTAKES: Mistake[] = [
  [
    'an action of them',
    ({ SettleRole }) => statementsOf(SettleRole)[0].Action.push('dynamodb:*'),
    /^SettleRole dynamodb:\* arn:aws:logs:.*: a wildcard without a reason$/,
  ],
  [
    'a resource of them',
    ({ RetryRole }) => Object.assign(statementsOf(RetryRole)[1], { Resource: 'arn:aws:dynamodb:*:*:table/*' }),
    /^RetryRole dynamodb:Query arn:aws:dynamodb:\*:\*:table\/\*: a wildcard without a reason$/,
  ],
  [
    'one letter of them',
    ({ RetryRole }) =>
      Object.assign(statementsOf(RetryRole)[1], { Resource: 'arn:aws:dynamodb:us-east-1:1:table/swath-?' }),
    /swath-\?: a wildcard without a reason$/,
  ],
  [
    "one in the state machine's role",
    ({ PipelineRole }) => {
      const Resource = 'arn:aws:lambda:us-east-1:123456789012:function:*';
      statementsOf(PipelineRole).push({ Effect: 'Allow', Action: ['lambda:GetFunction'], Resource });
    },
    /^PipelineRole lambda:GetFunction .*:function:\*: a wildcard without a reason$/,
  ],
  [
    'one in a second policy of a role',
    ({ InferRole, DriftRole }) => {
      const policy = structuredClone(DriftRole!.Properties.Policies[0]);
      policy.PolicyDocument.Statement = policy.PolicyDocument.Statement.slice(-1);
      InferRole!.Properties.Policies.push(policy);
    },
    /^InferRole cloudwatch:PutMetricData \*: a wildcard without a reason$/,
  ],
  [
    "one in a key's policy",
    ({ AlarmKey }) => AlarmKey!.Properties.KeyPolicy.Statement[1].Action.push('kms:Create*'),
    /^AlarmKey kms:Create\* \*: a wildcard without a reason$/,
  ],
  [
    'one that is gone, and whose reason stands here still',
    ({ DiscoverRole }) => {
      const { PolicyDocument } = DiscoverRole!.Properties.Policies[0];
      PolicyDocument.Statement = PolicyDocument.Statement.filter(
        ({ Action }: { Action: unknown }) => Action !== 'states:DescribeExecution',
      );
    },
    /^DiscoverRole states:DescribeExecution .*: a reason for what is not there$/,
  ],
];

const everyone = { Effect: 'Allow', Principal: '*', Resource: 'arn:aws:s3:::x' };
const addTo = (policy: Resources[string] | undefined, statement: unknown) =>
  policy!.Properties.PolicyDocument.Statement.push(statement);

function asMistake([id, path, value, says]: (typeof SETTINGS)[number]): Mistake {
  const make = (resources: Resources) => {
    const names = path.split('.');
    const last = names.pop()!;
    const at = names.reduce((within, name) => within[name], resources[id]!.Properties);
    if (value === undefined) delete at[last];
    else at[last] = value;
  };
  const changed = value === undefined ? `without ${path}` : `where ${path} is ${JSON.stringify(value)}`;
  return [`${id}, ${changed}`, make, new RegExp(`^${id}: ${says.source.slice(1)}`)];
}

/** A property of a resource that has another value, or none, and what is then said of the resource. */
const SETTINGS: [id: string, path: string, value: unknown, says: RegExp][] = [
  ['InboxBucket', 'PublicAccessBlockConfiguration.BlockPublicPolicy', false, /^may be made public$/],
  ['ServerlessDeploymentBucket', 'PublicAccessBlockConfiguration', undefined, /^may be made public$/],
  ['ResultsBucket', 'BucketEncryption', undefined, /^is not encrypted$/],
  ['ResultsBucket', 'VersioningConfiguration.Status', 'Suspended', /^keeps no versions$/],
  ['ModelsBucket', 'AccessControl', 'PublicRead', /^has an access control list$/],
  ['ServerlessDeploymentBucket', 'OwnershipControls', undefined, /^lets others own/],
  [
    'WatchLambdaEvConf',
    'DestinationConfig.OnFailure.Destination',
    'arn:aws:sns:us-east-1:999999999999:swath-dev',
    /^tells arn:aws:sns:us-east-1:999999999999:swath-dev$/,
  ],
  [
    'DeadLetterQueuePolicy',
    'PolicyDocument.Statement.0.Condition',
    undefined,
    /^Service events\.amazonaws\.com is let in on anybody's behalf/,
  ],
  [
    'AlarmTopicPolicy',
    'PolicyDocument.Statement.0.Condition',
    { ArnLike: { 'aws:SourceArn': 'arn:*' } },
    /^Service cloudwatch\.amazonaws\.com is let in on anybody's behalf/,
  ],
  ['ArrivalsQueue', 'SqsManagedSseEnabled', false, /^is not encrypted$/],
  ['AlarmTopic', 'KmsMasterKeyId', undefined, /^is not encrypted with a key of ours$/],
  ['LedgerTable', 'PointInTimeRecoverySpecification', undefined, /^cannot be had back as it was$/],
  ['MetricsTable', 'SSESpecification', undefined, /^does not say how it is encrypted$/],
  ['InferLogGroup', 'RetentionInDays', undefined, /^keeps its lines for ever$/],
  [
    'SqlWorkGroup',
    'WorkGroupConfiguration.EnforceWorkGroupConfiguration',
    false,
    /^a client may have its answers put anywhere$/,
  ],
  [
    'SqlWorkGroup',
    'WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration',
    undefined,
    /^does not encrypt its answers$/,
  ],
  ['PipelineRole', 'AssumeRolePolicyDocument.Statement.0.Principal', { AWS: '*' }, /^may be taken by AWS \*$/],
  [
    'PreprocessRole',
    'AssumeRolePolicyDocument.Statement.0.Principal.Service',
    ['lambda.amazonaws.com', 'ec2.amazonaws.com'],
    /^may be taken by Service ec2\.amazonaws\.com$/,
  ],
  [
    'StartPipelineRole',
    'ManagedPolicyArns',
    ['arn:aws:iam::aws:policy/AdministratorAccess'],
    /^has policies that stand elsewhere$/,
  ],
  [
    'WebhookLambdaPermissionSwathdevalarmsSNS',
    'SourceArn',
    'arn:aws:sns:us-east-1:999999999999:swath-dev-alarms',
    /^Service sns\.amazonaws\.com is let in on anybody's behalf/,
  ],
  ['ApiV1ModelsGet', 'ApiKeyRequired', false, /^takes no key$/],
  ['WorkDefinition', 'ContainerProperties.Image', 'ghcr.io/me/swath:1', /^may become another image$/],
  ['WorkDefinition', 'ContainerProperties.User', undefined, /^is root$/],
  ['WorkDefinition', 'ContainerProperties.Privileged', true, /^is privileged$/],
  ['WorkDefinition', 'ContainerProperties.ReadonlyRootFilesystem', false, /^writes to its image$/],
  [
    'WorkInstances',
    'LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit',
    2,
    /^lends its rights to containers$/,
  ],
  ['WorkInstances', 'LaunchTemplateData.BlockDeviceMappings.0.Ebs.Encrypted', undefined, /^is not encrypted$/],
];

/** One of each sentence that openDoors has, with those above: it says the same of each resource of a kind. */
const MISTAKES: Mistake[] = [
  [
    'a bucket is reached without TLS',
    (resources) => delete resources['ModelsBucketPolicy'],
    /^ModelsBucket: is reached without TLS$/,
  ],
  [
    'objects of a bucket are reached without TLS',
    ({ InboxBucketPolicy }) => InboxBucketPolicy!.Properties.PolicyDocument.Statement[0].Resource.pop(),
    /^InboxBucket: is reached without TLS$/,
  ],
  [
    'everyone may read a bucket',
    ({ InboxBucketPolicy }) => addTo(InboxBucketPolicy, { ...everyone, Action: 's3:GetObject' }),
    /^InboxBucketPolicy: open to everyone \(\*\)$/,
  ],
  [
    'a file that came in goes by itself',
    ({ InboxBucket }) =>
      InboxBucket!.Properties.LifecycleConfiguration.Rules.push({
        Id: 'tidy',
        Status: 'Enabled',
        NoncurrentVersionExpiration: { NoncurrentDays: 365 },
      }),
    /^InboxBucket: deletes what came in$/,
  ],
  [
    'old versions in a bucket take room for ever',
    ({ ModelsBucket }) => ModelsBucket!.Properties.LifecycleConfiguration.Rules.pop(),
    /^ModelsBucket: keeps old versions for ever$/,
  ],
  [
    'an account that is not ours may read the models',
    ({ ModelsBucketPolicy }) =>
      addTo(ModelsBucketPolicy, {
        ...everyone,
        Action: 's3:GetObject',
        Principal: { AWS: 'arn:aws:iam::999999999999:root' },
      }),
    /^ModelsBucketPolicy: open to AWS arn:aws:iam::999999999999:root$/,
  ],
  [
    'everyone may send to a queue',
    ({ DeadLetterQueuePolicy }) =>
      addTo(DeadLetterQueuePolicy, { ...everyone, Principal: { AWS: '*' }, Action: 'sqs:SendMessage' }),
    /^DeadLetterQueuePolicy: open to everyone \(AWS \*\)$/,
  ],
  [
    'a queue is reached without TLS',
    ({ ArrivalsQueuePolicy }) => ArrivalsQueuePolicy!.Properties.PolicyDocument.Statement.pop(),
    /^ArrivalsQueue: is reached without TLS$/,
  ],
  [
    'the topic is reached without TLS',
    ({ AlarmTopicPolicy }) => AlarmTopicPolicy!.Properties.PolicyDocument.Statement.pop(),
    /^AlarmTopic: is reached without TLS$/,
  ],
  [
    'everyone may use the key',
    ({ AlarmKey }) => AlarmKey!.Properties.KeyPolicy.Statement.push({ ...everyone, Action: 'kms:Decrypt' }),
    /^AlarmKey: open to everyone/,
  ],
  [
    'a table goes with its stack',
    ({ LedgerTable }) => Object.assign(LedgerTable!, { DeletionPolicy: 'Delete' }),
    /^LedgerTable: goes with its stack$/,
  ],
  [
    'a function may be called from the internet',
    (resources) =>
      Object.assign(resources, { RetryUrl: { Type: 'AWS::Lambda::Url', Properties: { AuthType: 'NONE' } } }),
    /^RetryUrl: nobody has said what closes a resource of the kind AWS::Lambda::Url$/,
  ],
];

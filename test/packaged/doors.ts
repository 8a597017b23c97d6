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
      it(`are found: ${title}`, () => {
        const [problem = '', ...others] = wildcardProblems(changed(template, make), reasons);
        assert.match(problem, says);
        assert.deepEqual(others, []);
      });
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

    for (const [title, make, says] of MISTAKES)
      it(`are found open: ${title}`, () => {
        const [problem = '', ...others] = openDoors(changed(template, make));
        assert.match(problem, says);
        assert.deepEqual(others, []);
      });
  });
}

function changed(template: Template, make: Mistake[1]): Template {
  const copy = structuredClone(template);
  make(copy.Resources as Resources);
  return copy;
}

const firstOf = (role: Resources[string] | undefined) => role!.Properties.Policies[0].PolicyDocument.Statement[0];

const WILDCARD_MISTAKES: Mistake[] = [
  [
    'an action of them',
    ({ SettleRole }) => {
      firstOf(SettleRole).Action.push('dynamodb:*');
    },
    /^SettleRole dynamodb:\* arn:aws:logs:.*: a wildcard without a reason$/,
  ],
  [
    'a resource of them',
    ({ RetryRole }) => {
      RetryRole!.Properties.Policies[0].PolicyDocument.Statement[1].Resource = 'arn:aws:dynamodb:*:*:table/*';
    },
    /^RetryRole dynamodb:Query arn:aws:dynamodb:\*:\*:table\/\*: a wildcard without a reason$/,
  ],
  [
    'one letter of them',
    ({ RetryRole }) => {
      RetryRole!.Properties.Policies[0].PolicyDocument.Statement[1].Resource =
        'arn:aws:dynamodb:us-east-1:1:table/swath-?';
    },
    /swath-\?: a wildcard without a reason$/,
  ],
  [
    "one in the role that the state machine's plugin writes",
    ({ PipelineRole }) => {
      const Resource = 'arn:aws:lambda:us-east-1:123456789012:function:*';
      const { Statement } = PipelineRole!.Properties.Policies[0].PolicyDocument;
      Statement.push({ Effect: 'Allow', Action: ['lambda:GetFunction'], Resource });
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
    ({ AlarmKey }) => {
      AlarmKey!.Properties.KeyPolicy.Statement[1].Action.push('kms:Create*');
    },
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

/** A property of a resource gets another value, or is taken away. */
const set = (id: string, path: string, value?: unknown) => (resources: Resources) => {
  const names = path.split('.');
  const last = names.pop()!;
  const at = names.reduce((within, name) => within[name], resources[id]!.Properties);
  if (value === undefined) delete at[last];
  else at[last] = value;
};

/** One of each sentence that openDoors has: it says the same of each resource of a kind. */
const MISTAKES: Mistake[] = [
  [
    'a bucket may be public',
    set('InboxBucket', 'PublicAccessBlockConfiguration.BlockPublicPolicy', false),
    /^InboxBucket: may be made public$/,
  ],
  [
    'a bucket is not said to be private',
    set('ServerlessDeploymentBucket', 'PublicAccessBlockConfiguration'),
    /^ServerlessDeploymentBucket: may be made public$/,
  ],
  ['a bucket is not encrypted', set('ResultsBucket', 'BucketEncryption'), /^ResultsBucket: is not encrypted$/],
  [
    'a bucket is reached without TLS',
    (resources) => delete resources['ModelsBucketPolicy'],
    /^ModelsBucket: is reached without TLS$/,
  ],
  [
    'objects of a bucket are reached without TLS',
    set('InboxBucketPolicy', 'PolicyDocument.Statement.0.Resource.length', 1),
    /^InboxBucket: is reached without TLS$/,
  ],
  [
    'a bucket keeps no versions',
    set('ResultsBucket', 'VersioningConfiguration.Status', 'Suspended'),
    /^ResultsBucket: keeps no versions$/,
  ],
  [
    'a bucket has an access control list',
    set('ModelsBucket', 'AccessControl', 'PublicRead'),
    /^ModelsBucket: has an access control list$/,
  ],
  [
    "a bucket's objects are somebody's who put them there",
    set('ServerlessDeploymentBucket', 'OwnershipControls'),
    /^ServerlessDeploymentBucket: lets others own/,
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
    'an account that is not ours is told of calls that failed',
    set('WatchLambdaEvConf', 'DestinationConfig.OnFailure.Destination', 'arn:aws:sns:us-east-1:999999999999:swath-dev'),
    /^WatchLambdaEvConf: tells arn:aws:sns:us-east-1:999999999999:swath-dev$/,
  ],
  [
    'everyone may send to a queue',
    ({ DeadLetterQueuePolicy }) =>
      addTo(DeadLetterQueuePolicy, { ...everyone, Principal: { AWS: '*' }, Action: 'sqs:SendMessage' }),
    /^DeadLetterQueuePolicy: open to everyone \(AWS \*\)$/,
  ],
  [
    "EventBridge may send to a queue on anybody's behalf",
    set('DeadLetterQueuePolicy', 'PolicyDocument.Statement.0.Condition'),
    /^DeadLetterQueuePolicy: Service events\.amazonaws\.com is let in on anybody's behalf/,
  ],
  [
    "CloudWatch may publish on anybody's behalf, though with a condition",
    set('AlarmTopicPolicy', 'PolicyDocument.Statement.0.Condition', { ArnLike: { 'aws:SourceArn': 'arn:*' } }),
    /^AlarmTopicPolicy: Service cloudwatch\.amazonaws\.com is let in on anybody's behalf/,
  ],
  [
    'a queue is not encrypted',
    set('ArrivalsQueue', 'SqsManagedSseEnabled', false),
    /^ArrivalsQueue: is not encrypted$/,
  ],
  [
    'a queue is reached without TLS',
    ({ ArrivalsQueuePolicy }) => ArrivalsQueuePolicy!.Properties.PolicyDocument.Statement.pop(),
    /^ArrivalsQueue: is reached without TLS$/,
  ],
  [
    'the topic is not encrypted',
    set('AlarmTopic', 'KmsMasterKeyId'),
    /^AlarmTopic: is not encrypted with a key of ours$/,
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
    'a table cannot be had back',
    set('LedgerTable', 'PointInTimeRecoverySpecification'),
    /^LedgerTable: cannot be had back as it was$/,
  ],
  [
    'a table says nothing of its encryption',
    set('MetricsTable', 'SSESpecification'),
    /^MetricsTable: does not say how it is encrypted$/,
  ],
  [
    'a table goes with its stack',
    ({ LedgerTable }) => Object.assign(LedgerTable!, { DeletionPolicy: 'Delete' }),
    /^LedgerTable: goes with its stack$/,
  ],
  ['log lines are kept for ever', set('InferLogGroup', 'RetentionInDays'), /^InferLogGroup: keeps its lines for ever$/],
  [
    'answers of Athena go where a client likes',
    set('SqlWorkGroup', 'WorkGroupConfiguration.EnforceWorkGroupConfiguration', false),
    /^SqlWorkGroup: a client may have its answers put anywhere$/,
  ],
  [
    'answers of Athena are not encrypted',
    set('SqlWorkGroup', 'WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration'),
    /^SqlWorkGroup: does not encrypt its answers$/,
  ],
  [
    'everyone may take a role',
    set('PipelineRole', 'AssumeRolePolicyDocument.Statement.0.Principal', { AWS: '*' }),
    /^PipelineRole: may be taken by AWS \*$/,
  ],
  [
    'another service may take a role, too',
    set('PreprocessRole', 'AssumeRolePolicyDocument.Statement.0.Principal.Service', [
      'lambda.amazonaws.com',
      'ec2.amazonaws.com',
    ]),
    /^PreprocessRole: may be taken by Service ec2\.amazonaws\.com$/,
  ],
  [
    'a role may do what stands elsewhere',
    set('StartPipelineRole', 'ManagedPolicyArns', ['arn:aws:iam::aws:policy/AdministratorAccess']),
    /^StartPipelineRole: has policies that stand elsewhere$/,
  ],
  [
    'the webhook may be called by a topic of another account',
    set('WebhookLambdaPermissionSwathdevalarmsSNS', 'SourceArn', 'arn:aws:sns:us-east-1:999999999999:swath-dev-alarms'),
    /^WebhookLambdaPermissionSwathdevalarmsSNS: Service sns\.amazonaws\.com is let in on anybody's behalf/,
  ],
  [
    'a method of the API takes no key',
    set('ApiV1ModelsGet', 'ApiKeyRequired', false),
    /^ApiV1ModelsGet: takes no key$/,
  ],
  [
    'a function may be called from the internet',
    (resources) =>
      Object.assign(resources, { RetryUrl: { Type: 'AWS::Lambda::Url', Properties: { AuthType: 'NONE' } } }),
    /^RetryUrl: nobody has said what closes a resource of the kind AWS::Lambda::Url$/,
  ],
];

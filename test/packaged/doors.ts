import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openDoors } from './doors/openDoors.ts';
import { wildcardProblems, wildcardReasons } from './doors/wildcards.ts';
import type { Template } from './template.ts';

/** What a change of the template may do by mistake, and what is then said of it. */
type Mistake = { title: string; make: (resources: Resources) => void; says: RegExp };
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

    for (const { title, make, says } of WILDCARD_MISTAKES)
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

    for (const { title, make, says } of MISTAKES)
      it(`are found open: ${title}`, () => {
        const [problem = '', ...others] = openDoors(changed(template, make));
        assert.match(problem, says);
        assert.deepEqual(others, []);
      });
  });
}

function changed(template: Template, make: Mistake['make']): Template {
  const copy = structuredClone(template);
  make(copy.Resources as Resources);
  return copy;
}

const firstOf = (role: Resources[string] | undefined) => role!.Properties.Policies[0].PolicyDocument.Statement[0];

const WILDCARD_MISTAKES: Mistake[] = [
  {
    title: 'an action of them',
    make: ({ SettleRole }) => {
      firstOf(SettleRole).Action.push('dynamodb:*');
    },
    says: /^SettleRole dynamodb:\* arn:aws:logs:.*: a wildcard without a reason$/,
  },
  {
    title: 'a resource of them',
    make: ({ RetryRole }) => {
      RetryRole!.Properties.Policies[0].PolicyDocument.Statement[1].Resource = 'arn:aws:dynamodb:*:*:table/*';
    },
    says: /^RetryRole dynamodb:Query arn:aws:dynamodb:\*:\*:table\/\*: a wildcard without a reason$/,
  },
  {
    title: 'one letter of them',
    make: ({ RetryRole }) => {
      RetryRole!.Properties.Policies[0].PolicyDocument.Statement[1].Resource =
        'arn:aws:dynamodb:us-east-1:1:table/swath-?';
    },
    says: /swath-\?: a wildcard without a reason$/,
  },
  {
    title: "one in the role that the state machine's plugin writes",
    make: ({ PipelineRole }) => {
      const Resource = 'arn:aws:lambda:us-east-1:123456789012:function:*';
      const { Statement } = PipelineRole!.Properties.Policies[0].PolicyDocument;
      Statement.push({ Effect: 'Allow', Action: ['lambda:GetFunction'], Resource });
    },
    says: /^PipelineRole lambda:GetFunction .*:function:\*: a wildcard without a reason$/,
  },
  {
    title: 'one in a second policy of a role',
    make: ({ InferRole, DriftRole }) => {
      const policy = structuredClone(DriftRole!.Properties.Policies[0]);
      policy.PolicyDocument.Statement = policy.PolicyDocument.Statement.slice(-1);
      InferRole!.Properties.Policies.push(policy);
    },
    says: /^InferRole cloudwatch:PutMetricData \*: a wildcard without a reason$/,
  },
  {
    title: "one in a key's policy",
    make: ({ AlarmKey }) => {
      AlarmKey!.Properties.KeyPolicy.Statement[1].Action.push('kms:Create*');
    },
    says: /^AlarmKey kms:Create\* \*: a wildcard without a reason$/,
  },
  {
    title: 'one that is gone, and whose reason stands here still',
    make: ({ DiscoverRole }) => {
      const { PolicyDocument } = DiscoverRole!.Properties.Policies[0];
      PolicyDocument.Statement = PolicyDocument.Statement.filter(
        ({ Action }: { Action: unknown }) => Action !== 'states:DescribeExecution',
      );
    },
    says: /^DiscoverRole states:DescribeExecution .*: a reason for what is not there$/,
  },
];

const everyone = { Effect: 'Allow', Principal: '*', Resource: 'arn:aws:s3:::x' };
const addTo = (policy: Resources[string] | undefined, statement: unknown) =>
  policy!.Properties.PolicyDocument.Statement.push(statement);

const BUCKETS = ['InboxBucket', 'ResultsBucket', 'ModelsBucket', 'ServerlessDeploymentBucket'];

const MISTAKES: Mistake[] = [
  ...BUCKETS.flatMap((id): Mistake[] => [
    {
      title: `${id} may be public`,
      make: (resources) => {
        resources[id]!.Properties.PublicAccessBlockConfiguration.BlockPublicPolicy = false;
      },
      says: new RegExp(`^${id}: may be made public$`),
    },
    {
      title: `${id} is not said to be private`,
      make: (resources) => {
        delete resources[id]!.Properties.PublicAccessBlockConfiguration;
      },
      says: new RegExp(`^${id}: may be made public$`),
    },
    {
      title: `${id} is not encrypted`,
      make: (resources) => {
        delete resources[id]!.Properties.BucketEncryption;
      },
      says: new RegExp(`^${id}: is not encrypted$`),
    },
    {
      title: `${id} is reached without TLS`,
      make: (resources) => {
        delete resources[`${id}Policy`];
      },
      says: new RegExp(`^${id}: is reached without TLS$`),
    },
    {
      title: `${id}'s objects are reached without TLS`,
      make: (resources) => {
        resources[`${id}Policy`]!.Properties.PolicyDocument.Statement[0].Resource.length = 1;
      },
      says: new RegExp(`^${id}: is reached without TLS$`),
    },
    {
      title: `${id} keeps no versions`,
      make: (resources) => {
        resources[id]!.Properties.VersioningConfiguration.Status = 'Suspended';
      },
      says: new RegExp(`^${id}: keeps no versions$`),
    },
    {
      title: `${id} has an access control list`,
      make: (resources) => {
        resources[id]!.Properties.AccessControl = 'PublicRead';
      },
      says: new RegExp(`^${id}: has an access control list$`),
    },
    {
      title: `${id} is somebody's who put something there`,
      make: (resources) => {
        delete resources[id]!.Properties.OwnershipControls;
      },
      says: new RegExp(`^${id}: lets others own`),
    },
    {
      title: `${id} lets everyone read`,
      make: (resources) => addTo(resources[`${id}Policy`], { ...everyone, Action: 's3:GetObject' }),
      says: new RegExp(`^${id}Policy: open to everyone \\(\\*\\)$`),
    },
  ]),
  {
    title: 'a file that came in goes by itself',
    make: ({ InboxBucket }) => {
      const { Rules } = InboxBucket!.Properties.LifecycleConfiguration;
      Rules.push({ Id: 'tidy', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 365 } });
    },
    says: /^InboxBucket: deletes what came in$/,
  },
  ...['ResultsBucket', 'ModelsBucket'].map(
    (id): Mistake => ({
      title: `old versions in ${id} take room for ever`,
      make: (resources) => {
        resources[id]!.Properties.LifecycleConfiguration.Rules.pop();
      },
      says: new RegExp(`^${id}: keeps old versions for ever$`),
    }),
  ),
  {
    title: 'an account that is not ours may read the models',
    make: ({ ModelsBucketPolicy }) =>
      addTo(ModelsBucketPolicy, {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::x',
        Principal: { AWS: 'arn:aws:iam::999999999999:root' },
      }),
    says: /^ModelsBucketPolicy: open to AWS arn:aws:iam::999999999999:root$/,
  },
  {
    title: 'an account that is not ours is told of calls that failed',
    make: ({ WatchLambdaEvConf }) => {
      WatchLambdaEvConf!.Properties.DestinationConfig.OnFailure.Destination =
        'arn:aws:sns:us-east-1:999999999999:swath-dev';
    },
    says: /^WatchLambdaEvConf: tells arn:aws:sns:us-east-1:999999999999:swath-dev$/,
  },
  {
    title: 'everyone may send to the queue',
    make: ({ DeadLetterQueuePolicy }) =>
      addTo(DeadLetterQueuePolicy, { ...everyone, Principal: { AWS: '*' }, Action: 'sqs:SendMessage' }),
    says: /^DeadLetterQueuePolicy: open to everyone \(AWS \*\)$/,
  },
  {
    title: "EventBridge may send to the queue on anybody's behalf",
    make: ({ DeadLetterQueuePolicy }) => {
      delete DeadLetterQueuePolicy!.Properties.PolicyDocument.Statement[0].Condition;
    },
    says: /^DeadLetterQueuePolicy: Service events\.amazonaws\.com is let in on anybody's behalf/,
  },
  {
    title: 'the queue is not encrypted',
    make: ({ DeadLetterQueue }) => {
      DeadLetterQueue!.Properties.SqsManagedSseEnabled = false;
    },
    says: /^DeadLetterQueue: is not encrypted$/,
  },
  {
    title: 'the queue is reached without TLS',
    make: ({ DeadLetterQueuePolicy }) => {
      DeadLetterQueuePolicy!.Properties.PolicyDocument.Statement.pop();
    },
    says: /^DeadLetterQueue: is reached without TLS$/,
  },
  {
    title: 'everyone may send to the queue of arrivals',
    make: ({ ArrivalsQueuePolicy }) => addTo(ArrivalsQueuePolicy, { ...everyone, Action: 'sqs:SendMessage' }),
    says: /^ArrivalsQueuePolicy: open to everyone \(\*\)$/,
  },
  {
    title: 'the queue of arrivals is not encrypted',
    make: ({ ArrivalsQueue }) => {
      ArrivalsQueue!.Properties.SqsManagedSseEnabled = false;
    },
    says: /^ArrivalsQueue: is not encrypted$/,
  },
  {
    title: 'the queue of arrivals is reached without TLS',
    make: ({ ArrivalsQueuePolicy }) => {
      ArrivalsQueuePolicy!.Properties.PolicyDocument.Statement.pop();
    },
    says: /^ArrivalsQueue: is reached without TLS$/,
  },
  {
    title: 'everyone may publish to the topic',
    make: ({ AlarmTopicPolicy }) => addTo(AlarmTopicPolicy, { ...everyone, Action: 'sns:Publish' }),
    says: /^AlarmTopicPolicy: open to everyone/,
  },
  {
    title: "CloudWatch may publish to the topic on anybody's behalf",
    make: ({ AlarmTopicPolicy }) => {
      AlarmTopicPolicy!.Properties.PolicyDocument.Statement[0].Condition = { ArnLike: { 'aws:SourceArn': 'arn:*' } };
    },
    says: /^AlarmTopicPolicy: Service cloudwatch\.amazonaws\.com is let in on anybody's behalf/,
  },
  {
    title: 'the topic is not encrypted',
    make: ({ AlarmTopic }) => {
      delete AlarmTopic!.Properties.KmsMasterKeyId;
    },
    says: /^AlarmTopic: is not encrypted with a key of ours$/,
  },
  {
    title: 'the topic is reached without TLS',
    make: ({ AlarmTopicPolicy }) => {
      AlarmTopicPolicy!.Properties.PolicyDocument.Statement.pop();
    },
    says: /^AlarmTopic: is reached without TLS$/,
  },
  {
    title: 'everyone may use the key',
    make: ({ AlarmKey }) => {
      AlarmKey!.Properties.KeyPolicy.Statement.push({ ...everyone, Action: 'kms:Decrypt' });
    },
    says: /^AlarmKey: open to everyone/,
  },
  {
    title: "CloudWatch may use the key on anybody's behalf",
    make: ({ AlarmKey }) => {
      delete AlarmKey!.Properties.KeyPolicy.Statement[1].Condition;
    },
    says: /^AlarmKey: Service cloudwatch\.amazonaws\.com is let in on anybody's behalf/,
  },
  ...['LedgerTable', 'MetricsTable'].flatMap((id): Mistake[] => [
    {
      title: `${id} cannot be had back`,
      make: (resources) => {
        delete resources[id]!.Properties.PointInTimeRecoverySpecification;
      },
      says: new RegExp(`^${id}: cannot be had back as it was$`),
    },
    {
      title: `${id} says nothing of its encryption`,
      make: (resources) => {
        delete resources[id]!.Properties.SSESpecification;
      },
      says: new RegExp(`^${id}: does not say how it is encrypted$`),
    },
    {
      title: `${id} goes with its stack`,
      make: (resources) => {
        resources[id]!['DeletionPolicy'] = 'Delete';
      },
      says: new RegExp(`^${id}: goes with its stack$`),
    },
  ]),
  {
    title: 'log lines are kept for ever',
    make: ({ InferLogGroup }) => {
      delete InferLogGroup!.Properties.RetentionInDays;
    },
    says: /^InferLogGroup: keeps its lines for ever$/,
  },
  {
    title: 'answers of Athena go where a client likes',
    make: ({ SqlWorkGroup }) => {
      SqlWorkGroup!.Properties.WorkGroupConfiguration.EnforceWorkGroupConfiguration = false;
    },
    says: /^SqlWorkGroup: a client may have its answers put anywhere$/,
  },
  {
    title: 'answers of Athena are not encrypted',
    make: ({ SqlWorkGroup }) => {
      delete SqlWorkGroup!.Properties.WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration;
    },
    says: /^SqlWorkGroup: does not encrypt its answers$/,
  },
  ...['PreprocessRole', 'PipelineRole', 'StartPipelineRole'].flatMap((id): Mistake[] => [
    {
      title: `everyone may take ${id}`,
      make: (resources) => {
        resources[id]!.Properties.AssumeRolePolicyDocument.Statement[0].Principal = { AWS: '*' };
      },
      says: new RegExp(`^${id}: may be taken by AWS \\*$`),
    },
    {
      title: `another service may take ${id}, too`,
      make: (resources) => {
        const { Principal } = resources[id]!.Properties.AssumeRolePolicyDocument.Statement[0];
        Principal.Service = [Principal.Service, 'ec2.amazonaws.com'];
      },
      says: new RegExp(`^${id}: may be taken by Service ec2\\.amazonaws\\.com$`),
    },
    {
      title: `${id} may do what stands elsewhere`,
      make: (resources) => {
        resources[id]!.Properties.ManagedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess'];
      },
      says: new RegExp(`^${id}: has policies that stand elsewhere$`),
    },
  ]),
  ...[
    ['without a topic', undefined],
    ['of another account', 'arn:aws:sns:us-east-1:999999999999:swath-dev-alarms'],
  ].map(
    ([title, SourceArn]): Mistake => ({
      title: `the webhook may be called by a topic ${title}`,
      make: ({ WebhookLambdaPermissionSwathdevalarmsSNS }) => {
        WebhookLambdaPermissionSwathdevalarmsSNS!.Properties.SourceArn = SourceArn;
      },
      says: /^WebhookLambdaPermissionSwathdevalarmsSNS: Service sns\.amazonaws\.com is let in on anybody's behalf/,
    }),
  ),
  {
    title: 'a function may be called from the internet',
    make: (resources) => {
      resources['RetryUrl'] = { Type: 'AWS::Lambda::Url', Properties: { AuthType: 'NONE' } };
    },
    says: /^RetryUrl: nobody has said what closes a resource of the kind AWS::Lambda::Url$/,
  },
];

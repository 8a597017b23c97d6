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
  ['ApiV1ModelsGet', 'ApiKeyRequired', false, /^takes no key$/],
];

/** With those above, one for most sentences that openDoors has: it says the same of each resource of a kind. */
const MISTAKES: Mistake[] = [
  [
    'a bucket is reached without TLS',
    (resources) => delete resources['ModelsBucketPolicy'],
    /^ModelsBucket: is reached without TLS$/,
  ],
  [
    'everyone may read a bucket',
    ({ InboxBucketPolicy }) => addTo(InboxBucketPolicy, { ...everyone, Action: 's3:GetObject' }),
    /^InboxBucketPolicy: open to everyone \(\*\)$/,
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

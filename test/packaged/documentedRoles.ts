import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as z from 'zod';
import {
  predictionsKey,
  preparedKey,
  reportKey,
  requestKey,
  shadowPredictionsKey,
  truthKey,
} from '../../core/base/keys.ts';
import { covers, grantsOf } from './permissions.ts';
import type { Template } from './template.ts';

const policySchema = z.object({
  Statement: z.array(
    z.object({
      Effect: z.literal('Allow'),
      Action: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
      Resource: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
      Condition: z.unknown().optional(),
    }),
  ),
});

/**
 * The permissions in docs/, against what is deployed.
 *
 * @param plain the template without what parameters add
 */
export function checkDocumentedRoles(template: Template, plain: Template): void {
  it('docs/deploy.md has the key of an inbox let every function that reads it decrypt', () => {
    const document = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    const [, always = '', added = ''] = /the key's policy must let the roles of ([^,]+, [^,]+),\s([^;]+)\sdecrypt/.exec(
      document,
    )!;
    const namesIn = (text: string, those: readonly string[]) => those.filter((name) => text.includes(`\`${name}\``));
    const [readers, ofPlain] = [functionsWith('s3:GetObject', template), functionsWith('s3:GetObject', plain)];
    assert.deepEqual(ofPlain, ['infer', 'preprocess', 'preprocessCubes', 'report']);
    assert.deepEqual(namesIn(always, readers), ofPlain);
    assert.deepEqual(
      namesIn(added, readers),
      readers.filter((name) => !ofPlain.includes(name)),
    );
  });

  it('docs/deploy.md has the key of an inbox let every function that writes to it make data keys', () => {
    const document = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    const [, added = ''] = /needs `kms:GenerateDataKey`: with `feedSchedule` the role of\s+`(\w+)`,/.exec(document)!;
    assert.deepEqual(functionsWith('s3:PutObject', plain), []);
    assert.deepEqual(functionsWith('s3:PutObject', template), [added]);
  });

  const placeOf = (name: string) => new URL(`../../docs/${name}-role.json`, import.meta.url);
  const rolesOf = (name: string) => policySchema.parse(JSON.parse(readFileSync(placeOf(name), 'utf8'))).Statement;

  describe('who deploys', () => {
    const actions = rolesOf('deploying').flatMap(({ Action }) => Action);
    for (const type of new Set(Object.values(template.Resources).map(({ Type }) => Type))) {
      it(`may make and delete a ${type}`, () => {
        const needed =
          NEEDED[type.replace('AWS::', '')] ?? assert.fail('docs/deploying-role.json knows nothing of it.');
        const [service, ...names] = needed.split(/:? /);
        const missing = names.filter((name) => !actions.includes(`${service}:${name}`));
        assert.deepEqual(missing, []);
      });
    }
    for (const [action, resource, place] of DEPLOYED_WITH)
      it(`may ${action} ${resource}, as ${place} does`, () => assert.ok(mayOf('deploying', action, resource)));
  });

  it('who deploys may pass roles to EC2 in China as well, where its name ends in .cn', () => {
    const passed = JSON.stringify(
      rolesOf('deploying').find(({ Action }) => Action.includes('iam:PassRole'))?.Condition,
    );
    for (const suffix of ['com', 'com.cn']) assert.ok(passed.includes(`"ec2.amazonaws.${suffix}"`));
  });

  /** Whether a role may do something whatever the conditions of its statements look at. */
  const mayOf = (role: string, action: string, resource: string) =>
    rolesOf(role)
      .filter(({ Condition }) => Condition === undefined)
      .flatMap(({ Action, Resource }) => Action.flatMap((one) => Resource.map((of) => ({ action: one, resource: of }))))
      .some((grant) => covers({ role, condition: undefined, ...grant }, { action, resource }));

  describe('who operates', () => {
    it('may look for the subscription, as swath doctor does', () =>
      assert.ok(mayOf('operating', 'cloudformation:DescribeStackResource', STACK)));
    it('may query with Athena, which looks for the default database first', () => {
      const glue = 'arn:aws:glue:us-east-1:ACCOUNT_ID:';
      assert.ok(mayOf('operating', 'glue:GetDatabase', `${glue}database/default`));
      assert.ok(mayOf('operating', 'glue:BatchGetPartition', `${glue}table/swath_dev/predictions`));
    });
    const run = { id: 'r', model: { name: 'spam', version: '1.0.0' }, day: '2026-03-01' };
    for (const key of [
      requestKey('r-1'),
      predictionsKey(run, 0),
      shadowPredictionsKey(run, 0),
      truthKey(run),
      preparedKey('r', 0),
      reportKey(run.model, run.day, 'html'),
    ])
      it(`may forget what is in ${key}`, () => {
        const resource = `arn:aws:s3:::swath-dev-results-123456789012-us-east-1/${key}`;
        for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObjectVersion'])
          assert.ok(mayOf('operating', action, resource), action);
      });
  });

  for (const [name, characters, unnamed] of [
    [
      'deploying',
      10_240, // of all inline policies of a role
      [
        '*',
        'arn:aws:glue:*:ACCOUNT_ID:catalog',
        '*',
        'arn:aws:lambda:*:ACCOUNT_ID:event-source-mapping:*',
        ...['restapis', 'restapis/*', 'apikeys', 'apikeys/*', 'usageplans', 'usageplans/*', 'tags/*'].map(
          (path) => `arn:aws:apigateway:*::/${path}`,
        ),
        '*',
        'arn:aws:kms:*:ACCOUNT_ID:key/*',
        '*',
        'arn:aws:ec2:*:ACCOUNT_ID:launch-template/*',
        'arn:aws:iam::ACCOUNT_ID:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch',
      ],
    ],
    ['operating', 6144, ['*', 'arn:aws:glue:*:ACCOUNT_ID:catalog', 'arn:aws:glue:*:ACCOUNT_ID:database/default']],
  ] as const)
    describe(`docs/${name}-role.json`, () => {
      // White space does not count: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
      it(`is no longer than IAM takes it, ${characters} characters, with an account's number, in GovCloud as well`, () => {
        const document = JSON.stringify(JSON.parse(readFileSync(placeOf(name), 'utf8')));
        const length = document
          .replaceAll('ACCOUNT_ID', '123456789012')
          .replaceAll('arn:aws:', 'arn:aws-us-gov:').length;
        assert.ok(length <= characters, String(length));
      });

      it('names each action', () => {
        const actions = rolesOf(name).flatMap(({ Action }) => Action);
        assert.deepEqual(
          actions.filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action)),
          [],
        );
      });

      it('allows on * what cannot be allowed on a resource', () => {
        const others = rolesOf(name).filter(({ Resource }) => Resource.join() !== '*');
        assert.deepEqual(
          others.flatMap(({ Action }) => Action.filter((action) => WITHOUT_RESOURCE.includes(action))),
          [],
        );
      });

      it('covers resources named swath-…, except those without a name, or none before they exist', () => {
        const resources = rolesOf(name).flatMap(({ Resource }) => Resource);
        assert.deepEqual(
          resources.filter((one) => !/swath[-_]/.test(one)),
          unnamed,
        );
      });
    });
}

/** The functions whose roles may read scene files, or write them. */
function functionsWith(start: 's3:GetObject' | 's3:PutObject', template: Template): string[] {
  const grants = grantsOf(template).filter(
    ({ action, resource }) => action.startsWith(start) && resource.startsWith('arn:aws:s3:::swath-dev-inbox-'),
  );
  return [...new Set(grants.map(({ role }) => role[0]!.toLowerCase() + role.slice(1).replace(/Role$/, '')))].sort();
}

const STACK = 'arn:aws:cloudformation:us-east-1:ACCOUNT_ID:stack/swath-dev/1';
const DEPLOYMENT_BUCKET = 'arn:aws:s3:::swath-dev-serverlessdeploymentbucket-1';
const MAPPING = 'arn:aws:lambda:us-east-1:ACCOUNT_ID:event-source-mapping:1';

/** What the Serverless Framework asks for by itself, and where: files are those of its lib/plugins/aws. Its stack's tag STAGE goes to each resource. */
const DEPLOYED_WITH: [action: string, resource: string, place: string][] = [
  ['cloudformation:DescribeStackResource', STACK, 'provider.js'],
  ['cloudformation:ListStackResources', STACK, 'provider.js'],
  ['cloudformation:DescribeStacks', STACK, 'deploy/lib/create-stack.js'],
  ['cloudformation:CreateChangeSet', STACK, 'deploy/lib/create-stack.js'],
  ['cloudformation:DeleteChangeSet', STACK, 'deploy/lib/create-stack.js'],
  ['cloudformation:ExecuteChangeSet', STACK, 'deploy/lib/create-stack.js'],
  ['cloudformation:GetTemplate', STACK, 'deploy/lib/ensure-valid-bucket-exists.js'],
  ['cloudformation:ValidateTemplate', '*', 'deploy/lib/validate-template.js'],
  ['cloudformation:DescribeStackEvents', STACK, 'lib/monitor-stack.js'],
  ['cloudformation:DescribeChangeSet', STACK, 'lib/wait-for-change-set-creation.js'],
  ['cloudformation:DescribeStackResources', STACK, 'info/get-api-key-values.js'],
  ['cloudformation:DeleteStack', STACK, 'remove/lib/stack.js'],
  [
    'lambda:GetFunction',
    'arn:aws:lambda:us-east-1:ACCOUNT_ID:function:swath-dev-infer',
    'deploy/lib/check-for-changes.js',
  ],
  ['s3:GetObject', `${DEPLOYMENT_BUCKET}/serverless/1`, 'deploy/lib/check-for-changes.js'],
  ['s3:ListBucket', DEPLOYMENT_BUCKET, 'deploy/lib/cleanup-s3-bucket.js'],
  ['s3:DeleteObject', `${DEPLOYMENT_BUCKET}/serverless/1`, 'deploy/lib/cleanup-s3-bucket.js'],
  ['s3:ListBucketVersions', DEPLOYMENT_BUCKET, 'remove/lib/bucket.js'],
  ['s3:DeleteObjectVersion', `${DEPLOYMENT_BUCKET}/serverless/1`, 'remove/lib/bucket.js'],
  ...['lambda:TagResource', 'lambda:UntagResource', 'lambda:ListTags'].map((action): [string, string, string] => [
    action,
    MAPPING,
    'the tag STAGE of lib/update-stack.js',
  ]),
];

/** Actions whose resource IAM does not see: allowed on a name, they are allowed on nothing. https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const WITHOUT_RESOURCE = [
  'batch:DescribeComputeEnvironments',
  'batch:DescribeJobDefinitions',
  'batch:DescribeJobQueues',
  'cloudformation:ValidateTemplate',
  'cloudwatch:GetMetricData',
  'cloudwatch:ListMetrics',
  'cloudwatch:PutMetricData',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeLaunchTemplates',
  'events:ListRules',
  'kms:CreateKey',
  'lambda:CreateEventSourceMapping',
  'logs:DescribeLogGroups',
  'sns:GetSubscriptionAttributes',
  'sns:SetSubscriptionAttributes',
  'sns:Unsubscribe',
  'states:ValidateStateMachineDefinition',
];

/** What it takes to make each kind of resource, to change it and to delete it: of which service, and which actions. */
const NEEDED: Record<string, string> = {
  'ApiGateway::ApiKey': 'apigateway: POST GET DELETE PATCH',
  'ApiGateway::Deployment': 'apigateway: POST GET DELETE',
  'ApiGateway::GatewayResponse': 'apigateway: PUT DELETE',
  'ApiGateway::Method': 'apigateway: PUT DELETE',
  'ApiGateway::Resource': 'apigateway: POST GET DELETE',
  'ApiGateway::RestApi': 'apigateway: POST GET DELETE PATCH',
  'ApiGateway::Stage': 'apigateway: POST GET DELETE PATCH',
  'ApiGateway::UsagePlan': 'apigateway: POST GET DELETE PATCH',
  'ApiGateway::UsagePlanKey': 'apigateway: POST GET DELETE',
  'Batch::ComputeEnvironment':
    'batch: CreateComputeEnvironment UpdateComputeEnvironment DeleteComputeEnvironment DescribeComputeEnvironments',
  'Batch::JobDefinition': 'batch: RegisterJobDefinition DeregisterJobDefinition DescribeJobDefinitions',
  'Batch::JobQueue': 'batch: CreateJobQueue UpdateJobQueue DeleteJobQueue DescribeJobQueues',
  'CloudWatch::Alarm': 'cloudwatch: PutMetricAlarm DeleteAlarms',
  'CloudWatch::Dashboard': 'cloudwatch: PutDashboard DeleteDashboards',
  'DynamoDB::Table': 'dynamodb: CreateTable DeleteTable UpdateContinuousBackups UpdateTimeToLive',
  'EC2::LaunchTemplate': 'ec2: CreateLaunchTemplate CreateLaunchTemplateVersion DeleteLaunchTemplate',
  'Events::Rule': 'events: PutRule PutTargets RemoveTargets DeleteRule',
  'Athena::WorkGroup': 'athena: CreateWorkGroup UpdateWorkGroup DeleteWorkGroup',
  'Glue::Database': 'glue: CreateDatabase UpdateDatabase DeleteDatabase',
  'Glue::Table': 'glue: CreateTable UpdateTable DeleteTable',
  'IAM::InstanceProfile':
    'iam: CreateInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile DeleteInstanceProfile',
  'IAM::Role': 'iam: CreateRole PutRolePolicy PassRole DeleteRolePolicy DeleteRole',
  'IAM::RolePolicy': 'iam: PutRolePolicy GetRolePolicy DeleteRolePolicy',
  'KMS::Key': 'kms: CreateKey PutKeyPolicy ScheduleKeyDeletion',
  'Lambda::EventSourceMapping': 'lambda: CreateEventSourceMapping DeleteEventSourceMapping',
  'Lambda::EventInvokeConfig':
    'lambda: PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig GetFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig',
  'Lambda::Function': 'lambda: CreateFunction UpdateFunctionCode DeleteFunction',
  'Lambda::Permission': 'lambda: AddPermission RemovePermission',
  'Lambda::Version': 'lambda: PublishVersion DeleteFunction',
  'Logs::LogGroup': 'logs: CreateLogGroup PutRetentionPolicy DeleteLogGroup',
  'S3::Bucket': 's3: CreateBucket PutLifecycleConfiguration DeleteBucket',
  'S3::BucketPolicy': 's3: PutBucketPolicy DeleteBucketPolicy',
  'SNS::Subscription': 'sns: Subscribe GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe',
  'SNS::Topic': 'sns: CreateTopic SetTopicAttributes DeleteTopic',
  'SNS::TopicPolicy': 'sns: SetTopicAttributes',
  'SQS::Queue': 'sqs: CreateQueue DeleteQueue',
  'SQS::QueuePolicy': 'sqs: SetQueueAttributes',
  'StepFunctions::StateMachine': 'states: CreateStateMachine UpdateStateMachine DeleteStateMachine',
};

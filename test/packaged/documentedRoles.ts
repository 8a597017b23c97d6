import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { grantsOf } from './permissions.ts';
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
    const [readers, ofPlain] = [readersOfInbox(template), readersOfInbox(plain)];
    assert.deepEqual(ofPlain, ['infer', 'preprocess', 'report']);
    assert.deepEqual(namesIn(always, readers), ofPlain);
    assert.deepEqual(
      namesIn(added, readers),
      readers.filter((name) => !ofPlain.includes(name)),
    );
  });

  const rolesOf = (name: string) => {
    const path = new URL(`../../docs/${name}-role.json`, import.meta.url);
    return policySchema.parse(JSON.parse(readFileSync(path, 'utf8'))).Statement;
  };

  describe('who deploys', () => {
    const actions = rolesOf('deploying').flatMap(({ Action }) => Action);
    for (const type of new Set(Object.values(template.Resources).map(({ Type }) => Type))) {
      it(`may make and delete a ${type}`, () => {
        const needed = NEEDED[type] ?? assert.fail(`docs/deploying-role.json knows nothing of it.`);
        assert.deepEqual(
          needed.filter((action) => !actions.includes(action)),
          [],
        );
      });
    }
  });

  for (const [name, unnamed] of [
    [
      'deploying',
      [
        '*',
        'arn:aws:glue:*:ACCOUNT_ID:catalog',
        'arn:aws:lambda:*:ACCOUNT_ID:event-source-mapping:*',
        ...['restapis', 'restapis/*', 'apikeys', 'apikeys/*', 'usageplans', 'usageplans/*', 'tags/*'].map(
          (path) => `arn:aws:apigateway:*::/${path}`,
        ),
        'arn:aws:events:*:ACCOUNT_ID:rule/*',
        '*',
        'arn:aws:kms:*:ACCOUNT_ID:key/*',
      ],
    ],
    ['operating', ['*', 'arn:aws:glue:*:ACCOUNT_ID:catalog']],
  ] as const)
    describe(`docs/${name}-role.json`, () => {
      it('names each action', () => {
        const actions = rolesOf(name).flatMap(({ Action }) => Action);
        assert.deepEqual(
          actions.filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action)),
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

/** The functions whose roles may read a scene file. */
function readersOfInbox(template: Template): string[] {
  const grants = grantsOf(template).filter(
    ({ action, resource }) => action.startsWith('s3:GetObject') && resource.startsWith('arn:aws:s3:::swath-dev-inbox-'),
  );
  return [...new Set(grants.map(({ role }) => role.replace(/Role$/, '').toLowerCase()))].sort();
}

const MADE_BY_PATH = ['apigateway:POST', 'apigateway:GET', 'apigateway:DELETE'];
const CHANGED_BY_PATH = [...MADE_BY_PATH, 'apigateway:PATCH'];

const NEEDED: Record<string, string[]> = {
  'AWS::ApiGateway::ApiKey': CHANGED_BY_PATH,
  'AWS::ApiGateway::Deployment': MADE_BY_PATH,
  'AWS::ApiGateway::GatewayResponse': ['apigateway:PUT', 'apigateway:DELETE'],
  'AWS::ApiGateway::Method': ['apigateway:PUT', 'apigateway:DELETE'],
  'AWS::ApiGateway::Resource': MADE_BY_PATH,
  'AWS::ApiGateway::RestApi': CHANGED_BY_PATH,
  'AWS::ApiGateway::Stage': CHANGED_BY_PATH,
  'AWS::ApiGateway::UsagePlan': CHANGED_BY_PATH,
  'AWS::ApiGateway::UsagePlanKey': MADE_BY_PATH,
  'AWS::CloudWatch::Alarm': ['cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'],
  'AWS::CloudWatch::Dashboard': ['cloudwatch:PutDashboard', 'cloudwatch:DeleteDashboards'],
  'AWS::DynamoDB::Table': [
    'dynamodb:CreateTable',
    'dynamodb:DeleteTable',
    'dynamodb:UpdateContinuousBackups',
    'dynamodb:UpdateTimeToLive',
  ],
  'AWS::Events::Rule': ['events:PutRule', 'events:PutTargets', 'events:RemoveTargets', 'events:DeleteRule'],
  'AWS::Athena::WorkGroup': ['athena:CreateWorkGroup', 'athena:UpdateWorkGroup', 'athena:DeleteWorkGroup'],
  'AWS::Glue::Database': ['glue:CreateDatabase', 'glue:UpdateDatabase', 'glue:DeleteDatabase'],
  'AWS::Glue::Table': ['glue:CreateTable', 'glue:UpdateTable', 'glue:DeleteTable'],
  'AWS::IAM::Role': ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:PassRole', 'iam:DeleteRolePolicy', 'iam:DeleteRole'],
  'AWS::KMS::Key': ['kms:CreateKey', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion'],
  'AWS::Lambda::EventSourceMapping': ['lambda:CreateEventSourceMapping', 'lambda:DeleteEventSourceMapping'],
  'AWS::Lambda::EventInvokeConfig': [
    'lambda:PutFunctionEventInvokeConfig',
    'lambda:UpdateFunctionEventInvokeConfig',
    'lambda:GetFunctionEventInvokeConfig',
    'lambda:DeleteFunctionEventInvokeConfig',
  ],
  'AWS::Lambda::Function': ['lambda:CreateFunction', 'lambda:UpdateFunctionCode', 'lambda:DeleteFunction'],
  'AWS::Lambda::Permission': ['lambda:AddPermission', 'lambda:RemovePermission'],
  'AWS::Lambda::Version': ['lambda:PublishVersion', 'lambda:DeleteFunction'],
  'AWS::Logs::LogGroup': ['logs:CreateLogGroup', 'logs:PutRetentionPolicy', 'logs:DeleteLogGroup'],
  'AWS::S3::Bucket': ['s3:CreateBucket', 's3:PutLifecycleConfiguration', 's3:DeleteBucket'],
  'AWS::S3::BucketPolicy': ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy'],
  'AWS::SNS::Subscription': ['sns:Subscribe', 'sns:Unsubscribe'],
  'AWS::SNS::Topic': ['sns:CreateTopic', 'sns:SetTopicAttributes', 'sns:DeleteTopic'],
  'AWS::SNS::TopicPolicy': ['sns:SetTopicAttributes'],
  'AWS::SQS::Queue': ['sqs:CreateQueue', 'sqs:DeleteQueue'],
  'AWS::SQS::QueuePolicy': ['sqs:SetQueueAttributes'],
  'AWS::StepFunctions::StateMachine': [
    'states:CreateStateMachine',
    'states:UpdateStateMachine',
    'states:DeleteStateMachine',
  ],
};

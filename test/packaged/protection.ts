import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { metrics, NAMESPACE } from '../../observability/metrics.ts';
import { DEPLOYED, roleOf } from './functions.ts';
import { grantsOf } from './permissions.ts';
import { resourcesOf, type Template } from './template.ts';

/** Who may do what, who may see what, and how long it stays. */
export function checkProtection(template: Template, storage: Template): void {
  describe('each role', () => {
    const grants = grantsOf(template);

    it('names its actions', () => {
      assert.deepEqual(
        grants.filter(({ action }) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action)),
        [],
      );
    });

    it('names its resources, but where there are none', () => {
      const publishing = Object.values(metrics).flatMap((metric): readonly string[] => metric.publishers);
      const publishers = DEPLOYED.filter((name) => publishing.includes(name)).map((name) => roleOf(template, name));
      const isNamed = (resource: string) => /^arn:aws:[^*]*\bswath-dev-[^*]*([/:]\*)?$/.test(resource);
      assert.deepEqual(
        grants.filter(({ resource }) => !isNamed(resource)),
        publishers.map((role) => ({
          role,
          action: 'cloudwatch:PutMetricData', // metrics have no ARN
          resource: '*',
          condition: { StringEquals: { 'cloudwatch:namespace': NAMESPACE } },
        })),
      );
    });

    it('is of one function, and writes the log of that one', () => {
      const roles = DEPLOYED.map((name) => roleOf(template, name));
      assert.equal(new Set(roles).size, DEPLOYED.length);
      for (const [i, name] of DEPLOYED.entries()) {
        const logs = grants.filter(({ role, action }) => role === roles[i] && action.startsWith('logs:'));
        const group = `arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/swath-dev-${name}:*`;
        assert.deepEqual(
          logs.map(({ action, resource }) => [action, resource]),
          [
            ['logs:CreateLogStream', group],
            ['logs:PutLogEvents', group],
          ],
        );
      }
    });
  });

  it('the widget that shows the ledger may only read', () => {
    const granted = grantsOf(template).filter(
      ({ role, action }) => role === 'LedgerWidgetRole' && !action.startsWith('logs:'),
    );
    assert.deepEqual(
      [...new Set(granted.map(({ action }) => action))],
      ['s3:GetObject', 's3:ListBucket', 'dynamodb:Query'],
    );
  });

  describe('what is stored', () => {
    const bucketSchema = z.looseObject({
      PublicAccessBlockConfiguration: z.record(z.string(), z.boolean()),
      BucketEncryption: z.unknown(),
      LifecycleConfiguration: z.object({ Rules: z.array(z.looseObject({ Id: z.string() })) }).optional(),
    });
    const policySchema = z.object({
      PolicyDocument: z.object({ Statement: z.array(z.looseObject({ Resource: z.array(z.string()) })) }),
    });
    const policies = resourcesOf(template, 'AWS::S3::BucketPolicy').map(([, { Properties }]) => Properties);

    for (const [id, { Properties }] of resourcesOf(template, 'AWS::S3::Bucket')) {
      it(`${id} is private, encrypted and reached by TLS only`, () => {
        const { PublicAccessBlockConfiguration: block, BucketEncryption } = bucketSchema.parse(Properties);
        assert.deepEqual(Object.values(block), [true, true, true, true]);
        assert.match(JSON.stringify(BucketEncryption), /"SSEAlgorithm":"AES256"/);
        const name = String(Properties['BucketName'] ?? `swath-generated-${id}`);
        const everything = [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`];
        const { PolicyDocument } = policySchema.parse(policies.find(({ Bucket }) => Bucket === name));
        assert.deepEqual(
          PolicyDocument.Statement.map(({ Sid: _sid, Resource, ...statement }) => [statement, Resource.sort()]),
          [
            [
              { Effect: 'Deny', Principal: '*', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': false } } },
              everything,
            ],
          ],
        );
      });
    }

    it('has a stack of its own, with nothing else in it', () => {
      const types = Object.values(storage.Resources).map(({ Type }) => Type);
      assert.deepEqual([...new Set(types)].sort(), [
        'AWS::DynamoDB::Table',
        'AWS::S3::Bucket',
        'AWS::S3::BucketPolicy',
      ]);
    });

    it('survives even that stack', () => {
      const kept = Object.entries(storage.Resources).filter(
        ([, { DeletionPolicy, UpdateReplacePolicy }]) =>
          DeletionPolicy === 'Retain' && UpdateReplacePolicy === 'Retain',
      );
      assert.deepEqual(kept.map(([id]) => id).sort(), [
        'InboxBucket',
        'LedgerTable',
        'MetricsTable',
        'ModelsBucket',
        'ResultsBucket',
      ]);
    });

    it('is deleted nowhere but among the prepared parts', () => {
      const rules = resourcesOf(template, 'AWS::S3::Bucket').flatMap(([id, { Properties }]) =>
        (bucketSchema.parse(Properties).LifecycleConfiguration?.Rules ?? []).map((rule) => ({ id, ...rule })),
      );
      const abort = {
        Id: 'abort-uploads',
        Status: 'Enabled',
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      };
      assert.deepEqual(rules, [
        { id: 'InboxBucket', ...abort },
        { id: 'ResultsBucket', ...abort },
        { id: 'ResultsBucket', Id: 'expire-prepared', Status: 'Enabled', Prefix: 'prepared/', ExpirationInDays: 7 },
        { id: 'ModelsBucket', ...abort },
      ]);
    });

    it('comes in versions', () => {
      assert.deepEqual(template.Resources['InboxBucket']?.Properties['VersioningConfiguration'], { Status: 'Enabled' });
    });

    it('of logs is kept for a time', () => {
      const groups = resourcesOf(template, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties);
      assert.deepEqual(
        groups,
        DEPLOYED.map((name) => ({ LogGroupName: `/aws/lambda/swath-dev-${name}`, RetentionInDays: 90 })),
      );
    });
  });
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { FUNCTIONS } from '../../core/base/functions.ts';
import { roleOf } from './functions.ts';
import { grantsOf } from './permissions.ts';
import { resourcesOf, type Template } from './template.ts';

/** Who may do what, who may see what, and how long it stays. */
export function checkProtection(template: Template, storage: Template): void {
  describe('each role', () => {
    const grants = grantsOf(template);

    it('names its actions', () => {
      assert.deepEqual(
        grants.filter(({ action }) => !/^[a-z0-9-]+:[A-Za-z]+$/.test(action)),
        [],
      );
    });

    it('is of one function, and writes the log of that one', () => {
      const roles = FUNCTIONS.map((name) => roleOf(template, name));
      assert.equal(new Set(roles).size, FUNCTIONS.length);
      for (const [i, name] of FUNCTIONS.entries()) {
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

  describe('the stored data', () => {
    const bucketSchema = z.looseObject({
      LifecycleConfiguration: z.object({ Rules: z.array(z.looseObject({ Id: z.string() })) }).optional(),
    });

    it('have their own stack, with nothing else in it', () => {
      const types = Object.values(storage.Resources).map(({ Type }) => Type);
      const kinds = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy'];
      assert.deepEqual([...new Set(types)].sort(), kinds);
    });

    it('survives even that stack', () => {
      const kept = Object.entries(storage.Resources).filter(
        ([, { DeletionPolicy, UpdateReplacePolicy }]) =>
          DeletionPolicy === 'Retain' && UpdateReplacePolicy === 'Retain',
      );
      const ids = kept.map(([id]) => id).sort();
      assert.equal(ids.join(), 'FeaturesTable,InboxBucket,LedgerTable,MetricsTable,ModelsBucket,ResultsBucket');
    });

    it('expire only in these folders: prepared parts, findings, what asynchronous endpoints are asked, messages of jobs, lists of files, predictions of shadows, requests and the results of Athena; and former versions', () => {
      const rules = resourcesOf(template, 'AWS::S3::Bucket').map(([id, { Properties }]) => [
        id,
        bucketSchema.parse(Properties).LifecycleConfiguration?.Rules ?? [],
      ]);
      const Status = 'Enabled';
      const abort = { Id: 'abort-uploads', Status, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } };
      const former = (NoncurrentDays: number) => ({ NoncurrentVersionExpiration: { NoncurrentDays } });
      const old = { Id: 'expire-old-versions', Status, ...former(30), ExpiredObjectDeleteMarker: true };
      // A day later it really takes no more room.
      const expire = ([folder, ExpirationInDays]: readonly [string, number]) => {
        return { Id: `expire-${folder}`, Status, Prefix: `${folder}/`, ExpirationInDays, ...former(1) };
      };
      const folders = {
        ...{ prepared: 7, summaries: 7, pieces: 7, endpoints: 7, jobs: 30, manifests: 30 },
        ...{ shadows: 90, requests: 90, answered: 90 },
      };
      assert.deepEqual(Object.fromEntries(rules), {
        ServerlessDeploymentBucket: [abort, old],
        InboxBucket: [abort],
        ResultsBucket: [abort, ...Object.entries({ ...folders, queries: 7 }).map(expire), old],
        ModelsBucket: [abort, old],
      });
    });

    it('of logs is kept for a time', () => {
      const groups = resourcesOf(template, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties);
      assert.deepEqual(
        groups,
        [...FUNCTIONS.map((name) => `lambda/swath-dev-${name}`), 'batch/swath-dev-work'].map((name) => ({
          LogGroupName: `/aws/${name}`,
          RetentionInDays: 90,
        })),
      );
    });
  });
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DescribeAlarmsCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { GetBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { alarmName } from '../../observability/alarms.ts';
import { sees } from './differences.ts';
import type { At } from './here.ts';

/** The differences that no other test comes across, after all that the other tests have done. */
export function differencesSeen(at: At): void {
  describe('afterwards', () => {
    test(sees('noStatesMetrics'), async () => {
      const { cloudWatch } = at().stage;
      assert.deepEqual((await cloudWatch.send(new ListMetricsCommand({ Namespace: 'AWS/States' }))).Metrics, []);
      assert.notDeepEqual((await cloudWatch.send(new ListMetricsCommand({ Namespace: 'AWS/Lambda' }))).Metrics, []);
    });

    test(sees('deafToPercentiles'), async () => {
      const { name, cloudWatch } = at().stage;
      const request = new DescribeAlarmsCommand({ AlarmNamePrefix: alarmName(name, 'slow-') });
      const { MetricAlarms = [] } = await cloudWatch.send(request);
      assert.ok(MetricAlarms.length > 0);
      for (const { StateValue } of MetricAlarms) assert.equal(StateValue, 'INSUFFICIENT_DATA');
    });

    test(sees('everyoneMayDoAll'), async () => {
      const { account, output } = at().stage;
      const credentials = { accessKeyId: 'nobody', secretAccessKey: 'knows' };
      const s3 = new S3Client({ ...account, credentials });
      const Bucket = output('ModelsBucket');
      const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
      assert.match(Policy!, /"aws:SecureTransport":\s*"?false/);
      assert.ok(account.endpoint?.startsWith('http:'));
      await s3.send(new PutObjectCommand({ Bucket, Key: 'by-nobody', Body: new Uint8Array() }));
      s3.destroy();
    });
  });
}

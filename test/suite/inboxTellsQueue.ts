import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import type { Stage } from '../stage.ts';

/** What the bucket of a deployed stage is told, where arrivals are gathered. */
export function inboxTellsQueue(at: () => { stage: Stage }): void {
  test('the inbox sends every event to the queue of arrivals itself, and none to EventBridge', async () => {
    const { name, s3, output } = at().stage;
    const asked = new GetBucketNotificationConfigurationCommand({ Bucket: output('InboxBucket') });
    const { EventBridgeConfiguration, QueueConfigurations = [] } = await s3.send(asked);
    assert.equal(EventBridgeConfiguration, undefined);
    assert.deepEqual(
      QueueConfigurations.map(({ Id, QueueArn, Events }) => [Id, QueueArn, Events]),
      [[`swath-${name}-arrivals`, output('ArrivalsQueueArn'), ['s3:ObjectCreated:*']]],
    );
  });
}

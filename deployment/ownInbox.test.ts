import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import { toldBucket } from '../test/benches/toldBucket.ts';
import { sendMeanwhile, sendToEventBridge, sendToQueue } from './ownInbox.ts';

const OUR_RULE = 'swath-dev-arrivals';
const ARN = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-arrivals';
const Events: ['s3:ObjectCreated:*'] = ['s3:ObjectCreated:*'];
const ON = { EventBridgeConfiguration: {} };
const OURS = { QueueConfigurations: [{ Id: 'swath-dev-arrivals', QueueArn: ARN, Events }] };
const THEIRS = { QueueConfigurations: [{ Id: 'theirs', QueueArn: 'arn:aws:sqs:us-east-1:1:theirs', Events }] };

describe("the stage's own inbox, where arrivals are gathered", () => {
  test('sends every event to the queue, and none to EventBridge', async () => {
    const { gather, told } = makeBench(ON);
    assert.equal(await gather(), true);
    assert.deepEqual(told(), OURS);
  });

  test('with a prefix sends the events of keys with that prefix only', async () => {
    const { gather, told } = makeBench(ON);
    await gather('scenes/');
    const filters = told()?.QueueConfigurations?.map(({ Id, Filter }) => [
      Id,
      Filter?.Key?.FilterRules?.map(({ Name, Value }) => `${Name} ${Value}`),
    ]);
    assert.deepEqual(filters, [['swath-dev-arrivals', ['prefix scenes/']]]);
  });

  test('is the same after each deployment, and with another prefix has only that', async () => {
    const { gather, told } = makeBench(ON);
    await gather('scenes/');
    await gather();
    await gather();
    assert.deepEqual(told(), OURS);
  });

  test('keeps EventBridge if another rule listens, and no longer sends to the queue', async () => {
    const { gather, told, listeners } = makeBench(OURS);
    listeners.push('theirs');
    assert.equal(await gather(), false);
    assert.deepEqual(told(), ON);
  });

  test('keeps EventBridge if it already sends to another queue, which stays', async () => {
    const { gather, told } = makeBench({ ...ON, ...THEIRS });
    assert.equal(await gather(), false);
    assert.deepEqual(told(), { ...ON, ...THEIRS });
  });

  test('sends to EventBridge until the queue exists, and only to the queue from then on', async () => {
    const { meanwhile, gather, told, writes } = makeBench({});
    await meanwhile();
    assert.deepEqual(told(), ON);
    await meanwhile();
    await gather();
    await meanwhile();
    assert.deepEqual([told(), writes()], [OURS, 2]);
  });

  test('that was deleted is no obstacle', async () => {
    const { gather, restore, meanwhile, told } = makeBench(undefined);
    assert.equal(await gather(), false);
    await restore();
    await meanwhile();
    assert.equal(told(), undefined);
  });
});

describe("the stage's own inbox, where they are not", () => {
  test('sends to EventBridge again, and keeps notifications of others', async () => {
    const { gather, restore, tell, told } = makeBench(ON);
    await gather('scenes/');
    tell({ QueueConfigurations: [...(told()?.QueueConfigurations ?? []), ...THEIRS.QueueConfigurations] });
    await restore();
    assert.deepEqual(told(), { ...ON, ...THEIRS });
  });

  test('is left as it is if it never sent to the queue of this stage', async () => {
    for (const before of [ON, {}, THEIRS]) {
      const { restore, told, writes } = makeBench(before);
      await restore();
      assert.deepEqual([told(), writes()], [before, 0]);
    }
  });
});

/** The bucket of the stage dev, told whatever it was told before; undefined where there is none. */
function makeBench(before: NotificationConfiguration | undefined) {
  const { events, ...bucket } = toldBucket(before, OUR_RULE);
  return {
    ...bucket,
    gather: (inboxPrefix = '') => sendToQueue(events, 'inbox', { stage: 'dev', arn: ARN, inboxPrefix }, OUR_RULE),
    meanwhile: () => sendMeanwhile(events, 'inbox', 'dev'),
    restore: () => sendToEventBridge(events, 'inbox', 'dev'),
  };
}

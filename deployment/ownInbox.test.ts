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
  test('tells the queue of every object, and EventBridge of none', async () => {
    const { gather, told } = makeBench(ON);
    assert.equal(await gather(), true);
    assert.deepEqual(told(), OURS);
  });

  test('with a prefix tells of the keys that begin with it, and of no others', async () => {
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

  test('goes on by EventBridge where a rule of somebody else listens, and is told of the queue no more', async () => {
    const { gather, told, listeners } = makeBench(OURS);
    listeners.push('theirs');
    assert.equal(await gather(), false);
    assert.deepEqual(told(), ON);
  });

  test('goes on by EventBridge where somebody has told it of another queue, which stays', async () => {
    const { gather, told } = makeBench({ ...ON, ...THEIRS });
    assert.equal(await gather(), false);
    assert.deepEqual(told(), { ...ON, ...THEIRS });
  });

  test('tells EventBridge until the queue is there, and nobody else once it has been told of the queue', async () => {
    const { meanwhile, gather, told, writes } = makeBench({});
    await meanwhile();
    assert.deepEqual(told(), ON);
    await meanwhile();
    await gather();
    await meanwhile();
    assert.deepEqual([told(), writes()], [OURS, 2]);
  });

  test('that is gone is no obstacle', async () => {
    const { gather, restore, meanwhile, told } = makeBench(undefined);
    assert.equal(await gather(), false);
    await restore();
    await meanwhile();
    assert.equal(told(), undefined);
  });
});

describe("the stage's own inbox, where they are not", () => {
  test('tells EventBridge again, and nobody else but who was told by somebody else', async () => {
    const { gather, restore, tell, told } = makeBench(ON);
    await gather('scenes/');
    tell({ QueueConfigurations: [...(told()?.QueueConfigurations ?? []), ...THEIRS.QueueConfigurations] });
    await restore();
    assert.deepEqual(told(), { ...ON, ...THEIRS });
  });

  test('is left as it is where it was never told of the queue, nor of another stage’s', async () => {
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

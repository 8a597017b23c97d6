import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import { toldBucket } from '../test/benches/toldBucket.ts';
import { mayMatch } from './bucketEvents.ts';
import { attachInbox, detachInbox, type ExistingInbox, fromOutputs, meetInbox, toOutputs } from './existingInbox.ts';

const QUEUE: NotificationConfiguration = {
  QueueConfigurations: [{ Id: 'theirs', QueueArn: 'arn:aws:sqs:us-east-1:1:theirs', Events: ['s3:ObjectCreated:*'] }],
};
const ON = { EventBridgeConfiguration: {} };
const OUR_RULE = 'swath-dev-arrivals';

describe('an existing bucket', () => {
  test('sends its events, besides its existing notifications', async () => {
    const { deploy, told } = makeBench(QUEUE);
    await deploy();
    assert.deepEqual(told(), { ...QUEUE, ...ON });
  });

  test('loses only the added notification, and keeps those that were added meanwhile', async () => {
    const { deploy, remove, tell, told } = makeBench(QUEUE);
    const inbox = await deploy();
    const topic = { TopicConfigurations: [{ TopicArn: 'arn:aws:sns:us-east-1:1:new', Events: [] }] };
    tell({ ...told(), ...topic });
    await remove(inbox);
    assert.deepEqual(told(), { ...QUEUE, ...topic });
  });

  test('that sent them before goes on to', async () => {
    const { deploy, remove, told, writes } = makeBench({ ...QUEUE, ...ON });
    await remove(await deploy());
    assert.deepEqual([told(), writes()], [{ ...QUEUE, ...ON }, 0]);
  });

  test('to which somebody else listens by then goes on to', async () => {
    const { deploy, remove, listeners, told } = makeBench({});
    const inbox = await deploy();
    listeners.push('swath-prod-arrivals');
    await remove(inbox);
    assert.deepEqual(told(), ON);
  });

  test('that was deleted meanwhile is no obstacle', async () => {
    const { deploy, remove, tell, writes } = makeBench({});
    const inbox = await deploy();
    tell(undefined);
    await remove(inbox);
    assert.equal(writes(), 1);
  });

  test('stays the inbox however often it is deployed; a notification that was switched off is switched on again', async () => {
    const { deploy, remove, tell, told } = makeBench({});
    const first = await deploy();
    tell(QUEUE);
    const second = await deploy(first, new Date('2026-04-01T10:00:00Z'));
    assert.deepEqual([second, told()], [first, { ...QUEUE, ...ON }]);
    await remove(second);
    assert.deepEqual(told(), QUEUE);
  });

  test('is another one from the moment on that it is named', async () => {
    const { deploy } = makeBench({});
    const { since, bucket } = await deploy({ bucket: 'river', since: '2025-01-01T00:00:00.000Z', wasSilent: false });
    assert.deepEqual([bucket, since], ['lake', '2026-03-01T10:00:00.000Z']);
  });

  test('is remembered in a stack', () => {
    for (const wasSilent of [true, false]) {
      const inbox = { bucket: 'lake', since: '2026-03-01T10:00:00.000Z', wasSilent };
      const outputs = Object.entries(toOutputs(inbox)).map(([name, { Value }]) => [name, Value]);
      assert.deepEqual(fromOutputs(Object.fromEntries(outputs)), inbox);
    }
    assert.equal(fromOutputs({ ThrowAway: 'false' }), undefined);
  });
});

describe('a rule listens to a bucket', () => {
  for (const [pattern, isListening] of [
    [{ source: ['aws.s3'], detail: { bucket: { name: ['lake'] } } }, true],
    [{ source: ['aws.s3'] }, true],
    [{}, true],
    [{ source: [{ prefix: 'aws.' }], detail: { bucket: { name: [{ prefix: 'la' }] } } }, true],
    [{ source: ['aws.s3'], detail: { bucket: { name: ['river'] } } }, false],
    [{ source: ['aws.ec2'] }, false],
  ] as const)
    test(`by ${JSON.stringify(pattern)}: ${isListening}`, () => assert.equal(mayMatch(pattern, 'lake'), isListening));
});

/** The bucket `lake`, told whatever it was told before. */
function makeBench(before: NotificationConfiguration) {
  const { events, ...bucket } = toldBucket(before, OUR_RULE);
  return {
    ...bucket,
    deploy: async (former?: ExistingInbox, now = new Date('2026-03-01T10:00:00Z')) => {
      const inbox = await meetInbox(events, 'lake', former, now);
      await attachInbox(events, 'lake');
      return inbox;
    },
    remove: (inbox: ExistingInbox) => detachInbox(events, inbox, OUR_RULE),
  };
}

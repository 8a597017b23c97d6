import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sceneEventSchema } from '../../base/messages.ts';
import { eventsIn, InvalidNotification, notificationOf } from './notification.ts';

/** As AWS's guide has it, with a key of several alphabets and a space. */
const record = (key: string, more: object = {}) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'us-east-1',
  eventTime: '2026-03-01T00:00:00.000Z',
  eventName: 'ObjectCreated:CompleteMultipartUpload',
  userIdentity: { principalId: 'AWS:X' },
  s3: {
    s3SchemaVersion: '1.0',
    configurationId: 'swath-dev-arrivals',
    bucket: { name: 'inbox', ownerIdentity: { principalId: 'A3' }, arn: 'arn:aws:s3:::inbox' },
    object: { key, size: 47_000, eTag: 'd41d', versionId: 'v1', sequencer: '0055AED6DCD90281E5' },
  },
  ...more,
});
const scenesIn = (message: unknown) => eventsIn(message).map((event) => sceneEventSchema.parse(event).scene);

describe("S3's own notification", () => {
  for (const [key, sent] of [
    ['north/x.tfrecord', 'north/x.tfrecord'],
    ['a b+c%20', 'a+b%2Bc%2520'],
    ['Größe/"1"\n', 'Gr%C3%B6%C3%9Fe/%221%22%0A'],
  ] as const)
    test(`names the scene ${JSON.stringify(key)}, and says how large it is`, () => {
      const message = { Records: [record(sent)] };
      assert.deepEqual(scenesIn(message), [{ bucket: 'inbox', key, versionId: 'v1' }]);
      assert.partialDeepStrictEqual(eventsIn(message), [{ detail: { object: { size: 47_000 } } }]);
      const scene = { bucket: 'inbox', key, versionId: 'v1' };
      assert.deepEqual(scenesIn(notificationOf(scene, 3)), [scene]);
    });

  test('may have several records', () => {
    const keys = scenesIn({ Records: [record('a'), record('b')] }).map(({ key }) => key);
    assert.deepEqual(keys, ['a', 'b']);
  });

  test('from a bucket without versioning names the version "null"', () => {
    const { s3 } = record('a');
    const { versionId, ...object } = s3.object;
    assert.equal(scenesIn({ Records: [record('a', { s3: { ...s3, object } })] })[0]?.versionId, 'null');
  });

  test('that S3 sends once to test the queue contains no event', () => {
    const test = { Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-03-01T00:00:00Z', Bucket: 'inbox' };
    assert.deepEqual(eventsIn(test), []);
  });

  for (const [what, message, why] of [
    ['of a removed object', { Records: [record('a', { eventName: 'ObjectRemoved:Delete' })] }, /Records\.0\.eventName/],
    ['of another service', { Records: [record('a', { eventSource: 'aws:sns' })] }, /Records\.0\.eventSource/],
    ['without records', { Records: [] }, /Records: /],
    ['whose key is not encoded', { Records: [record('100%')] }, /the key "100%" is not URL-encoded/],
  ] as const)
    test(`${what} is refused`, () => {
      assert.throws(
        () => eventsIn(message),
        (error) => error instanceof InvalidNotification && why.test(error.message),
      );
    });
});

test('any other message is returned unchanged', () => {
  for (const message of [undefined, null, 'text', 3, { source: 'aws.s3' }])
    assert.deepEqual(eventsIn(message), [message]);
});

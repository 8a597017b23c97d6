import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  discoverInputSchema,
  driftInputSchema,
  inferInputSchema,
  preprocessInputSchema,
  sceneEventSchema,
  sceneInput,
  settleInputSchema,
} from './messages.ts';

// An "Object Created" event.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
const detail = {
  version: '0',
  bucket: { name: 'amzn-s3-demo-bucket1' },
  object: {
    key: 'example-key',
    size: 5,
    etag: 'b57f9512698f4b09e608f4f2a65852e5',
    'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
    sequencer: '00617F08299329D189',
  },
  'request-id': 'N4N7GDK58NMKJ12R',
  requester: '123456789012',
  'source-ip-address': '1.2.3.4',
  reason: 'PutObject',
};
const event = { version: '0', source: 'aws.s3', 'detail-type': 'Object Created', detail };
const scene = { bucket: 'amzn-s3-demo-bucket1', key: 'example-key', versionId: 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e' };
const model = { name: 'baseline', version: '1.0.0' };

describe("S3's event", () => {
  test('names a scene', () => {
    assert.deepEqual(sceneEventSchema.parse(event), { scene });
  });

  test('of a bucket without versions names the version "null"', () => {
    const { 'version-id': _, ...object } = detail.object;
    assert.equal(sceneEventSchema.parse({ ...event, detail: { ...detail, object } }).scene.versionId, 'null');
  });

  for (const [what, sent, where, message = /./] of [
    ['a key of 1,025 bytes', withKey('x'.repeat(1025)), 'key', /at most 1024 bytes/],
    ['a key of 1,026 bytes in 342 letters', withKey('€'.repeat(342)), 'key', /1024/],
    ['a key with half a surrogate pair', withKey('a\ud83d'), 'key', /surrogate/],
    [
      'a version with a hash sign, which could be of another key',
      { ...event, detail: { ...detail, object: { ...detail.object, 'version-id': 'b#c' } } },
      'versionId',
      /hash sign/,
    ],
    ['an empty key', withKey(''), 'key'],
    ['no key', { ...event, detail: { ...detail, object: { size: 5 } } }, 'detail.object.key'],
    ['no bucket', { ...event, detail: { object: detail.object } }, 'detail.bucket'],
    ['an empty name of a bucket', { ...event, detail: { ...detail, bucket: { name: '' } } }, 'bucket'],
    ['half a model', { ...event, model: { name: 'baseline' } }, 'model.version'],
    ['another source', { ...event, source: 'aws.macie' }, 'source'],
    ['nothing', undefined, ''],
  ] as const)
    test(`with ${what} is refused, and the error names the field`, () => {
      const issues = sceneEventSchema.safeParse(sent).error?.issues ?? [];
      assert.deepEqual(
        issues.map(({ path }) => path.join('.')),
        [where],
      );
      assert.match(issues[0]?.message ?? '', message);
    });
});

test('the input of an execution is parsed back to the same scene, and a rerun names its model', () => {
  const scenes = fc.record(
    {
      bucket: fc.string({ minLength: 3, maxLength: 63 }),
      key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }),
      versionId: fc.string({ minLength: 1, maxLength: 50 }).filter((version) => !version.includes('#')),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(scenes, (scene) => {
      assert.deepEqual(sceneEventSchema.parse(sceneInput(scene)), { scene });
      const rerun = JSON.parse(JSON.stringify(sceneInput(scene, model)));
      assert.deepEqual(sceneEventSchema.parse(rerun), { scene, model });
    }),
  );
});

describe('a message', () => {
  const run = { id: 'r', scene, model, attempt: 1, execution: 'e', digest: 'a'.repeat(64), day: '2026-03-01' };
  const counted = { part: 0, counts: [1, 0], missing: 0, probabilitySum: 0.5, milliseconds: 3 };

  test('to drift from the previous release is accepted', () => {
    driftInputSchema.parse({ run, parts: [counted, { ...counted, part: 1 }] });
  });

  for (const [what, schema, message] of [
    ['to preprocess without an execution', preprocessInputSchema, { scene: event }],
    ['to infer about a negative part', inferInputSchema, { run, part: -1 }],
    ['to infer about an invalid day', inferInputSchema, { run: { ...run, day: '2026-02-30' }, part: 0 }],
    ['to infer with half a digest', inferInputSchema, { run: { ...run, digest: 'abc' }, part: 0 }],
    ['to infer about attempt 0', inferInputSchema, { run: { ...run, attempt: 0 }, part: 0 }],
    ['to drift about half a part', driftInputSchema, { run, parts: [{ part: 0.5 }] }],
    ['to drift about a negative part', driftInputSchema, { run, parts: [{ part: -1 }] }],
    ['to drift about neither a run nor days', driftInputSchema, {}],
    ['to discover without a cursor', discoverInputSchema, { execution: 'e' }],
    ['to settle without an error', settleInputSchema, { input: {}, execution: 'e', step: 'Infer', error: {} }],
  ] as const)
    test(`${what} is refused`, () => {
      assert.equal(schema.safeParse(message).success, false);
    });
});

function withKey(key: string) {
  return { ...event, detail: { ...detail, object: { ...detail.object, key } } };
}

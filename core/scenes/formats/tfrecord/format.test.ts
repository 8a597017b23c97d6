import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBaselineFile } from '../../../../test/benches/packages.ts';
import { frames, shard } from '../../../../test/scenes.ts';
import { encodeExample, encodeTfRecord } from '../../../../test/tfrecord.ts';
import { InvalidSceneFile } from '../../../errors.ts';
import { readModelPackage } from '../../../models/readPackage.ts';
import { tfrecord } from './format.ts';

const model = await readModelPackage(readBaselineFile);
const [frame] = frames;

test('a file is known by the checksum at its start, and what is like nothing may be one that is damaged', () => {
  const says = (head: Uint8Array) => tfrecord.sniff(head, 1000);
  assert.deepEqual([says(shard), says(shard.subarray(0, 12))], ['yes', 'yes']);
  for (const head of [shard.subarray(0, 11), new Uint8Array(), new Uint8Array(12), Buffer.from('\x89PNG')])
    assert.equal(says(head), 'maybe');
});

describe('what is not one whole record is no chip, and it is said where:', () => {
  for (const { what, bytes, message } of [
    { what: 'a damaged one', bytes: damaged(frame!), message: /^a "scene": record 3 at byte 1000 is damaged: / },
    {
      what: 'a part of one',
      bytes: frame!.subarray(0, 500),
      message: /^a "scene": record 3 at byte 1000 is cut short/,
    },
    { what: 'more than one', bytes: Buffer.concat([frame!, frame!]), message: /takes 46743 bytes of the file, not/ },
    {
      what: 'one of another model',
      bytes: encodeTfRecord(encodeExample([['B1', { kind: 'bytes', values: [Uint8Array.of(1)] }]])),
      message: /band B2 is missing/,
    },
  ])
    test(what, async () => {
      const range = async () => bytes;
      const place = { index: 3, kind: 'bytes', offset: 1000, length: bytes.length } as const;
      await assert.rejects(
        tfrecord.readChip({ key: 'a "scene"', size: 1e6, head: shard, range }, place, model),
        (error: Error) => error instanceof InvalidSceneFile && message.test(error.message),
      );
    });
});

function damaged(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte, i) => (i === 4000 ? byte ^ 1 : byte));
}

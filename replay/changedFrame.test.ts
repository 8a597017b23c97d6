import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Feature, parseExample } from '../core/scenes/formats/tfrecord/example.ts';
import { readTfRecord } from '../core/scenes/formats/tfrecord/tfrecord.ts';
import { frames } from '../test/scenes.ts';
import { darkened } from './changedFrame.ts';

const placed = { file: 'a test', index: 0, offset: 0 };

test('each value of the band is 0.7 of what it was, rounded; all else stays, and so does the frame that it was made of', () => {
  for (const frame of frames.slice(0, 5)) {
    const before = Buffer.from(frame);
    const changed = darkened(frame, { band: 'B11', gain: 0.7 });
    assert.deepEqual(Buffer.from(frame), before);
    const [old, made] = [frame, changed].map((one) => parseExample(readTfRecord(placed, one))); // its checksums are compared
    assert.deepEqual([...made!.keys()], [...old!.keys()]);
    for (const [name, feature] of old!) {
      if (name !== 'B11') assert.deepEqual(bytesOf(made!.get(name)), bytesOf(feature), name);
      else {
        assert.ok(feature.kind === 'bytes');
        const values = Buffer.from(feature.values[0]!.map((value) => Math.round(0.7 * value)));
        assert.deepEqual(bytesOf(made!.get(name)), [values]);
        assert.notDeepEqual(bytesOf(feature), [values]);
      }
    }
  }
});

function bytesOf(feature: Feature | undefined): unknown {
  return feature?.kind === 'bytes' ? feature.values.map((value) => Buffer.from(value)) : feature;
}

test('a band that the record does not have, or not as bytes, is refused', () => {
  for (const band of ['B12', 'label'])
    assert.throws(() => darkened(frames[0]!, { band, gain: 0.7 }), {
      name: 'RangeError',
      message: `A record of the sample has no band ${band} to darken.`,
    });
});

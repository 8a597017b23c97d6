import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { encodeNpy } from '../../test/numpy.ts';
import { frames, shard } from '../../test/scenes.ts';
import { ObjectNotFound } from '../base/errors.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { makeChipAt } from './chipAt.ts';
import { HEAD_BYTES } from './formats/format.ts';
import { makeChipReader } from './formats/tfrecord/chip.ts';
import { readTfRecord } from './formats/tfrecord/tfrecord.ts';

const model = await readModelPackage(readBaselineFile);
const scene = { bucket: 'inbox', key: 'north/a', versionId: 'v1', size: shard.length };
const { length } = frames[0]!;

test('a chip is read again by one ranged read, and the format of its file is detected once', async () => {
  const ranges: [string, number, number][] = [];
  const chipAt = makeChipAt(async ({ key }, offset, bytes) => {
    ranges.push([key, offset, bytes]);
    return shard.subarray(offset, offset + bytes);
  });
  for (const index of [3, 80]) {
    const offset = index * length;
    const chip = await chipAt(scene, { index, offset, length }, model);
    assert.deepEqual(chip, makeChipReader(model)(readTfRecord({ file: '', index, offset }, frames[index]!)));
  }
  await chipAt({ ...scene, key: 'north/b' }, { index: 0, offset: 0, length }, model);
  assert.deepEqual(ranges, [
    ['north/a', 0, HEAD_BYTES],
    ['north/a', 3 * length, length],
    ['north/a', 80 * length, length],
    ['north/b', 0, HEAD_BYTES],
    ['north/b', 0, length],
  ]);
});

test('a chip of any format is read again', async () => {
  const { bands, height, width } = model.source;
  const planes = bands.map((_, band) => new Uint8Array(height * width).fill(1 + band));
  const shape = [1, bands.length, height, width];
  const file = encodeNpy({ descr: '|u1', shape, data: Buffer.concat(planes) });
  const chipAt = makeChipAt(async (_scene, offset, bytes) => file.subarray(offset, offset + bytes));
  const arrays = { ...model, tensor: { ...model.tensor, dimensions: ['batch', 'bands', 'height', 'width'] as const } };
  const chip = await chipAt({ ...scene, size: file.length }, { index: 0, offset: 0, length: 0 }, arrays);
  assert.deepEqual(chip.planes, planes);
});

test('the error of a damaged chip names its file', async () => {
  const chipAt = makeChipAt(async (_scene, offset, bytes) => shard.subarray(offset, offset + bytes));
  await assert.rejects(
    chipAt(scene, { index: 1, offset: 1, length }, model),
    /^InvalidSceneFile: north\/a: record 1 at/,
  );
});

test('a file beginning that could not be read is requested again', async () => {
  let asked = 0;
  const chipAt = makeChipAt(async (_scene, offset, bytes) => {
    asked += 1;
    if (asked === 1) throw new ObjectNotFound('gone');
    return shard.subarray(offset, offset + bytes);
  });
  const place = { index: 0, offset: 0, length };
  await assert.rejects(chipAt(scene, place, model), ObjectNotFound);
  assert.equal((await chipAt(scene, place, model)).place.index, 0);
});

test('the beginnings of at most a hundred files are cached', async () => {
  let heads = 0;
  const chipAt = makeChipAt(async (_scene, offset, bytes) => {
    if (bytes === HEAD_BYTES) heads += 1;
    return shard.subarray(offset, offset + bytes);
  });
  const look = (file: number) => chipAt({ ...scene, key: String(file) }, { index: 0, offset: 0, length }, model);
  for (let file = 0; file <= 100; file += 1) await look(file);
  await look(100);
  assert.equal(heads, 101);
  await look(0);
  assert.equal(heads, 102);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { decode } from 'fast-png';
import { ObjectNotFound } from '../core/base/errors.ts';
import type { ReadRange } from '../core/base/objectStore.ts';
import type { PredictedChip } from '../core/results/predictions.ts';
import { type ChipAt, makeChipAt } from '../core/scenes/chipAt.ts';
import { HEAD_BYTES } from '../core/scenes/formats/format.ts';
import { makeChipReader } from '../core/scenes/formats/tfrecord/chip.ts';
import { readTfRecord } from '../core/scenes/formats/tfrecord/tfrecord.ts';
import { makeThumbnail } from '../core/scenes/thumbnail.ts';
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { goldenChips } from '../test/benches/day.ts';
import { readBaselineFile } from '../test/benches/packages.ts';
import { frames, shard } from '../test/scenes.ts';
import { PICTURES, picture } from './pictures.ts';

const model = await readModelPackage(readBaselineFile);
const chips = goldenChips.map(({ index, offset, length, truth }) => chipOf({ index, offset, length, truth }));

describe('the least certain chips', () => {
  test('come as pictures, in their order, each from one ranged read', async () => {
    const ranges: [number, number][] = [];
    const shown = await pictured(
      async (scene, offset, length) => {
        ranges.push([offset, length]);
        return readShard(scene, offset, length);
      },
      chips.slice(0, 5),
    );
    assert.deepEqual(ranges.shift(), [0, HEAD_BYTES], 'by which its format is known');
    assert.deepEqual(
      ranges,
      goldenChips.slice(0, 5).map(({ offset, length }) => [offset, length]),
    );
    assert.deepEqual(
      shown.map(({ index, file, truth, problem }) => [index, file, truth, problem]),
      goldenChips.slice(0, 5).map(({ index, truth }) => [index, 'north/a', model.classes[truth!]!.name, null]),
    );
    const png = Buffer.from(shown[0]!.image!.replace('data:image/png;base64,', ''), 'base64');
    const { index } = goldenChips[0]!;
    const chip = makeChipReader(model)(readTfRecord({ file: 'the shard', index, offset: 0 }, frames[index]!));
    assert.deepEqual(decode(png).data, decode(makeThumbnail(model)(chip)).data);
  });

  test('are read four at a time, as they may be large, and drawn before it is their turn', async () => {
    const held = Promise.withResolvers<void>();
    const read = makeChipAt(readShard);
    const asked: PredictedChip[] = [];
    const drawn = new Set<number>();
    const chipAt: ChipAt = async (scene, place, of) => {
      if (asked.push(place as PredictedChip) === 1) await held.promise;
      const chip = await read(scene, place, of);
      const planesOf = () => {
        drawn.add(place.index);
        return chip.planes;
      };
      return Object.defineProperty({ ...chip }, 'planes', { get: planesOf });
    };
    const shown = picture(chipAt, sizesOf(chips), model, chips);
    for (let i = 0; i < 400 && drawn.size < 3; i += 1) await setTimeout(5);
    assert.equal(drawn.size, 3, 'all but the first, which is held');
    assert.deepEqual(asked, chips.slice(0, 4));
    held.resolve();
    await shown;
    assert.equal(asked.length, chips.length);
  });

  test('are no more than the report has room for', async () => {
    assert.equal((await pictured(readShard, chips)).length, PICTURES);
  });

  test('are shown once where files repeat them, with their number', async () => {
    const repeated = [chips[0]!, chips[1]!, { ...chips[0]!, run: 'other' }, chips[0]!];
    const shown = await pictured(readShard, repeated);
    assert.deepEqual(
      shown.map(({ index, alike }) => [index, alike]),
      [
        [chips[0]!.index, 3],
        [chips[1]!.index, 1],
      ],
    );
  });

  test('stand without a picture, and with the reason, where the file is gone or another one', async () => {
    const shown = await pictured(
      async (scene, offset, length) => {
        if (scene.key === 'gone') throw new ObjectNotFound('gone is not in the inbox any more.');
        return shard.subarray(offset + 1, offset + 1 + length);
      },
      [chipOf({ ...chips[0]!, key: 'gone' }), chips[1]!],
    );
    assert.deepEqual(
      shown.map(({ image }) => image),
      [null, null],
    );
    assert.equal(shown[0]?.problem, 'gone is not in the inbox any more.');
    assert.match(shown[1]?.problem ?? '', /^north\/a: record 1 at byte 46743 is damaged/);
  });

  test('are no reason to go on where the store itself is in trouble', async () => {
    const trouble = new Error('SlowDown');
    await assert.rejects(
      pictured(() => Promise.reject(trouble), chips),
      trouble,
    );
  });
});

function pictured(readRange: ReadRange, of: PredictedChip[]) {
  return picture(makeChipAt(readRange), sizesOf(of), model, of);
}

const sizesOf = (of: PredictedChip[]) => new Map(of.map(({ run }) => [run, shard.length]));

async function readShard(_scene: unknown, offset: number, length: number): Promise<Uint8Array> {
  return shard.subarray(offset, offset + length);
}

function chipOf({ key = 'north/a', ...place }: { key?: string } & Partial<PredictedChip>): PredictedChip {
  const scene = { bucket: 'inbox', key, versionId: 'v1' };
  const nowhere = { member: null, window: null, footprint: null };
  const predicted = { value: 0, text: 'cows-0', probability: 0.3, rank: 0.3, truth: null, ...nowhere };
  return { id: 'id', run: 'run', index: 0, offset: 0, length: 0, ...predicted, ...place, scene };
}

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { InvalidSceneFile } from '../core/base/errors.ts';
import { isBlank } from '../core/measures/blanks/blanks.ts';
import type { ModelPackage } from '../core/package/package.ts';
import { makeChipReader } from '../core/scenes/formats/tfrecord/chip.ts';
import { inOneChunk } from '../core/scenes/rangesIn.ts';
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { readBaselineFile } from '../test/benches/packages.ts';
import { frames, shard } from '../test/scenes.ts';
import { readTfRecords } from '../test/tfrecord.ts';
import { darkened, unlabelled } from './changedFrame.ts';
import { DARK_BAND, DARK_DAY, fifteenDays, type PlannedScene } from './plan.ts';
import { buildSceneFile, drawChips, readSample, type Sample } from './sceneFile.ts';
import { sfc32 } from './sfc32.ts';

let model: ModelPackage;
let sample: Sample<Uint8Array>;
before(async () => {
  model = await readModelPackage(readBaselineFile);
  sample = await readSample('the shard', shard, model);
});

test('the sample holds every frame of the shard once, by its label, and the blank ones apart', () => {
  assert.deepEqual(
    sample.ofClass.map((chips) => chips.length),
    [46, 14, 14, 5],
  );
  assert.equal(sample.blank.length, 2);
  const all = [...sample.ofClass.flat(), ...sample.blank].map((frame) => digest(frame));
  assert.deepEqual(all.toSorted(), frames.map(digest).toSorted());
});

test('a file without a chip of some class, or without a blank one, is nothing to draw from', async () => {
  const without = (chips: readonly Uint8Array[] | undefined) =>
    Buffer.concat(frames.filter((frame) => !isOneOf(frame, chips!)));
  await assert.rejects(readSample('a file', without(sample.ofClass[3]), model), {
    message: 'a file has no chip of the class cows-3plus, so none can be drawn for droughtwatch-baseline 1.0.0.',
  });
  await assert.rejects(readSample('a file', without(sample.blank), model), /^RangeError: a file has no blank chip, /);
});

describe('drawing', () => {
  const letters = { ofClass: [['a', 'A'], ['b'], ['c', 'C']], blank: ['-'] };
  const draw = (mix: number[], blankShare: number, chips = 1000) =>
    drawChips(letters, { chips, mix, blankShare }, sfc32(1, 1, 1));
  const share = (drawn: string[], wanted: RegExp) => drawn.filter((one) => wanted.test(one)).length / drawn.length;

  test('takes each label by the mix, each of its chips as often as another, and so many blank ones', () => {
    const drawn = draw([0.7, 0.1, 0.2], 0.1, 10_000);
    const shares = { a: 0.9 * 0.35, A: 0.9 * 0.35, b: 0.9 * 0.1, c: 0.9 * 0.1, C: 0.9 * 0.1, '-': 0.1 };
    for (const [letter, wanted] of Object.entries(shares)) {
      const found = share(drawn, new RegExp(letter));
      assert.ok(Math.abs(found - wanted) < 0.015, `${letter}: found ${found}, wanted ${wanted}`); // three deviations
    }
  });
  test('never takes a label without a share, also where rounding leaves the shares a little below 1', () => {
    assert.equal(share(draw([0, 0.5, 0.5], 0), /a/i), 0);
    const almostOne = () => 1 - 2 ** -32;
    assert.deepEqual(drawChips(letters, { chips: 1, mix: [0.1, 0.7, 0.2 - 2 ** -31, 0], blankShare: 0 }, almostOne), [
      'C',
    ]);
  });
  test('of nothing but blank ones, needs no mix', () => {
    assert.deepEqual(draw([], 1, 3), ['-', '-', '-']);
  });
});

describe('the files of the fifteen days', () => {
  test('are as many chips as planned, each a whole record of the shard, of labels that the mix has', async () => {
    const known = new Set(frames.map(digest));
    const [, day] = fifteenDays;
    for (const scene of day!.scenes.filter(({ isDamaged }) => !isDamaged)) {
      const { bytes } = buildSceneFile(sample, 1, day!, scene);
      const chips = await chipsOf(bytes);
      assert.equal(chips.length, scene.draw.chips);
      for (const { frame } of chips) assert.ok(known.has(digest(frame)));
    }
    const far = fifteenDays[3]!;
    const chips = await chipsOf(buildSceneFile(sample, 1, far, far.scenes[0]!).bytes);
    assert.deepEqual([...new Set(chips.filter((chip) => !chip.isBlank).map(({ truth }) => truth))].toSorted(), [2, 3]);
  });

  test('are the same for the same seed, others for another one, and like no other: but for the one that comes twice', () => {
    const digests = (seed: number, days = fifteenDays) =>
      days.map((day) => day.scenes.map((scene) => digest(buildSceneFile(sample, seed, day, scene).bytes)));
    const some = fifteenDays.slice(2, 4);
    const [all, again, other] = [digests(1), digests(1, some), digests(2, some)];
    assert.deepEqual(again, all.slice(2, 4));
    const [first, , , duplicate] = all[2]!;
    assert.equal(duplicate, first);
    assert.equal(new Set(all.flat()).size, all.flat().length - 1);
    assert.equal(new Set([...all, ...other].flat()).size, all.flat().length - 1 + other.flat().length - 1);
  });

  test('of the day that is dark in one band are whole records, which nothing is taken from but that band and the label', async () => {
    const day = fifteenDays[DARK_DAY - 1]!;
    const [scene] = day.scenes;
    const dark = buildSceneFile(sample, 1, day, scene!);
    const bright = buildSceneFile(sample, 1, day, { ...scene!, dark: null, isLabelled: true });
    assert.equal(dark.bytes.length, bright.bytes.length);
    const [chips, before] = await Promise.all([dark, bright].map(({ bytes }) => chipsOf(bytes)));
    assert.deepEqual([chips!.length, before!.length], [scene!.draw.chips, scene!.draw.chips]);
    for (const [i, { frame, truth }] of chips!.entries()) {
      assert.deepEqual(
        [Buffer.from(frame), truth],
        [Buffer.from(unlabelled(darkened(before![i]!.frame, DARK_BAND), 'label')), null],
      );
    }
  });

  test('include one that is damaged in its middle: the records before are intact', async () => {
    const [day, scene] = sceneNamed('damaged');
    const { bytes } = buildSceneFile(sample, 1, day, scene);
    let records = 0;
    const read = async () => {
      for await (const _ of readTfRecords('damaged', inOneChunk(bytes))) records += 1;
    };
    await assert.rejects(read, (error) => error instanceof InvalidSceneFile && /is damaged/.test(error.message));
    assert.ok(records > 0.4 * scene.draw.chips && records < 0.6 * scene.draw.chips, `${records}`);
  });

  test('one has nothing on any chip', async () => {
    const [day, scene] = sceneNamed('blank');
    const chips = await chipsOf(buildSceneFile(sample, 1, day, scene).bytes);
    assert.equal(chips.length, scene.draw.chips);
    assert.ok(chips.every((chip) => chip.isBlank));
  });
});

function sceneNamed(name: string) {
  const day = fifteenDays.find(({ scenes }) => scenes.some((scene) => scene.name === name))!;
  return [day, day.scenes.find((scene: PlannedScene) => scene.name === name)!] as const;
}

async function chipsOf(bytes: Uint8Array) {
  const readChip = makeChipReader(model);
  const chips: { frame: Uint8Array; truth: number | null; isBlank: boolean }[] = [];
  for await (const record of readTfRecords('a scene file', inOneChunk(bytes))) {
    const { planes, truth } = readChip(record);
    const frame = bytes.subarray(record.offset, record.offset + record.length);
    chips.push({ frame, truth, isBlank: isBlank({ planes }, model) });
  }
  return chips;
}

function isOneOf(frame: Uint8Array, chips: readonly Uint8Array[]): boolean {
  return chips.some((chip) => digest(chip) === digest(frame));
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

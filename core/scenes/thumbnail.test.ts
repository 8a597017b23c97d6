import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { decode } from 'fast-png';
import { type Edit, editedPackage, PROPERTIES, readBaselineFile, smallModel } from '../../test/benches/packages.ts';
import { frames } from '../../test/scenes.ts';
import type { Plane } from '../arrays/dataTypes.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { makeChipReader } from './formats/tfrecord/chip.ts';
import { readTfRecord } from './formats/tfrecord/tfrecord.ts';
import { pictureType } from './textPicture.ts';
import { makeThumbnail } from './thumbnail.ts';
import vectors from './thumbnail.vectors.json' with { type: 'json' };

const baseline = await readModelPackage(readBaselineFile);
const withoutNames = await editedPackage(
  baseline.source.bands.map((_, band): Edit => [`${PROPERTIES}/bands/${band}/eo:common_name`, undefined]),
);

/** The pixels that numpy computes of the bundled shard's chips: thumbnail.py. */
describe("a thumbnail of the bundled shard's chips", () => {
  for (const { what, model, longestSide, side, channels, expected } of [
    { what: 'is in colour', model: baseline, side: 65, channels: 3, expected: vectors['red, green, blue'] },
    {
      what: 'is smaller if the longest side is limited',
      model: baseline,
      longestSide: 64,
      side: 33,
      channels: 3,
      expected: vectors['red, green, blue, at most 33 pixels'],
    },
    {
      what: 'is grey, from the first band of the model, if bands have no common names',
      model: withoutNames,
      side: 65,
      channels: 1,
      expected: vectors['B2 alone'],
    },
  ])
    test(what, () => {
      const toPng = makeThumbnail(model, longestSide);
      const readChip = makeChipReader(model);
      for (const [i, frame] of frames.entries()) {
        const chip = readChip(readTfRecord({ file: 'the shard', index: i, offset: 0 }, frame));
        const { width, height, channels: found, data } = decode(toPng(chip));
        assert.deepEqual([width, height, found], [side, side, channels]);
        assert.equal(createHash('sha256').update(data).digest('hex'), expected[i], `chip ${i}`);
      }
    });
});

describe('whatever its type, a band is stretched from its 2nd to its 98th percentile', () => {
  // Four values that lie equally far apart: in their distances, the percentiles are 0.06 and 2.94 from the first.
  const expected = [0, Math.round((255 * 0.94) / 2.88), Math.round((255 * 1.94) / 2.88), 255];
  for (const { type, values } of [
    { type: 'uint8', values: Uint8Array.of(1, 2, 3, 4) },
    { type: 'int8', values: Int8Array.of(-128, -127, -126, -125) },
    { type: 'uint16', values: Uint16Array.of(65_532, 65_533, 65_534, 65_535) },
    { type: 'int16', values: Int16Array.of(-32_768, -10_923, 10_922, 32_767) },
    { type: 'uint32', values: Uint32Array.of(4e9, 4e9 + 1, 4e9 + 2, 4e9 + 3) },
    { type: 'int32', values: Int32Array.of(-2e9, -1e9, 0, 1e9) },
    { type: 'float32', values: Float32Array.of(0.25, 0.5, 0.75, 1) },
    { type: 'float64', values: Float64Array.of(-1e-300, 0, 1e-300, 2e-300) },
  ])
    test(type, async () => assert.deepEqual(await pixelsOf(type, values), expected));
});

test('a value that is not finite is black, and stretches nothing', async () => {
  assert.deepEqual(await pixelsOf('float32', Float32Array.of(NaN, 7, Infinity, 8)), [0, 0, 0, 255]);
  assert.deepEqual(await pixelsOf('float32', Float32Array.of(NaN, NaN)), [0, 0]);
});

test('a chip of one value is a middle grey', async () => {
  assert.deepEqual(await pixelsOf('uint16', Uint16Array.of(9, 9, 9)), [128, 128, 128]);
});

test('a thumbnail in colour has red, green and blue, whatever their order in the file', async () => {
  const names = ['green', 'red', 'nir', 'blue'];
  const bands = names.map((name) => ({ name, data_type: 'uint8', 'eo:common_name': name }));
  const shown = [
    [1, 100],
    [0, 50],
    [9, 9],
    [2, 75],
  ];
  for (const first of [0, 1, 3]) {
    const turned = [...bands.slice(first), ...bands.slice(0, first)];
    const planes = [...shown.slice(first), ...shown.slice(0, first)].map((values) => Uint8Array.from(values));
    const { data, channels } = decode(makeThumbnail(await editedPackage(smallModel(turned, [1, 2])))({ planes }));
    assert.equal(channels, 3);
    assert.deepEqual([...data.subarray(0, 3)], [0, 2, 5]);
  }
});

test('without names, and with derived bands only, the first band of the file is shown', async () => {
  const bands = ['A', 'B'].map((name) => ({ name, data_type: 'uint8' }));
  const derived = { name: 'ratio', format: 'swath', expression: 'A / (B + 1)' };
  const model = await editedPackage(smallModel(bands, [1, 2], [derived]));
  const planes = [Uint8Array.of(3, 8), Uint8Array.of(8, 3)];
  assert.deepEqual([...decode(makeThumbnail(model)({ planes })).data], [0, 255]);
});

test('a row of numbers is shown as the names and values of its bands', async () => {
  const row = await readModelPackage(async (file) =>
    readFile(new URL(`../../models/landsat-statlog/1.0.0/${file}`, import.meta.url)),
  );
  const planes = row.source.bands.map((_, i) => Uint8Array.of(i));
  const picture = makeThumbnail(row)({ planes });
  assert.equal(pictureType(picture), 'image/svg+xml');
  assert.match(Buffer.from(picture).toString(), />p1_b1 0, p1_b2 1, p1_b3 2, p1_b4 3,/);
});

/** The grey pixels of a chip of one row. */
async function pixelsOf(type: string, values: Plane): Promise<number[]> {
  const model = await editedPackage(smallModel([{ name: 'A', data_type: type }], [1, values.length]));
  return [...decode(makeThumbnail(model)({ planes: [values] })).data];
}

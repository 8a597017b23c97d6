import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { describe, test } from 'node:test';
import { editedPackage, OUTPUT, PROPERTIES, readBaselineFile, smallModel } from '../../../../test/benches/packages.ts';
import { featuresOf, pixels, readSmallModel } from '../../../../test/benches/scenes.ts';
import { encodeExample, encodeTfRecord, type FeatureToEncode, readTfRecords } from '../../../../test/tfrecord.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { readModelPackage } from '../../../tasks/readModelPackage.ts';
import { makeChipReader } from './chip.ts';
import { readTfRecord } from './tfrecord.ts';

const model = await readSmallModel();
const good = featuresOf({ value: 7, label: 2 });

test('the bundled scene: bands in the order of the package, and the labels of the file', async () => {
  const read = makeChipReader(await readModelPackage(readBaselineFile));
  const sample = new URL('../../../../samples/droughtwatch/part-r-00012', import.meta.url);
  const labels = [0, 0, 0, 0];
  let first: number[] | undefined;
  for await (const record of readTfRecords('sample', createReadStream(sample))) {
    const { planes, truth } = read(record);
    assert.equal(planes.length, 11);
    assert.ok(truth !== null);
    labels[truth]! += 1;
    first ??= planes.map((plane) => plane[0]!);
  }
  // From an independent reading in Python: each band's first pixel in the first record, and the labels of all.
  assert.deepEqual(first, [23, 18, 16, 11, 60, 31, 16, 14, 1, 194, 191]);
  assert.deepEqual(labels, [46, 16, 14, 5]);
});

test('a chip is read from the features that the package names, and other features are ignored', () => {
  const more = { filename: pixels(65), B0: pixels(1, 99), weight: { kind: 'float', values: [0.5] } } as const;
  const { planes, truth } = read([...Object.entries(more), ...good]);
  assert.deepEqual(planes, [Uint8Array.of(7, 7, 7, 7), Uint8Array.of(8, 8, 8, 8)]);
  assert.equal(truth, 2);
});

test('a band of float32 may be a list of floats, or their bytes', async () => {
  const floats = await editedPackage(smallModel([{ name: 'A', data_type: 'float32' }], [1, 2]));
  const values = [0.5, -3e38];
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  for (const feature of [
    { kind: 'float', values },
    { kind: 'bytes', values: [bytes] },
  ] as const)
    assert.deepEqual(read([['A', feature]], floats).planes, [Float32Array.from(values)]);
});

describe('a band may be a list of numbers, as Earth Engine exports it:', () => {
  for (const [type, feature, values] of [
    ['uint8', int64(0, 255), [0, 255]],
    ['uint8', { kind: 'float', values: [0, 255] }, [0, 255]],
    ['int16', int64(-32768, 32767), [-32768, 32767]],
    ['int16', { kind: 'float', values: [-1, 32767] }, [-1, 32767]],
    ['uint32', int64(0, 2 ** 32 - 1), [0, 2 ** 32 - 1]],
    ['float32', int64(-7, 2 ** 24), [-7, 2 ** 24]],
    ['float64', { kind: 'float', values: [0.5, Number.NaN] }, [0.5, Number.NaN]],
    ['float64', int64(2 ** 53 - 1, -1), [2 ** 53 - 1, -1]],
    ['float64', int64(-(2 ** 63), 2 ** 53), [-(2 ** 63), 2 ** 53]],
    ['float32', int64(-(2 ** 63), 2 ** 62), [-(2 ** 63), 2 ** 62]],
  ] as const)
    test(`${feature.kind} for ${type}`, async () => {
      const model = await editedPackage(smallModel([{ name: 'A', data_type: type }], [1, 2]));
      const [plane] = read([['A', feature]], model).planes;
      assert.deepEqual([plane!.constructor.name.toLowerCase(), [...plane!]], [`${type}array`, values]);
    });

  for (const [type, value] of [
    ['float32', 2 ** 24 + 1],
    ['float64', 2n ** 53n + 1n],
    ['float64', 2n ** 63n - 1n],
    ['int8', 128],
    ['uint16', -1],
  ] as const)
    test(`${value} does not fit ${type}`, async () => {
      const model = await editedPackage(smallModel([{ name: 'A', data_type: type }], [1, 1]));
      const message = `scene: record 3 at byte 100: band A: found ${value} as its value 0, which does not fit ${type}`;
      assert.throws(() => read([['A', int64(value)]], model), new InvalidSceneFile(message));
    });
});

describe('a band that is not as the package says makes the file invalid:', () => {
  for (const [features, message] of [
    [without('B'), 'band B is missing; the record has “"A", "label"”'],
    [replaced('B', { kind: 'none' }), 'band B: found no value, allowed is one value of bytes, or a list of its values'],
    [
      Array.from({ length: 2000 }, (_, i): [string, { kind: 'none' }] => [`${i}`.padEnd(500, 'x'), { kind: 'none' }]),
      `band A is missing; the record has “${Array.from({ length: 20 }, (_, i) => `"${`${i}`.padEnd(40, 'x')}"`).join(', ')} and 1980 more”`,
    ],
    [[], 'band A is missing; the record has no feature at all'],
    [replaced('A', pixels(7, 3)), 'band A: found 3 bytes, allowed are 4 (2 × 2 uint8)'],
    [replaced('A', pixels(7, 5)), 'band A: found 5 bytes, allowed are 4 (2 × 2 uint8)'],
    [
      replaced('B', { kind: 'bytes', values: [new Uint8Array(4), new Uint8Array(4)] }),
      'band B: found 2 bytes values, allowed is one value of bytes',
    ],
    [replaced('B', int64(1, 2, 3)), 'band B: found 3 int64 values, allowed are 4, or one value of bytes'],
    [replaced('B', int64(1, 2, 3, 4, 5)), 'band B: found 5 int64 values, allowed are 4, or one value of bytes'],
    [
      replaced('B', { kind: 'float', values: [1] }),
      'band B: found 1 float values, allowed are 4, or one value of bytes',
    ],
    [replaced('B', int64(1, 2, 256, 4)), 'band B: found 256 as its value 2, which does not fit uint8'],
    [
      replaced('B', { kind: 'float', values: [1, 2.5, 3, 4] }),
      'band B: found 2.5 as its value 1, which does not fit uint8',
    ],
    [
      replaced('B', { kind: 'float', values: [Number.NaN, 2, 3, 4] }),
      'band B: found NaN as its value 0, which does not fit uint8',
    ],
  ] as const)
    test(message, () => {
      assert.throws(() => read(features), new InvalidSceneFile(`scene: record 3 at byte 100: ${message}`));
    });
});

describe('the truth', () => {
  test('is null where the record has none', () => {
    for (const features of [without('label'), replaced('label', { kind: 'none' }), replaced('label', int64())])
      assert.equal(read(features).truth, null);
  });

  test('is null where the package names none, whatever the record has', async () => {
    const bands = ['A', 'B'].map((name) => ({ name, data_type: 'uint8' }));
    const untold = await editedPackage(smallModel(bands, [2, 2]));
    assert.equal(read(replaced('label', int64(99)), untold).truth, null);
  });

  test('is a class value, and not the place of a class in the list', async () => {
    const sparse = await editedPackage([
      ...smallModel([{ name: 'A', data_type: 'uint8' }], [2, 2]),
      [`${PROPERTIES}/swath:truth`, 'label'],
      ...[-1, 200, 30, 4].map((value, i) => [`${OUTPUT}/classification:classes/${i}/value`, value] as const),
    ]);
    for (const value of [-1, 200, 30, 4]) assert.equal(read(replaced('label', int64(value)), sparse).truth, value);
    assert.throws(() => read(replaced('label', int64(1)), sparse), /found 1, allowed is one integer of -1, 200, 30, 4/);
  });

  for (const { what, label, found } of [
    { what: 'outside the classes', label: int64(4), found: '4' },
    { what: 'below the classes', label: int64(-1), found: '-1' },
    { what: 'far outside the classes', label: int64(2n ** 63n - 1n), found: '9223372036854775807' },
    { what: 'of two values', label: int64(1, 2), found: '2 int64 values' },
    { what: 'that is a float', label: { kind: 'float', values: [1] }, found: '1 float value' },
    { what: 'that is a text', label: pixels(49), found: '1 bytes value' },
  ] as const)
    test(`${what} makes the file invalid`, () => {
      const message = `scene: record 3 at byte 100: label: found ${found}, allowed is one integer of 0, 1, 2, 3`;
      assert.throws(() => read(replaced('label', label)), new InvalidSceneFile(message));
    });
});

describe('a carried feature', async () => {
  const carry = [
    { name: 'id', type: 'STRING' },
    { name: 'lon', type: 'DOUBLE' },
  ] as const;
  const passing = { ...model, carry };
  const carriedOf = (more: Record<string, FeatureToEncode>) =>
    read([...good, ...Object.entries(more)], passing).carried;
  const text = (said: string): FeatureToEncode => ({ kind: 'bytes', values: [new TextEncoder().encode(said)] });

  for (const { what, more, values } of [
    { what: 'is null where the record has none', more: {}, values: [null, null] },
    {
      what: 'is null where the record has no value',
      more: { id: { kind: 'none' }, lon: { kind: 'float', values: [] } },
      values: [null, null],
    },
    { what: 'may be a text', more: { id: text('Bühl'), lon: text('10.5') }, values: ['Bühl', 10.5] },
    { what: 'may be an integer', more: { id: int64(2n ** 62n), lon: int64(-7) }, values: ['4611686018427387904', -7] },
    {
      what: 'a float',
      more: { id: { kind: 'float', values: [0.5] }, lon: { kind: 'float', values: [10.25] } },
      values: ['0.5', 10.25],
    },
  ] as { what: string; more: Record<string, FeatureToEncode>; values: unknown[] }[])
    test(what, () => assert.deepEqual(carriedOf(more), values));

  for (const [more, message] of [
    [{ id: int64(1, 2) }, 'id: found 2 int64 values, allowed is one, as it is passed through'],
    [
      { id: text('x'.repeat(257)) },
      'id: found a text of 257 characters, allowed are at most 256, as it is passed through',
    ],
    [{ id: { kind: 'bytes', values: [Uint8Array.of(0xfc)] } }, 'id: found a text that is not UTF-8, allowed is UTF-8'],
    [{ lon: text('east') }, 'lon: found “east”, allowed is a number, as item.json says (swath:carry)'],
  ] as [Record<string, FeatureToEncode>, string][])
    test(message, () =>
      assert.throws(() => carriedOf(more), new InvalidSceneFile(`scene: record 3 at byte 100: ${message}`)),
    );
});

type Features = Iterable<readonly [string, FeatureToEncode]>;

function read(features: Features, by = model) {
  const frame = encodeTfRecord(encodeExample(features));
  return makeChipReader(by)(readTfRecord({ file: 'scene', index: 3, offset: 100 }, frame));
}

function without(name: string): Features {
  return [...good].filter(([one]) => one !== name);
}

function replaced(name: string, feature: FeatureToEncode): Features {
  return [...good].map(([one, was]) => [one, one === name ? feature : was]);
}

function int64(...values: (number | bigint)[]): FeatureToEncode {
  return { kind: 'int64', values: values.map(BigInt) };
}

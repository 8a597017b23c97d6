import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editedPackage, smallModel } from '../../test/benches/packages.ts';
import { readSmallModel } from '../../test/benches/scenes.ts';
import { MAX_PART_BYTES } from '../base/limits.ts';
import { chipsPerPart } from '../package/bands.ts';
import type { Chip } from '../package/package.ts';
import { makePartBuilder } from './partBuilder.ts';
import { decodePart, makeWindows } from './preparedPart.ts';

const model = await readSmallModel();

test('a part holds the given number of chips, fewer if they are large, and at least one', async () => {
  const wide = (size: number) => editedPackage(smallModel([{ name: 'A', data_type: 'float32' }], [size, size]));
  assert.equal(chipsPerPart(model, 512), 512);
  assert.equal(chipsPerPart(await wide(1024), 512), MAX_PART_BYTES / (4 * 1024 ** 2));
  assert.equal(chipsPerPart(await wide(1024), 3), 3);
  assert.equal(chipsPerPart(await wide(4096), 512), 1);
});

test('the size of a chip is that of its prepared bands', async () => {
  const file = [{ name: 'A', data_type: 'uint8' }];
  const half = { name: 'half', format: 'swath', expression: 'A / 2' };
  const derived = await editedPackage(smallModel(file, [1024, 1024], [half])); // float32, of bytes
  const plain = await editedPackage(smallModel(file, [1024, 1024]));
  assert.equal(4 * chipsPerPart(derived, 512), chipsPerPart(plain, 512));
});

test('chips are collected with their place and truth until the part is full', () => {
  const part = makePartBuilder(model, 2);
  assert.deepEqual([part.chips(), part.isFull()], [0, false]);
  part.add(chip(4, planesOf(10, 20), 3));
  assert.deepEqual([part.chips(), part.isFull()], [1, false]);
  part.add(chip(6, planesOf(30, 40), null));
  assert.deepEqual([part.chips(), part.isFull()], [2, true]);
  assert.deepEqual(decodePart(part.take()), {
    chips: 2,
    index: Int32Array.of(4, 6),
    offset: BigInt64Array.of(400n, 600n),
    length: Int32Array.of(100, 100),
    window: makeWindows(2),
    truth: [3, null],
    bands: [
      { name: 'A', dataType: 'uint8', values: Uint8Array.of(10, 10, 10, 10, 30, 30, 30, 30) },
      { name: 'B', dataType: 'uint8', values: Uint8Array.of(20, 20, 20, 20, 40, 40, 40, 40) },
    ],
  });
  assert.deepEqual([part.chips(), part.isFull()], [0, false]);
});

test('a chip without a byte range is stored with offset and length 0', () => {
  const part = makePartBuilder(model, 1);
  part.add({ place: { index: 7, kind: 'index' }, planes: planesOf(1, 2), truth: null });
  const { index, offset, length } = decodePart(part.take());
  assert.deepEqual([index[0], offset[0], length[0]], [7, 0n, 0]);
});

test('a chip of a raster has its window and footprint, also beside chips without them', () => {
  const part = makePartBuilder(model, 3);
  const window = { kind: 'window', x: 2, y: 4, width: 2, height: 2 } as const;
  const corners = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  part.add({ place: { index: 0, ...window, footprint: corners, hectares: 9 }, planes: planesOf(1, 2), truth: null });
  part.add({
    place: { index: 1, ...window, x: 6, footprint: null, hectares: Number.NaN },
    planes: planesOf(1, 2),
    truth: null,
  });
  part.add(chip(2, planesOf(1, 2), null));
  const { x, y, width, height, footprint, hectares } = decodePart(part.take()).window!;
  assert.deepEqual([...width], [2, 2, 0]);
  assert.deepEqual([x[0], y[0], height[0], x[1]], [2, 4, 2, 6]);
  assert.deepEqual([...footprint.subarray(0, 9)], [...corners, NaN]);
  assert.deepEqual([...hectares.subarray(0, 2)], [9, NaN]);
  part.add(chip(0, planesOf(1, 2), null));
  assert.deepEqual([...decodePart(part.take()).window!.width], [0], 'of the part before');
});

test('a part that is not full shows nothing of the one before it', () => {
  const part = makePartBuilder(model, 2);
  for (const index of [0, 1]) part.add(chip(index, planesOf(1, 2), 3));
  part.take();
  part.add(chip(2, planesOf(5, 6), null));
  const { bands, ...places } = decodePart(part.take());
  assert.deepEqual(places, {
    chips: 1,
    index: Int32Array.of(2),
    offset: BigInt64Array.of(200n),
    length: Int32Array.of(100),
    window: makeWindows(1),
    truth: [null],
  });
  assert.equal(bands.map(({ values }) => values.join()).join(' '), '5,5,5,5 6,6,6,6');
});

test('derived bands are computed into the part, in the order of the model', async () => {
  const file = ['A', 'B'].map((name) => ({ name, data_type: 'uint8' }));
  const ratio = { name: 'ratio', format: 'swath', expression: '(B - A) / (A + B)' };
  const derived = await editedPackage(smallModel(file, [1, 1], [ratio, 'A']));
  const part = makePartBuilder(derived, 5);
  for (const [a, b] of [
    [1, 3],
    [2, 0],
  ] as const)
    part.add(chip(0, [Uint8Array.of(a), Uint8Array.of(b)], null));
  assert.deepEqual(decodePart(part.take()).bands, [
    { name: 'ratio', dataType: 'float32', values: Float32Array.of(0.5, -1) },
    { name: 'A', dataType: 'uint8', values: Uint8Array.of(1, 2) },
  ]);
});

test('the carried features of each chip are in the part', async () => {
  const carry = [
    { name: 'id', type: 'STRING' },
    { name: 'lon', type: 'DOUBLE' },
  ] as const;
  const part = makePartBuilder({ ...model, carry }, 4);
  part.add({ ...chip(0, planesOf(1, 2), null), carried: ['a “b” ü', 10.5] });
  part.add({ ...chip(1, planesOf(1, 2), null), carried: [null, null] });
  part.add(chip(2, planesOf(1, 2), null));
  assert.deepEqual(decodePart(part.take()).carried, [
    { ...carry[0], values: ['a “b” ü', null, null] },
    { ...carry[1], values: [10.5, null, null] },
  ]);
});

test('the archive names of chips are in the part, without names of the previous part', () => {
  const part = makePartBuilder(model, 2);
  for (const names of [['a.png', 'ü.png'], ['b.png', null], [undefined, undefined], ['c.png']]) {
    for (const [i, name] of names.entries())
      part.add({ ...chip(i, planesOf(1, 2), null), ...(name != null && { member: name }) });
    const [member] = decodePart(part.take()).carried ?? [];
    assert.deepEqual(member?.values, names[0] === undefined ? undefined : names);
  }
});

function chip(index: number, planes: Uint8Array[], truth: number | null): Chip {
  return { place: { index, kind: 'bytes', offset: 100 * index, length: 100 }, planes, truth };
}

function planesOf(a: number, b: number) {
  return [new Uint8Array(4).fill(a), new Uint8Array(4).fill(b)];
}

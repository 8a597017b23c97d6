import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeResize, type ResizeType, resizeTypes } from './resize.ts';

const IMAGE = [
  [0, 10, 20, 30],
  [40, 50, 65, 70],
  [5, 90, 100, 115],
];

function resized(type: ResizeType | null, image: readonly number[][], height: number, width: number): number[][] {
  const from = { height: image.length, width: image[0]!.length };
  const out = new Float32Array(height * width).fill(-1);
  makeResize(type, from, { height, width })(Float32Array.from(image.flat()), out);
  return Array.from({ length: height }, (_, y) => [...out.subarray(y * width, (y + 1) * width)]);
}

test('a crop keeps the middle; if the surplus is odd, one more is cut at the end', () => {
  assert.deepEqual(resized('crop', IMAGE, 1, 2), [[50, 65]]);
  assert.deepEqual(resized('crop', IMAGE, 2, 1), [[10], [50]]);
  assert.deepEqual(resized('crop', IMAGE, 3, 3), [
    [0, 10, 20],
    [40, 50, 65],
    [5, 90, 100],
  ]);
});

test('padding adds zeros on all sides; if their number is odd, one more is added at the end', () => {
  assert.deepEqual(resized('pad', [[1, 2]], 2, 5), [
    [0, 1, 2, 0, 0],
    [0, 0, 0, 0, 0],
  ]);
  assert.deepEqual(resized('pad', [[1], [2]], 4, 1), [[0], [1], [2], [0]]);
});

/** cv2.resize of opencv-python-headless 5.0.0 on IMAGE as float32, with INTER_NEAREST and INTER_LINEAR. */
const openCv: [type: ResizeType, size: [number, number], rows: string][] = [
  [
    'interpolation-nearest',
    [5, 7],
    '0 0 10 10 20 20 30, 0 0 10 10 20 20 30, 40 40 50 50 65 65 70, 40 40 50 50 65 65 70, 5 5 90 90 100 100 115',
  ],
  ['interpolation-nearest', [2, 3], '0 10 20, 40 50 65'],
  [
    'interpolation-linear',
    [2, 3],
    '11.666666984558105 25.625 38.541664123535156, 24.791667938232422 85.625 101.66666412353516',
  ],
  [
    'interpolation-linear',
    [6, 8],
    '0 2.5 7.5 12.5 17.5 22.5 27.5 30, 10 12.5 17.5 22.8125 28.4375 33.4375 37.8125 40, 30 32.5 37.5 43.4375 50.3125 55.3125 58.4375 60, 31.25 38.4375 52.8125 63.4375 70.3125 75.625 79.375 81.25, 13.75 30.3125 63.4375 82.8125 88.4375 94.375 100.625 103.75, 5 26.25 68.75 92.5 97.5 103.75 111.25 115',
  ],
  ['interpolation-linear', [3, 2], '5 25, 45 67.5, 47.5 107.5'],
];

for (const [type, size, rows] of openCv)
  test(`${type} to ${size.join(' × ')} gives OpenCV's values`, () => {
    const got = resized(type, IMAGE, ...size).flat();
    const expected = rows.split(/,? /).map(Number);
    assert.equal(got.length, expected.length);
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(got[i]! - value) < 1e-5, `${i}: ${got[i]}`);
  });

test('where i · from / to is a whole number, the nearest row is the one that OpenCV takes', () => {
  const [got] = resized('interpolation-nearest', [[0, 1, 2, 3, 4, 5]], 1, 34);
  // 17 · 6 / 34 is 3; cv2.resize of opencv-python-headless 5.0.0 gives 2.
  assert.deepEqual(got!.slice(16, 19), [2, 2, 3]);
});

test('a missing value (NaN) does not spread to other pixels', () => {
  const image = [[1, NaN, 3, 4]];
  assert.deepEqual(resized('interpolation-linear', image, 2, 4), [image[0], image[0]]);
  assert.deepEqual(resized('interpolation-linear', image, 1, 2), [[NaN, 3.5]]);
});

test('between equal sizes every resize is a copy', () => {
  for (const type of [...resizeTypes, null]) assert.deepEqual(resized(type, IMAGE, 3, 4), IMAGE);
});

test('a crop undoes a padding', () => {
  const size = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(size, size, fc.nat(5), fc.nat(5), (height, width, rows, columns) => {
      const image = Array.from({ length: height }, (_, y) =>
        Array.from({ length: width }, (_, x) => 1 + y * width + x),
      );
      const padded = resized('pad', image, height + rows, width + columns);
      assert.equal(padded.flat().filter((value) => value !== 0).length, height * width);
      assert.deepEqual(resized('crop', padded, height, width), image);
    }),
  );
});

test('linear interpolation of a ramp is the ramp between its first and last pixel', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 80 }), (from, to) => {
      const ramp = [Array.from({ length: from }, (_, i) => i)];
      const [got] = resized('interpolation-linear', ramp, 1, to);
      for (const [i, value] of got!.entries()) {
        const centre = ((i + 0.5) * from) / to - 0.5;
        assert.ok(Math.abs(value - Math.min(Math.max(centre, 0), from - 1)) < 1e-5);
      }
    }),
  );
});

type Case = { type: ResizeType; from: [number, number]; to: [number, number]; values: number[] };
const { cases }: { cases: Case[] } = JSON.parse(readFileSync(new URL('resize.vectors.json', import.meta.url), 'utf8'));

for (const { type, from, to, values } of cases)
  test(`${type} from ${from.join(' × ')} to ${to.join(' × ')} equals OpenCV, or GDAL for the largest values`, () => {
    const [height, width] = from;
    const image = Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => ((7 * x + 13 * y + 3 * x * y) % 17) / 16),
    );
    const found = resized(type, image, ...to).flat();
    assert.equal(found.length, to[0] * to[1]);
    for (const [i, expected] of values.entries())
      assert.ok(Math.abs(found[i]! - expected) < 1e-5, `value ${i}: ${found[i]} instead of ${expected}`);
  });

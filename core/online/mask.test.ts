import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decode } from 'fast-png';
import type { ModelPackage } from '../models/package.ts';
import { maskOf } from './mask.ts';

const model = { output: { pixels: { width: 2, height: 2 } } } as unknown as ModelPackage;
const read = (mask: string | null) => decode(Buffer.from(mask!, 'base64'));

describe('the mask of a chip', () => {
  for (const { labels, depth } of [
    { labels: Uint8Array.of(0, 3, 255, 7), depth: 8 },
    { labels: Uint16Array.of(0, 300, 65_535, 7), depth: 16 },
  ])
    test(`of ${depth} bits is a grey PNG of its classes' values`, () => {
      const { width, height, channels, depth: found, data } = read(maskOf(model, [labels], {}));
      assert.deepEqual([width, height, channels, found, [...data]], [2, 2, 1, depth, [...labels]]);
    });

  test('that an image smaller than a chip gives has the size of the image', () => {
    const area = { x: 0, y: 0, width: 3, height: 1, valid: null };
    const { width, height } = read(maskOf(model, [Uint8Array.of(1, 2, 3)], { area }));
    assert.deepEqual([width, height], [3, 1]);
  });

  test('is none where values are no bytes, and for a model of whole chips', () => {
    assert.equal(maskOf(model, [Float32Array.of(1, 2, 3, 4)], {}), null);
    const ofChips = { output: { pixels: null } } as unknown as ModelPackage;
    assert.equal(maskOf(ofChips, [Uint8Array.of(1)], {}), null);
  });
});

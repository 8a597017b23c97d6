import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { decode } from 'fast-png';
import { MAX_MASK_PIXELS } from '../../base/limits.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { assertMasksFit, maskOf } from './mask.ts';

const FOLDER = new URL('../../../models/s2-scl/1.0.0/', import.meta.url);
const scl = await readModelPackage(async (name) => readFileSync(new URL(name, FOLDER)));
const model = { ...scl, output: { ...scl.output, pixels: { ...scl.output.pixels!, width: 2, height: 2 } } };
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

  test('has the size of the image if that is smaller than a chip', () => {
    const area = { x: 0, y: 0, width: 3, height: 1, valid: null };
    const { width, height } = read(maskOf(model, [Uint8Array.of(1, 2, 3)], { area }));
    assert.deepEqual([width, height], [3, 1]);
  });

  test('is null for float values, and for a model of whole chips', () => {
    assert.equal(maskOf(model, [Float32Array.of(1, 2, 3, 4)], {}), null);
    const ofChips = { ...scl, output: { ...scl.output, pixels: null } };
    assert.equal(maskOf(ofChips, [Uint8Array.of(1)], {}), null);
  });
});

test('the masks of an answer have at most MAX_MASK_PIXELS pixels together; whole-chip models have no limit', () => {
  const pixels = { ...scl.output.pixels!, width: 512, height: 256 };
  const large = { ...scl, output: { ...scl.output, pixels } };
  const most = Math.floor(MAX_MASK_PIXELS / (512 * 256));
  assertMasksFit(large, most);
  assert.throws(() => assertMasksFit(large, most + 1), {
    status: 413,
    message: new RegExp(`^The masks of ${most + 1} inputs have ${(most + 1) * 512 * 256} pixels, allowed are at most`),
  });
  assertMasksFit({ ...large, output: { ...scl.output, pixels: null } }, most + 1);
});

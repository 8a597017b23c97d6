import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelOf } from '../../../test/benches/predictions.ts';
import type { Area } from '../../package/area.ts';
import { pixelLayout } from '../../package/outputLayout.ts';
import type { ModelPackage } from '../../package/package.ts';
import { decodeMap, layersOf } from './pixels.ts';

/** A model of chips of 2 × 2 pixels that gives so many numbers for each. */
function modelFor(shape: number[], order: string[]): ModelPackage {
  const pixels = pixelLayout({ shape, dim_order: order }, { height: 2, width: 2 });
  const model = modelOf([]);
  return { ...model, output: { ...model.output, pixels } };
}

const whole: Area = { x: 0, y: 0, width: 2, height: 2, valid: null };

test('each output channel is a band of the map, for any channel order', () => {
  const orders = [
    { shape: [-1, 2, 2, 2], order: ['batch', 'channel', 'height', 'width'], outputs: [1, 2, 3, 4, 5, 6, 7, 8] },
    { shape: [-1, 2, 2, 2], order: ['batch', 'height', 'width', 'channel'], outputs: [1, 5, 2, 6, 3, 7, 4, 8] },
  ];
  for (const { shape, order, outputs } of orders) {
    const model = modelFor(shape, order);
    const { values, planes } = decodeMap(Float32Array.from(outputs), model, [whole]);
    assert.deepEqual(planes, [[Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)]]);
    assert.deepEqual(values, { value: [4.5], minimum: [1], maximum: [8], pixels: [4] });
    assert.deepEqual(
      layersOf(model).map(({ description }) => description),
      ['value 1', 'value 2'],
    );
  }
});

test('a pixel counts where any of its bands is finite', () => {
  const model = modelFor([-1, 2, 2, 2], ['batch', 'channel', 'height', 'width']);
  const outputs = Float32Array.of(1, Number.NaN, 3, Number.NaN, 5, 6, Infinity, Number.NaN);
  assert.deepEqual(decodeMap(outputs, model, [whole]).values['pixels'], [3]);
});

test('super-resolution pixels are cropped and masked like the chip pixels that contain them', () => {
  const model = modelFor([-1, 1, 4, 4], ['batch', 'channel', 'height', 'width']);
  const outputs = Float32Array.from({ length: 16 }, (_, i) => i);
  const right: Area = { x: 1, y: 0, width: 1, height: 2, valid: Uint8Array.of(1, 0) };
  const none = Number.NaN;
  const { values, planes } = decodeMap(outputs, model, [right]);
  assert.deepEqual(planes, [[Float32Array.of(2, 3, 6, 7, none, none, none, none)]]);
  assert.deepEqual(values, { value: [4.5], minimum: [2], maximum: [7], pixels: [4] });
});

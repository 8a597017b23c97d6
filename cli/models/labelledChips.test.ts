import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Chip, ModelPackage } from '../../core/package/package.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { readFrom } from '../../test/benches/packages.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { encodeOnnx, type OnnxGraph } from '../../test/models/onnx.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { labelledChips, makeMasks } from './labelledChips.ts';

/** A model of a number, which is the margin of the second class: of one logit, or of two. */
async function modelOfMargin(count: 1 | 2) {
  const item = {
    ...{ type: 'Feature', stac_version: '1.1.0', id: 'two', geometry: null, links: [] },
    stac_extensions: ['https://stac-extensions.github.io/mlm/v1.5.0/schema.json'],
    properties: {
      ...{ datetime: '2026-01-01T00:00:00Z', version: '1.0.0', 'mlm:name': 'two', 'mlm:architecture': 'none' },
      'mlm:tasks': ['scene-classification'],
      bands: [{ name: 'f', data_type: 'float32' }],
      'mlm:input': [
        {
          ...{ name: 'x', bands: ['f'], value_scaling: null },
          input: { shape: [-1, 1], dim_order: ['batch', 'feature'], data_type: 'float32' },
        },
      ],
      'mlm:output': [
        {
          ...{ name: 'y', tasks: ['scene-classification'] },
          result: { shape: [-1, count], dim_order: ['batch', 'class'], data_type: 'float32' },
          'classification:classes': ['no', 'yes'].map((name, value) => ({ name, value })),
          post_processing_function: { format: 'swath', expression: count === 1 ? 'sigmoid' : 'softmax' },
        },
      ],
      'swath:truth': 'truth',
    },
    assets: { model: { href: './model.onnx', roles: ['mlm:model'], 'mlm:artifact_type': 'onnx' } },
  };
  const graph: OnnxGraph = {
    name: 'two',
    inputs: [{ name: 'x', dimensions: ['batch', 1] }],
    outputs: [{ name: 'y', dimensions: ['batch', count] }],
    constants: [{ name: 'weights', dimensions: [1, count], values: count === 1 ? [1] : [0, 1] }],
    nodes: [{ operator: 'MatMul', inputs: ['x', 'weights'], outputs: ['y'] }],
  };
  const files = { 'item.json': JSON.stringify(item), 'reference.json': '{"provisional": true}' };
  const model = await readModelPackage(readFrom(files));
  return { model, onnx: encodeOnnx(graph) };
}

test('the scores of a single logit by sigmoid are those of two logits by softmax, but for a constant of each chip', async () => {
  const table = join(temporaryFolder(), 'rows.csv');
  writeFileSync(table, 'f,truth\n-2,0\n0.5,1\n3,0\n');
  const marginsOf = async (count: 1 | 2) => {
    const { model, onnx } = await modelOfMargin(count);
    const { chips } = await labelledChips(model, onnx, [table], undefined);
    return chips.map(({ scores, truth }) => [truth, (scores[1]! - scores[0]!).toFixed(6)]);
  };
  const expected = [
    [0, '-2.000000'],
    [1, '0.500000'],
    [0, '3.000000'],
  ];
  assert.deepEqual([await marginsOf(1), await marginsOf(2)], [expected, expected]);
});

test('of more labelled chips than are allowed, those that come first are taken, or none', async () => {
  const table = join(temporaryFolder(), 'rows.csv');
  writeFileSync(table, `f,truth\n${'1,1\n'.repeat(100_001)}`);
  const { model, onnx } = await modelOfMargin(1);
  const { chips } = await labelledChips(model, onnx, [table, table], undefined, { onlyFirst: true });
  assert.equal(chips.length, 100_000);
  await assert.rejects(labelledChips(model, onnx, [table], undefined), /above 100,000, the most allowed/);
});

describe('the known pixels of a chip', () => {
  const folder = temporaryFolder();
  const model = {
    classes: [7, 8, 9].map((value) => ({ value, name: `class ${value}` })),
    source: { width: 4, height: 4 },
    output: { pixels: { height: 4, width: 4, upscaling: 1, margin: { top: 0, left: 0 } } },
  } as unknown as ModelPackage;
  const valueAt = (i: number) => 7 + (i % 4); // 10 is no class
  const pixelsOf = async (
    mask: [width: number, height: number],
    window: [x: number, y: number, w: number, h: number],
  ) => {
    const [width, height] = mask;
    const values = Uint8Array.from({ length: width * height }, (_, i) => valueAt(i));
    writeFileSync(join(folder, 'mask.tif'), encodeGeoTiff({ width, height, bands: [values] }));
    const [x, y, w, h] = window;
    const place = { kind: 'window', index: 0, x, y, width: w, height: h };
    const area = { x: 0, y: 0, width: w, height: h, valid: null };
    const { places } = await makeMasks(model, join(folder, 'truth.csv'))(
      { place, area } as unknown as Chip,
      'mask.tif',
    );
    return [...places];
  };
  const known = (width: number, left: number, top: number, w: number, h: number) =>
    Array.from({ length: w * h }, (_, i) => valueAt((Math.floor(i / w) + top) * width + (i % w) + left) - 7).map(
      (place) => (place < 3 ? place : -1),
    );

  for (const [title, mask, window, expected] of [
    ['a mask as large as the scene, where the chip lies', [11, 9], [5, 4, 4, 4], known(11, 5, 4, 4, 4)],
    ['a mask as large as the chip, wherever that lies', [4, 4], [5, 4, 4, 4], known(4, 0, 0, 4, 4)],
    ['a mask of a scene that is smaller than a chip', [3, 2], [0, 0, 3, 2], known(3, 0, 0, 3, 2)],
  ] as const)
    test(`are those of ${title}`, async () => assert.deepEqual(await pixelsOf([...mask], [...window]), expected));

  test('are refused of a mask that is as large as neither', () =>
    assert.rejects(
      pixelsOf([6, 6], [5, 4, 4, 4]),
      /the mask mask\.tif: found 6 × 6 pixels and 1 bands, allowed is .* 4 × 4\.$/,
    ));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Layer } from '../../package/layer.ts';
import { mapSpec } from './mapGrid.ts';

const run = {
  id: 'a'.repeat(32),
  model: { name: 'heights', version: '1.0.0' },
  scene: { bucket: 'inbox', key: 'a.tif', versionId: 'v1' },
};
const layer: Layer = {
  map: 'predictions',
  description: 'height',
  scale: 0.1,
  offset: -5,
  dataType: 'int16',
  nodata: -32768,
  resampling: 'average',
};

test('a map has the bands of its layers, with their scales and offsets', () => {
  const other: Layer = { ...layer, map: 'probabilities', description: 'certainty' };
  const { scale: _, offset: __, ...plain } = layer;
  const spec = mapSpec({ width: 4, height: 3 } as never, [layer, plain, other], 'predictions', run);
  assert.partialDeepStrictEqual(spec, {
    width: 4,
    height: 3,
    dataType: 'int16',
    nodata: -32768,
    resampling: 'average',
    bands: [{ description: 'height', scale: 0.1, offset: -5 }, { description: 'height' }],
    transform: null,
    geoKeys: null,
    metadata: { SWATH_RUN: run.id, SWATH_MODEL: 'heights/1.0.0', SWATH_SCENE: 'a.tif' },
  });
});

test('a map of classes has their colours where its values can have a palette', () => {
  const classes = [{ value: 3, name: 'a', colour: [1, 2, 3] as const }];
  const paletteOf = (dataType: Layer['dataType']) =>
    mapSpec({ width: 4, height: 3 } as never, [{ ...layer, dataType, classes }], 'predictions', run).palette;
  const palette = [{ value: 3, colour: [1, 2, 3] }];
  assert.deepEqual((['uint8', 'uint16', 'int16'] as const).map(paletteOf), [palette, palette, undefined]);
});

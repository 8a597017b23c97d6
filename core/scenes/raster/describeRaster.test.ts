import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRaster } from './describeRaster.ts';

test('a map has the GeoTIFF keys of its scene only if its scene has a transform', () => {
  const about = {
    size: { width: 4, height: 3 },
    bandsBy: 'position',
    place: { crs: null, reason: 'it has 4 ground control points' },
    geoKeys: { 1024: 2, 2048: 4326 },
  } as const;
  const keysWith = (transform: [number, number, number, number, number, number] | null) =>
    describeRaster({ ...about, transform }, { output: { pixels: {} } } as never).geoKeys;
  assert.deepEqual(keysWith([8, 0.1, 0, 51, 0, -0.1]), about.geoKeys);
  assert.equal(keysWith(null), undefined); // GDAL would take its columns and rows for degrees
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rasterText } from './rasterText.ts';

test('a raster is described in a line, with the reason if its chips have no location', () => {
  const raster = { width: 256, height: 128, bandsBy: 'description', bounds: null } as const;
  assert.equal(
    rasterText({ ...raster, crs: 'EPSG:32629' }),
    '256 × 128 pixels in EPSG:32629, bands found by description',
  );
  assert.equal(
    rasterText({ ...raster, bandsBy: 'position', crs: null, crsMissing: 'it does not say where it lies' }),
    '256 × 128 pixels without a place on earth: it does not say where it lies, bands found by position',
  );
});

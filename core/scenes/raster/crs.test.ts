import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crsOf } from './crs.ts';
import type { GeoKeys } from './raster.ts';

const [MODEL_TYPE, RASTER_TYPE, GEOGRAPHIC, PROJECTED] = [1024, 1025, 2048, 3072];

/** What PROJ says, as rasterio 1.4.4 (GDAL 3.10.3) asks it: `rasterio.warp.transform('EPSG:…', 'OGC:CRS84', [x], [y])`. */
for (const [code, x, y, lon, lat] of [
  [32629, 499_980, 5_829_780 + 15_360, -9.0002963492813, 52.75610697736171],
  [32721, 300_000, 8_000_000, -58.889810667048536, -18.07945474895405],
  [3857, 1_113_194.9, 5_621_521.5, 9.999999928739022, 45.000000087708656],
  [31985, 288_776.3, 9_120_760.8, -34.916165079736984, -7.949821657178218],
  [5070, 0, 1_500_000, -96, 36.54696784436251],
  [3413, -500_000, -1_500_000, -63.43494882292201, 75.47914589440461],
  [3031, 1_000_000, 2_000_000, 26.56505117707799, -69.62866938575715],
  [3078, 500_000, 300_000, -85.99824736999581, 43.25112863574541],
  [26931, 800_000, 600_000, -133.9758753981428, 57.22325859799567],
  [3376, 600_000, 600_000, 115.09005273874196, 5.420606817468092],
  [26918, 500_000, 4_500_000, -75, 40.65085651660554],
] as const)
  test(`EPSG:${code} is converted to longitude and latitude as by PROJ`, async () => {
    const { crs } = await crsOf({ [MODEL_TYPE]: 1, [PROJECTED]: code });
    assert.equal(crs?.name, `EPSG:${code}`);
    const [foundLon, foundLat] = crs!.toLonLat(x, y);
    assert.ok(Math.abs(foundLon - lon) < 1e-9 && Math.abs(foundLat - lat) < 1e-9, `found ${foundLon}, ${foundLat}`);
  });

test('longitude and latitude stay as they are', async () => {
  const { crs } = await crsOf({ [MODEL_TYPE]: 2, [GEOGRAPHIC]: 4326 });
  assert.deepEqual([crs?.name, crs?.toLonLat(10.5, -3.25)], ['EPSG:4326', [10.5, -3.25]]);
});

for (const [what, keys, reason] of [
  ['no keys', null, /names no coordinate reference system/],
  ['only raster keys', { [RASTER_TYPE]: 1 }, /neither projected nor/],
  ['a projection that proj4 does not know', { [MODEL_TYPE]: 1, [PROJECTED]: 29_701 }, /\(EPSG:29701\) is not known/],
  ['an unknown code', { [MODEL_TYPE]: 1, [PROJECTED]: 30_999 }, /\(EPSG:30999\) is not known/],
] as [what: string, keys: GeoKeys | null, reason: RegExp][])
  test(`${what}: there is no coordinate system, and the reason is returned`, async () => {
    const found = await crsOf(keys);
    assert.equal(found.crs, null);
    assert.match((found as { reason: string }).reason, reason);
  });

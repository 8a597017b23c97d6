import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crsOf } from './crs.ts';
import type { GeoKeys } from './raster.ts';

const [MODEL_TYPE, RASTER_TYPE, GEOGRAPHIC, PROJECTED] = [1024, 1025, 2048, 3072];

/** What PROJ says, as rasterio 1.4.4 (GDAL 3.10.3) asks it: `rasterio.warp.transform('EPSG:…', 'OGC:CRS84', [x], [y])`. */
for (const { code, x, y, lon, lat } of [
  { code: 32629, x: 499_980, y: 5_829_780 + 15_360, lon: -9.0002963492813, lat: 52.75610697736171 },
  { code: 32721, x: 300_000, y: 8_000_000, lon: -58.889810667048536, lat: -18.07945474895405 },
  { code: 3857, x: 1_113_194.9, y: 5_621_521.5, lon: 9.999999928739022, lat: 45.000000087708656 },
  { code: 31985, x: 288_776.3, y: 9_120_760.8, lon: -34.916165079736984, lat: -7.949821657178218 },
  { code: 5070, x: 0, y: 1_500_000, lon: -96, lat: 36.54696784436251 },
  { code: 3413, x: -500_000, y: -1_500_000, lon: -63.43494882292201, lat: 75.47914589440461 },
  { code: 3031, x: 1_000_000, y: 2_000_000, lon: 26.56505117707799, lat: -69.62866938575715 },
  { code: 3078, x: 500_000, y: 300_000, lon: -85.99824736999581, lat: 43.25112863574541 },
  { code: 26931, x: 800_000, y: 600_000, lon: -133.9758753981428, lat: 57.22325859799567 },
  { code: 3376, x: 600_000, y: 600_000, lon: 115.09005273874196, lat: 5.420606817468092 },
  { code: 26918, x: 500_000, y: 4_500_000, lon: -75, lat: 40.65085651660554 },
])
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

for (const { what, keys, reason } of [
  { what: 'no keys', keys: null, reason: /names no coordinate reference system/ },
  { what: 'only raster keys', keys: { [RASTER_TYPE]: 1 }, reason: /neither projected nor/ },
  {
    what: 'a projection that proj4 does not know',
    keys: { [MODEL_TYPE]: 1, [PROJECTED]: 29_701 },
    reason: /\(EPSG:29701\) is not known/,
  },
  { what: 'an unknown code', keys: { [MODEL_TYPE]: 1, [PROJECTED]: 30_999 }, reason: /\(EPSG:30999\) is not known/ },
] as { what: string; keys: GeoKeys | null; reason: RegExp }[])
  test(`${what}: there is no coordinate system, and the reason is returned`, async () => {
    const found = await crsOf(keys);
    assert.equal(found.crs, null);
    assert.match((found as { reason: string }).reason, reason);
  });

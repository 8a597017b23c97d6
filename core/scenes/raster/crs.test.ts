import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crsOf } from './crs.ts';
import { footprintOf } from './footprint.ts';
import { hectaresWithin } from './hectaresWithin.ts';
import { outlineOf } from './outline.ts';
import type { GeoKeys } from './raster.ts';

const [MODEL_TYPE, RASTER_TYPE, GEOGRAPHIC, PROJECTED] = [1024, 1025, 2048, 3072];
const [UNIT, UNIT_SIZE, USER_DEFINED] = [3076, 3077, 32767];

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

/** What PROJ 9.5.1 says, which brings longitudes back between -180 and 180: a scene on both sides of the seam would be torn. */
for (const [code, x, y, lon, lat] of [
  [3857, 20_500_000, 4e6, -175.84536675549813, 33.78523007002313],
  [3857, -20_500_000, 4e6, 175.84536675549813, 33.78523007002313],
  [4087, 20_500_000, 4e6, -175.84536675549813, 35.932611364780854],
  [6933, 18_000_000, 4e6, -173.44497939816938, 33.127907374331706],
  [3832, 3_896_182.2, 1_111_475.1, -174.99999980025578, 9.99999997460236],
  [3832, -21_000_000, 1e6, -38.64620966509949, 9.005882635079505],
  [3001, 16_000_000, 2e6, -140.97112280008415, 9.928199277995875],
] as const)
  test(`a cylinder goes on beyond its seam, where a scene across it has one place and a way back: EPSG:${code} at ${x}`, async () => {
    const { crs } = await crsOf({ [MODEL_TYPE]: 1, [PROJECTED]: code });
    const found = crs!.toLonLat(x, y);
    const turns = Math.round((found[0] - lon) / 360);
    assert.ok(Math.hypot(found[0] - 360 * turns - lon, found[1] - lat) < 1e-7, `found ${found}`);
    const [beside] = crs!.toLonLat(x - Math.sign(x) * 1e6, y);
    assert.ok(Math.abs(found[0] - beside) < 15, `${found[0]} beside ${beside}`);
    const [backX, backY] = crs!.fromLonLat(...found);
    assert.ok(Math.hypot(backX - x, backY - y) < 1e-2, `found ${backX}, ${backY}`);
  });

test('a scene in Web Mercator across 180° has its land, as by PROJ, and an outline that is cut there', async () => {
  const { crs } = await crsOf({ [MODEL_TYPE]: 1, [PROJECTED]: 3857 });
  const [width, height] = [93, 101];
  const transform = [20_030_000, 100, 0, 6_000_000, 0, -100] as const;
  const footprint = footprintOf({ x: 0, y: 0, width, height }, transform, crs!)!;
  assert.ok(Math.abs(hectaresWithin(footprint) / 4318.3945513 - 1) < 1e-5); // Geod(ellps='WGS84') of pyproj 3.7.2
  const { geometry, bbox } = outlineOf({ width, height }, transform, crs!)!;
  assert.equal(geometry.type, 'MultiPolygon');
  assert.deepEqual(
    bbox.map((degrees) => degrees.toFixed(3)),
    ['179.933', '47.292', '-179.984', '47.354'],
  );
});

/** What gdalinfo of GDAL 3.6.2 says of a corner there (`wgs84Extent`). */
for (const [what, code, unit, metres, x, y, lon, lat] of [
  ['feet of the US survey', 26910, { [UNIT]: 9003 }, 12 / 39.37, 1_800_000, 13_700_000, -122.4480198, 37.7278939],
  ['those and a false northing', 26943, { [UNIT]: 9003 }, 12 / 39.37, 6_000_000, 2_100_000, -122.4427256, 37.7461992],
  ['feet for others', 2225, { [UNIT]: 9002 }, 0.3048, 6_000_000, 2_000_000, -124.0140501, 40.3026619],
  ['metres for feet', 2225, { [UNIT]: 9001 }, 1, 2_000_000, 600_000, -122, 40.2339224],
  ['kilometres', 32633, { [UNIT]: 9036 }, 1000, 500, 5000, 15, 45.1534772],
  ['yards', 32633, { [UNIT]: 9096 }, 0.9144, 500_000, 5_000_000, 14.4887803, 41.2983174],
  ['a unit of its own', 32633, { [UNIT]: USER_DEFINED, [UNIT_SIZE]: 1000 }, 1000, 500, 5000, 15, 45.1534772],
] as const)
  test(`a file in another unit than that of its code is placed by its own, as by GDAL, and not named by the code: ${what}`, async () => {
    const { crs } = await crsOf({ [MODEL_TYPE]: 1, [PROJECTED]: code, ...unit });
    assert.ok(Math.abs(crs!.metres / metres - 1) < 1e-12, `${crs!.metres}`);
    assert.equal(crs!.name, `EPSG:${code} with +to_meter=${crs!.metres}`);
    const [foundLon, foundLat] = crs!.toLonLat(x, y);
    assert.ok(Math.hypot(foundLon - lon, foundLat - lat) < 1e-7, `found ${foundLon}, ${foundLat}`);
    const [backX, backY] = crs!.fromLonLat(foundLon, foundLat);
    assert.ok(Math.hypot(backX - x, backY - y) * metres < 1e-3, `found ${backX}, ${backY}`);
  });

for (const [what, keys] of [
  ['its unit', { [MODEL_TYPE]: 1, [PROJECTED]: 2225, [UNIT]: 9003 }],
  ['its unit, which few use', { [MODEL_TYPE]: 1, [PROJECTED]: 2136, [UNIT]: 9094 }],
  ['a unit that is undefined', { [MODEL_TYPE]: 1, [PROJECTED]: 32633, [UNIT]: 0 }],
  ['a unit of its own without a size', { [MODEL_TYPE]: 1, [PROJECTED]: 32633, [UNIT]: USER_DEFINED }],
  ['a size without a unit', { [MODEL_TYPE]: 1, [PROJECTED]: 32633, [UNIT_SIZE]: 1000 }],
  ['no kind of coordinates', { [PROJECTED]: 32633 }],
  ['a kind of its own', { [MODEL_TYPE]: USER_DEFINED, [PROJECTED]: 32633 }],
  ['text that is cut short', { [MODEL_TYPE]: 1, [PROJECTED]: 32633, 3073: 'ESRI PE String = PROJCS["x",GEOGCS[' }],
] as [what: string, keys: GeoKeys][])
  test(`a projected code counts beside ${what}, as for GDAL`, async () => {
    assert.equal((await crsOf(keys)).crs?.name, `EPSG:${keys[PROJECTED]}`);
  });

test('longitude and latitude stay as they are', async () => {
  const { crs } = await crsOf({ [MODEL_TYPE]: 2, [GEOGRAPHIC]: 4326 });
  assert.deepEqual([crs?.name, crs?.toLonLat(10.5, -3.25)], ['EPSG:4326', [10.5, -3.25]]);
});

for (const [what, keys, reason] of [
  ['no keys', null, /names no coordinate reference system/],
  ['only raster keys', { [RASTER_TYPE]: 1 }, /neither projected nor/],
  ['a projection that proj4 does not know', { [MODEL_TYPE]: 1, [PROJECTED]: 29_701 }, /\(EPSG:29701\) is not known/],
  ['an unknown unit', { [MODEL_TYPE]: 1, [PROJECTED]: 32633, [UNIT]: 9999 }, /its unit \(9999\) is not known/],
  ['neither a code nor a projection', { [MODEL_TYPE]: 1, [GEOGRAPHIC]: 4326 }, /its projection is not named/],
  ['no projection', { [MODEL_TYPE]: 1, [GEOGRAPHIC]: 4326, [PROJECTED]: USER_DEFINED, [UNIT]: 9001 }, /is not named/],
  ['an unknown code', { [MODEL_TYPE]: 1, [PROJECTED]: 30_999 }, /\(EPSG:30999\) is not known/],
] as [what: string, keys: GeoKeys | null, reason: RegExp][])
  test(`${what}: there is no coordinate system, and the reason is returned`, async () => {
    const found = await crsOf(keys);
    assert.equal(found.crs, null);
    assert.match((found as { reason: string }).reason, reason);
  });

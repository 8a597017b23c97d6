import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crsOf, keysNamed } from './crs.ts';
import vectors from './described.vectors.json' with { type: 'json' };
import type { GeoKeys } from './raster.ts';

/** The keys are those that rasterio 1.4.4 (GDAL 3.10.3) writes, the places those of PROJ 9.5.1. */
describe('a coordinate system without a code, and the text that describes it, is placed as by PROJ, or refused:', () => {
  for (const { what, keys, at } of vectors as {
    what: string;
    keys: unknown;
    at: [number, number, number, number] | null;
  }[])
    test(what, async () => {
      const found = await crsOf(keys as GeoKeys);
      if (at === null || found.crs === null) {
        assert.equal(at, null, (found as { reason?: string }).reason);
        assert.match((found as { reason: string }).reason, /its projection \(.+\) is not known/);
        return;
      }
      const [x, y, longitude, latitude] = at;
      const again = await crsOf(await keysNamed(found.crs.wkt2!));
      for (const { crs } of [found, again]) {
        const [foundLongitude, foundLatitude] = crs!.toLonLat(x, y);
        assert.ok(
          Math.hypot(foundLongitude - longitude, foundLatitude - latitude) < 2e-6,
          `${foundLongitude}, ${foundLatitude}`,
        );
        assert.equal(crs!.accuracyAt(x, y), found.crs.accuracyAt(x, y));
      }
    });
});

const OSGB =
  'GEOGCS["GCS_OSGB_1936",DATUM["D_OSGB_1936",SPHEROID["Airy_1830",6377563.396,299.3249646]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]';
const GRID = `PROJCS["Grid",${OSGB},PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",400000.0],PARAMETER["False_Northing",-100000.0],PARAMETER["Central_Meridian",-2.0],PARAMETER["Scale_Factor",0.9996012717],PARAMETER["Latitude_Of_Origin",49.0],UNIT["Meter",1.0]]`;

test('a shift to WGS84 in text of version 2 states its scale as a factor, and PROJ reads the same in what is written', async () => {
  const numbers = [598.1, 73.7, 418.2, 0.202, 0.045, -2.455, 6.7];
  const shifted = GRID.replace(
    /DATUM\["[^"]*",(SPHEROID\[[^\]]*\])/,
    (_, figure) => `DATUM["Own",${figure},TOWGS84[${numbers}]`,
  );
  const { crs } = await crsOf(await keysNamed(shifted));
  assert.match(
    crs!.wkt2!,
    /^BOUNDCRS\[.*PARAMETER\["Z-axis rotation",-2\.455\],PARAMETER\["Scale difference",1\.0000067\]\]\]$/,
  );
  const again = await crsOf(await keysNamed(crs!.wkt2!));
  const [places, placed] = [crs!, again.crs!].map((one) =>
    one.toLonLat(305_055, 610_582).map((degrees) => degrees.toFixed(9)),
  );
  assert.deepEqual(placed, places);
});

test('a polar projection that is true to scale elsewhere than at the pole is written as its variant B', async () => {
  const { keys } = vectors.find(({ what }) => what === 'Hughes 1980')!;
  const { crs } = await crsOf(keys as unknown as GeoKeys);
  assert.match(
    crs!.wkt2!,
    /METHOD\["Polar Stereographic \(variant B\)"\],PARAMETER\["Latitude of standard parallel",70,/,
  );
});

test('a datum with its Esri name is shifted like that of EPSG', async () => {
  const { crs } = await crsOf(await keysNamed(GRID));
  const [longitude, latitude] = crs!.toLonLat(305_055, 610_582);
  assert.ok(Math.hypot(longitude + 3.500006, latitude - 55.379996) < 2e-6, `${longitude}, ${latitude}`);
  assert.equal(crs!.accuracyAt(305_055, 610_582), 2);
});

test('a datum goes by any of its names', async () => {
  for (const name of ['WGS_1984', 'D_WGS_1984', 'World Geodetic System 1984', 'World Geodetic System 1984 ensemble']) {
    const text = GRID.replace('D_OSGB_1936', name).replace('6377563.396,299.3249646', '6378137,298.257223563');
    const found = await crsOf(await keysNamed(text));
    assert.equal(found.crs?.accuracyAt(305_055, 610_582), 0, name);
  }
});

test('a datum that writers do not know is taken for WGS 84', async () => {
  for (const name of ['unknown', 'undefined', 'D_unknown', 'Not specified (based on Airy ellipsoid)']) {
    const { crs } = await crsOf(await keysNamed(GRID.replace('D_OSGB_1936', name))); // the second is of pyproj's from_cf
    assert.equal(crs?.accuracyAt(305_055, 610_582), null, name);
  }
});

test('a datum with another ellipsoid than its own is not shifted, and its accuracy not known', async () => {
  const { crs } = await crsOf(await keysNamed(GRID.replace('6377563.396,299.3249646', '6378137,298.257223563')));
  assert.equal(crs!.accuracyAt(305_055, 610_582), null);
});

/** The keys of EPSG:27562 without its codes, as GDAL 3.10.3 writes them: it multiplies radians by degrees per grad. */
test('a prime meridian other than that of its datum is refused', async () => {
  const angles = { 2050: 6807, 2054: 9105, 2057: 6378249.2, 2059: 293.466021293627 };
  const cone = { 3074: 32767, 3075: 9, 3076: 9001, 3080: 0, 3081: 52, 3082: 600_000, 3083: 200_000, 3092: 0.99987742 };
  const keysWith = (meridian: number) => ({ 1024: 1, 2048: 32767, ...angles, 2061: meridian, 3072: 32767, ...cone });
  const found = await crsOf(keysWith(0.03671310995113854));
  assert.deepEqual(found, {
    crs: null,
    reason: 'its prime meridian (0.03304179895602469) is not that of its datum (NTF (Paris))',
  });
  const { crs } = await crsOf(keysWith(2.5969213));
  const [longitude, latitude] = crs!.toLonLat(600_000, 200_000);
  assert.ok(Math.hypot(longitude - 2.336534, latitude - 46.799949) < 1e-5, `${longitude}, ${latitude}`);
});

/** PROJ 9.5.1 takes the latitude of true scale under another name for the equator. */
for (const [method, longitude, latitude] of [
  ['Mercator (variant B)', 12.062469394, 46.104841136],
  ['Lambert Cylindrical Equal Area', 12.062469394, 43.027877648],
  ['Equidistant Cylindrical', 12.064197433, 44.8977979],
] as const)
  test(`a cylinder keeps its latitude of true scale in the text that is written of it: ${method}`, async () => {
    const degree = 'ANGLEUNIT["degree",0.0174532925199433]';
    const parameters = `PARAMETER["Latitude of 1st standard parallel",30,${degree}],PARAMETER["Longitude of natural origin",10,${degree}],PARAMETER["False easting",1000],PARAMETER["False northing",2000]`;
    const text = `PROJCRS["x",BASEGEOGCRS["x",DATUM["unknown",ELLIPSOID["WGS 84",6378137,298.257223563]]],CONVERSION["x",METHOD["${method}"],${parameters}],CS[Cartesian,2],AXIS["easting",east],AXIS["northing",north],LENGTHUNIT["metre",1]]`;
    const { crs } = await crsOf(await keysNamed(text));
    const found = crs!.toLonLat(200_000, 5_000_000);
    assert.ok(Math.hypot(found[0] - longitude, found[1] - latitude) < 1e-5, `${found}`);
    assert.match(crs!.wkt2!, /PARAMETER\["Latitude of 1st standard parallel",30,/);
  });

test('the meridian of Paris is in degrees, as Esri writes it, or in grads like other angles', async () => {
  for (const paris of [2.33722917, 2.5969213]) {
    const text = `PROJCS["Zone II",GEOGCS["GCS_NTF_Paris",DATUM["D_NTF",SPHEROID["Clarke_1880_IGN",6378249.2,293.4660212936265]],PRIMEM["Paris",${paris}],UNIT["Grad",0.01570796326794897]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",600000.0],PARAMETER["False_Northing",200000.0],PARAMETER["Central_Meridian",0.0],PARAMETER["Standard_Parallel_1",52.0],PARAMETER["Scale_Factor",0.99987742],PARAMETER["Latitude_Of_Origin",52.0],UNIT["Meter",1.0]]`;
    const { crs } = await crsOf(await keysNamed(text));
    const [longitude, latitude] = crs!.toLonLat(600_000, 200_000); // gdaltransform of GDAL 3.6.2
    assert.ok(Math.hypot(longitude - 2.33653361, latitude - 46.79994878) < 1e-7, `${longitude}, ${latitude}`);
  }
});

for (const [text, reason] of [
  [GRID.replace('D_OSGB_1936', 'D_Nowhere'), /^its datum \(“D_Nowhere”\) is not known$/],
  [GRID.replace('Transverse_Mercator', 'Winkel_Tripel'), /^its projection \(Winkel_Tripel\) is not known$/],
  [GRID.replace('Scale_Factor', 'Azimuth'), /^its projection \(Transverse_Mercator with azimuth\) is not known$/],
  [GRID.replace('UNIT["Meter",1.0]', 'UNIT["Meter","x"]'), /is not complete$/],
  [
    `GEOGCRS["r",BASEGEOGCRS["b",DATUM["unknown",ELLIPSOID["e",6367470,0]]],DERIVINGCONVERSION["c",METHOD["PROJ ob_tran o_proj=longlat"],PARAMETER["o_lat_p",39.25]]]`,
    /^its projection \(PROJ ob_tran o_proj=longlat\) is not known$/,
  ],
] as const)
  test(String(reason), async () => {
    const found = await crsOf(await keysNamed(text));
    assert.match((found as { reason: string }).reason, reason);
  });

test('a point beyond the ellipse of the Mollweide projection has no location', async () => {
  const { keys } = vectors.find(({ what }) => what === 'moll')!;
  const { crs } = await crsOf(keys as unknown as GeoKeys);
  assert.ok(crs!.toLonLat(17_000_000, 6_000_000).every(Number.isNaN));
});

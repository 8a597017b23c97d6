import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Crs, crsOf, keysOfCode } from '../crs.ts';

const { vectors } = JSON.parse(gunzipSync(readFileSync(new URL('vectors.json.gz', import.meta.url))).toString()) as {
  vectors: string[];
};

const METRES_PER_DEGREE = 111_320;

describe('EPSG coordinate systems', () => {
  test('are placed within 10 m of PROJ, at five points of the area of each', async () => {
    const [far, near]: [string[], number[]] = [[], []];
    for (const line of vectors) {
      const [code, ...numbers] = line.split(' ').map(Number) as [number, ...number[]];
      const found = await crsOf(await keysOfCode(code));
      assert.ok(found.crs !== null, `EPSG:${code}`);
      let furthest = 0;
      for (let i = 0; i < numbers.length; i += 4) {
        const [x, y, longitude, latitude] = numbers.slice(i) as [number, number, number, number];
        const [foundLongitude, foundLatitude] = found.crs.toLonLat(x, y);
        const east = ((foundLongitude - longitude + 540) % 360) - 180;
        const metres = Math.hypot(east * Math.cos((latitude * Math.PI) / 180), foundLatitude - latitude);
        furthest = Math.max(furthest, Number.isNaN(metres) ? Infinity : metres * METRES_PER_DEGREE);
      }
      if (furthest > 10) far.push(`EPSG:${code} by ${furthest} m`);
      if (furthest <= 1) near.push(code);
    }
    assert.deepEqual(far, []);
    assert.ok(vectors.length >= 6243 && near.length >= 6236, `${near.length} of ${vectors.length} within 1 m`);
  });

  test('lead back to each of these points', async () => {
    const astray: string[] = [];
    for (const line of vectors) {
      const [code, ...numbers] = line.split(' ').map(Number) as [number, ...number[]];
      const { crs } = (await crsOf(await keysOfCode(code))) as { crs: Crs };
      for (let i = 0; i < numbers.length; i += 4) {
        const place = [numbers[i + 2]!, numbers[i + 3]!] as const;
        const again = crs.toLonLat(...crs.fromLonLat(...place));
        const east = ((again[0] - place[0] + 540) % 360) - 180;
        if (!(Math.hypot(east, again[1] - place[1]) < 1e-7)) astray.push(`EPSG:${code} ${place} ${again}`);
      }
    }
    assert.deepEqual(astray, []);
  });

  test('fit into 100 kB', () => {
    const packed = gzipSync(readFileSync(new URL('systems.json', import.meta.url)), { level: 9 }).length;
    assert.ok(packed <= 100_000, `${packed}`);
  });

  // Laborde's, the modified Krovak and Colombia's urban projection, a turned orthographic one, a sphere with a datum; what PROJ cannot place.
  for (const code of [8441, 29701, 6247, 5515, 5516, 5224, 5225, 10622, 9311, 4120, 2218, 3752, 22300, 32600])
    test(`such as EPSG:${code} are refused by name`, async () =>
      assert.deepEqual(await crsOf(await keysOfCode(code)), {
        crs: null,
        reason: `its coordinate reference system (EPSG:${code}) is not known`,
      }));

  test('have a null accuracy if PROJ does not know it', async () => {
    for (const [code, x, y, accuracy] of [
      [22275, 53_860, 2_535_008, null],
      [2263, 1_252_461, 263_192, 4],
      [32629, 500_000, 5_000_000, 0],
      [27700, 305_055, 610_582, 2],
      [27700, 2_000_000, 610_582, null], // beyond Great Britain, both datums are taken for one
    ] as const) {
      const { crs } = await crsOf(await keysOfCode(code));
      assert.equal(crs!.accuracyAt(x, y), accuracy, `EPSG:${code}`);
    }
  });
});

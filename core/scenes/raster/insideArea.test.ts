import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { isRefused } from '../../../test/benches/sceneFiles.ts';
import { keptArea } from '../../package/area.ts';
import type { AreaOfInterest } from '../../package/areaOfInterest.ts';
import { chipGrid } from './chipGrid.ts';
import { crsNamed } from './crs.ts';
import { footprintOf } from './footprint.ts';
import { hectaresWithin } from './hectaresWithin.ts';
import { makeInsideArea } from './insideArea.ts';
import vectors from './insideArea.vectors.json' with { type: 'json' };
import type { Raster, Transform } from './raster.ts';

/** Of a raster nothing but its grid is asked for. */
async function gridOf(epsg: number, transform: readonly number[] | null, [width, height]: readonly [number, number]) {
  const raster = { width, height, transform: transform as Transform | null } as Raster;
  return { raster, place: await crsNamed(`EPSG:${epsg}`) };
}

describe('the pixels of chips that lie within an area are those that GDAL burns, and their land is that of its pixels:', () => {
  for (const { what, epsg, transform, width, height, area, unsure, hectares, inside } of vectors.grids)
    test(what, async () => {
      const { raster, place } = await gridOf(epsg, transform, [width, height]);
      const insideOf = makeInsideArea('a', raster, place, area as unknown as AreaOfInterest);
      const bits = inflateSync(Buffer.from(inside, 'base64'));
      const grid = chipGrid(raster, { width: 64, height: 48 }, 8);
      const wrong: number[] = [];
      let [seen, land] = [0, 0];
      for (let index = 0; index < grid.columns * grid.rows; index += 1) {
        const window = grid.windowOf(index);
        const here = insideOf(window);
        const kept = keptArea(window, grid.neighboursOf(index), { top: 0, left: 0 });
        let own = 0;
        for (let y = kept.y; y < kept.y + kept.height; y += 1)
          for (let x = kept.x; x < kept.x + kept.width; x += 1) {
            const at = (window.y + y) * width + window.x + x;
            const is = here === null ? 1 : here[y * window.width + x]!;
            if (is !== ((bits[at >> 3]! >> (7 - (at & 7))) & 1) && !unsure.includes(at)) wrong.push(at);
            own += is;
            seen += 1;
          }
        const footprint = footprintOf(window, raster.transform!, place.crs!)!;
        land += (hectaresWithin(footprint) * own) / (window.width * window.height);
      }
      assert.deepEqual([wrong, seen], [[], width * height]);
      if (hectares !== null) assert.ok(Math.abs(land / hectares - 1) < 4e-4, `${land} instead of ${hectares} ha`);
    });
});

const square: AreaOfInterest = [[[[-8.9, 52.6], [-8.8, 52.6], [-8.8, 52.7], [-8.9, 52.7], [-8.9, 52.6]]]]; // biome-ignore format: a ring

test('an area is refused for a scene whose place is not known, with the reason', async () => {
  const none = await gridOf(32_629, null, [4, 4]);
  const unknown = await gridOf(1, [0, 1, 0, 0, 0, -1], [4, 4]);
  for (const [{ raster, place }, why] of [
    [none, 'no place of the scene: it does not say where on earth it lies'],
    [unknown, 'its coordinate reference system (EPSG:1) is not known. Allowed are files that say where they lie'],
  ] as const)
    await isRefused(
      () => makeInsideArea('a.json', raster, place, square),
      'a.json: found the property swath:area',
      why,
    );
});

test('an area is refused where it has no place in the projection of the scene, without a long search', async () => {
  const { raster, place } = await gridOf(3857, [-20_037_508, 40_000, 0, 20_037_508, 0, -40_000], [1002, 1002]);
  const torn = { crs: { ...place.crs!, fromLonLat: () => [NaN, NaN] as const } };
  await isRefused(() => makeInsideArea('a.json', raster, torn, square), 'has no place near', '(EPSG:3857)');
});

test('an area of as many positions as are allowed, each across a whole scene, is drawn in seconds', async () => {
  const { raster, place } = await gridOf(32_629, [499_980, 10, 0, 5_845_140, 0, -10], [10_980, 10_980]);
  const ring = Array.from({ length: 9999 }, (_, i) => [-9 + i * 1.5e-4, i % 2 === 0 ? 51.7 : 52.8] as const);
  const insideOf = makeInsideArea('a', raster, place, [[[...ring, ring[0]!]]]);
  const began = process.threadCpuUsage();
  const inside = insideOf({ x: 0, y: 5490, width: 549, height: 549 })!;
  const { user } = process.threadCpuUsage(began);
  assert.ok(user < 5e6);
  assert.ok(inside.includes(1) && inside.includes(0));
});

import assert from 'node:assert/strict';
import { boxOfArea, parseArea } from '../../../core/package/areaOfInterest.ts';
import { crsNamed } from '../../../core/scenes/raster/crs.ts';
import { makeInsideArea } from '../../../core/scenes/raster/insideArea.ts';
import vectors from '../../../core/scenes/raster/insideArea.vectors.json' with { type: 'json' };
import type { Raster, Transform } from '../../../core/scenes/raster/raster.ts';
import { damageJson } from '../mutate/json.ts';
import type { Target } from '../target.ts';

const grids = await Promise.all(
  vectors.grids.map(async ({ epsg, transform, width, height }) => {
    const raster = { width, height, transform: transform as readonly number[] as Transform } as Raster;
    return { raster, place: await crsNamed(`EPSG:${epsg}`) };
  }),
);
const multiPolygons = vectors.grids.map(({ area }) => ({ type: 'MultiPolygon', coordinates: area }));
const features = multiPolygons.map((geometry) => ({ type: 'Feature', properties: null, geometry }));
const AREAS = [...multiPolygons, ...features, { type: 'FeatureCollection', features: features.slice(0, 3) }];

/** Areas that limit scenes, each on all grids. */
export const areas: Target = {
  name: 'areas',
  limits: { share: 10, refuses: ['InvalidMessage', 'InvalidSceneFile', 'SyntaxError'], mostBytes: 2 ** 26 },
  make: (dice) => damageJson(dice.pick(AREAS), dice),
  read: (file) => {
    const area = parseArea(JSON.parse(new TextDecoder().decode(file)), 'a');
    const [west, south, east, north] = boxOfArea(area);
    assert.ok(south <= north && [west, east].every((degrees) => Math.abs(degrees) <= 180));
    for (const { raster, place } of grids) {
      const inside = makeInsideArea('a', raster, place, area)({ x: 5, y: 7, width: 50, height: 40 });
      assert.ok(inside === null || (inside.length === 2000 && inside.every((is) => is <= 1)));
    }
  },
};

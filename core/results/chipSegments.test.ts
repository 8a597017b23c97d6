import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modelOf, partOf, predict } from '../../test/benches/predictions.ts';
import { polygonTree } from '../arrays/findPolygon.ts';
import type { Chip, ModelPackage } from '../package/package.ts';
import { makeWindows } from '../scenes/preparedPart.ts';
import { columnsOfChip, segmentNames } from './chipSegments.ts';
import { centreOf, encodeFootprint } from './geometry.ts';

/** Forest lies to the east of Greenwich, fields to the west of it as far as 10 degrees. */
const box = (west: number, east: number) => [[west, 0, east, 0, east, 60, west, 60, west, 0]];
const cover = { names: ['forest', 'fields'], polygons: polygonTree([box(0, 90), box(-10, 0)]) };
const model: ModelPackage = {
  ...modelOf([0, 1].map((value) => ({ name: String(value), value }))),
  carry: ['lon', 'lat', 'crop'].map((name) => ({ name, type: name === 'crop' ? 'STRING' : 'DOUBLE' })),
  chipSegments: {
    cover: { polygons: 'landcover.geojson', property: 'class', values: ['forest', 'fields'] },
    crop: { column: 'crop', values: ['rye'] },
  },
  covers: { cover },
  source: { width: 1, height: 1, bands: [] },
  overlap: 0,
};
const at = (west: number, east = west + 1) => Float64Array.of(west, 1, west, 0, east, 0, east, 1);

describe('the segments of chips', () => {
  test('are the polygons that hold the centres of their geometries', () => {
    assert.deepEqual(centreOf(encodeFootprint(at(8, 10))), [9, 0.5]);
    assert.deepEqual(centreOf(encodeFootprint(at(179, 182))), [-179.5, 0.5]);
    assert.deepEqual(centreOf(encodeFootprint(Float64Array.of(0, 4, 0, 0, 4, 0, 4, 8))), [2, 3]);
  });

  test('are counted by values and by places, and chips without either are in none', () => {
    const window = makeWindows(5);
    for (const [chip, place] of [at(3), at(-1, 0), at(-30), at(-0.4), null].entries()) {
      window.width[chip] = window.height[chip] = 1;
      window.footprint.set(place ?? new Float64Array(8).fill(Number.NaN), 8 * chip);
    }
    const carried = ['lon', 'lat', 'crop'].map((name) => ({
      ...model.carry!.find((one) => one.name === name)!,
      values: name === 'crop' ? ['rye', 'oats', null, 'rye', 'rye'] : new Array<null>(5).fill(null),
    }));
    const rows = [0, 1, 1, 0, 0].map((value) => (value === 0 ? [1, 0] : [0, 1]));
    const origin = { run: 'r', digest: 'd', scene: 's' };
    const { sum } = predict(model, rows, origin, partOf(5, { window, carried }));
    const ofCover = { forest: { counts: [2, 0] }, fields: { counts: [0, 1] } };
    assert.deepEqual(sum['segments'], { cover: ofCover, crop: { rye: { counts: [3, 0] } } });
  });

  test('are told of a chip that is not predicted yet by its window, or else by its coordinates', () => {
    const chip = (more: Partial<Chip>) =>
      ({ place: { kind: 'index', index: 0 }, planes: [], truth: null, ...more }) as Chip;
    const window = {
      kind: 'window',
      index: 0,
      x: 0,
      y: 0,
      width: 1,
      height: 1,
      footprint: at(-3),
      hectares: 1,
    } as const;
    for (const [one, cover, crop] of [
      [chip({ place: window }), 'fields', ''],
      [chip({ carried: [3.5, 50, 'rye'] }), 'forest', 'rye'],
      [chip({ carried: [190, 50, 'rye'] }), undefined, 'rye'],
      [chip({}), undefined, ''],
    ] as const) {
      const columns = columnsOfChip(one, model);
      assert.deepEqual(
        ['cover', 'crop'].map((by) => segmentNames(columns, by, model)),
        [[cover], [crop]],
      );
    }
  });
});

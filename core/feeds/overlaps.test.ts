import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { overlaps } from './overlaps.ts';

/** From 10 to 11 degrees east, and from 50 to 51 north. */
const AREA = [
  [
    [
      [10, 50],
      [11, 50],
      [11, 51],
      [10, 51],
      [10, 50],
    ],
  ],
] as const;

describe('an Item whose geometry is no polygon has its place by its bbox, or else by its positions', () => {
  const far = { bbox: [-101, -1, -99, 1] };
  const near = { bbox: [10.5, 50.5, 12, 52] };
  const beyond = { bbox: [370.2, 50.2, 370.4, 50.4] };
  const point = { type: 'Point', coordinates: [10.5, 50.5] };
  const ITEMS: [what: string, item: object, expected: boolean][] = [
    ['a Point in the area', { geometry: point }, true],
    ['a Point with a height in the area', { geometry: { type: 'Point', coordinates: [10.5, 50.5, 900] } }, true],
    ['a Point elsewhere', { geometry: { type: 'Point', coordinates: [-100, 0] } }, false],
    ['points elsewhere', { geometry: { type: 'MultiPoint', coordinates: [[-100, 0]] } }, false],
    [
      'a line elsewhere',
      {
        geometry: {
          type: 'LineString',
          coordinates: [
            [-100, 0],
            [-99, 1],
          ],
        },
      },
      false,
    ],
    [
      'a line through the area',
      {
        geometry: {
          type: 'LineString',
          coordinates: [
            [9, 49],
            [12, 52],
          ],
        },
      },
      true,
    ],
    [
      'a collection elsewhere',
      { geometry: { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [-100, 0] }] } },
      false,
    ],
    ['a collection with a Point in the area', { geometry: { type: 'GeometryCollection', geometries: [point] } }, true],
    ['points with a bbox elsewhere', { geometry: { type: 'MultiPoint', coordinates: [[-100, 0]] }, ...far }, false],
    [
      'points with a bbox that reaches into it',
      { geometry: { type: 'MultiPoint', coordinates: [[-100, 0]] }, ...near },
      true,
    ],
    ['points with a bbox beyond 180 degrees', { geometry: { type: 'MultiPoint', coordinates: [] }, ...beyond }, true],
    [
      'an empty collection with a bbox elsewhere',
      { geometry: { type: 'GeometryCollection', geometries: [] }, ...far },
      false,
    ],
    ['an empty polygon with a bbox elsewhere', { geometry: { type: 'Polygon', coordinates: [] }, ...far }, false],
    ['an empty collection, which has no place', { geometry: { type: 'GeometryCollection', geometries: [] } }, true],
    ['a malformed Point, which has no place', { geometry: { type: 'Point', coordinates: ['a', null] } }, true],
    ['a bbox that is none', { geometry: point, bbox: [] }, true],
    ['neither', { geometry: null, bbox: null }, true],
  ];
  for (const [what, item, expected] of ITEMS)
    test(`${what}: ${expected ? 'taken' : 'left out'}`, () => assert.equal(overlaps(AREA, item), expected));
});

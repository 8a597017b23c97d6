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

/** The ring of a box. */
const ring = (west: number, east: number, south = 50, north = 51) =>
  [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ] as [number, number][];

describe('an Item at the antimeridian', () => {
  const polygon = (...of: Parameters<typeof ring>) => ({ type: 'Polygon', coordinates: [ring(...of)] });
  const cut = { type: 'MultiPolygon', coordinates: [[ring(179.5, 180)], [ring(-180, -179.5)]] };
  const across = [179.5, 50, -179.5, 51];
  const [EAST, WEST, ZERO] = [ring(179.6, 179.8, 50.2, 50.4), ring(-179.8, -179.6, 50.2, 50.4), ring(0, 1, 50.2, 50.4)];
  const BEYOND = ring(180.1, 180.3, 50.2, 50.4);
  const ITEMS: [what: string, item: object, expected: [boolean, boolean, boolean]][] = [
    ['whose polygon is not cut', { geometry: polygon(179.5, -179.5), bbox: across }, [true, true, false]],
    ['with heights', { geometry: polygon(179.5, -179.5), bbox: [179.5, 50, 0, -179.5, 51, 9] }, [true, true, false]],
    ['whose polygon is cut', { geometry: cut, bbox: across }, [true, true, false]],
    ['whose polygon goes on beyond 180', { geometry: polygon(179.5, 180.5), bbox: across }, [true, true, false]],
    ['with a bbox alone', { bbox: across }, [true, true, false]],
    ['without a bbox, which may as well be around the world', { geometry: polygon(179.5, -179.5) }, [true, true, true]],
    ['around the world', { geometry: polygon(-180, 180), bbox: [-180, 50, 180, 51] }, [true, true, true]],
    ['of half a world', { geometry: polygon(-80, 80), bbox: [-80, 50, 80, 51] }, [false, false, true]],
  ];
  for (const [what, item, expected] of ITEMS)
    test(what, () => {
      const found = [EAST, WEST, ZERO].map((of) => overlaps([[of]], item));
      assert.deepEqual(found, expected);
      assert.equal(overlaps([[BEYOND]], item), expected[1]);
    });
});

describe('an Item around a pole', () => {
  const polygon = (...corners: [number, number][]) => ({ type: 'Polygon', coordinates: [corners] });
  const around = (latitude: number, longitudes = [45, 135, -135, -45, 45]) =>
    polygon(...longitudes.map((x): [number, number] => [x, latitude]));
  const PLACES = [ring(0, 90, 88, 89), ring(-180, -170, 86, 87), ring(0, 90, 80, 84), ring(0, 90, -89, -88)];
  const ITEMS: [what: string, item: object, expected: boolean[]][] = [
    ['in the north', { geometry: around(85) }, [true, true, false, false]],
    ['with a bbox', { geometry: around(85), bbox: [-180, 85, 180, 90] }, [true, true, false, false]],
    [
      'with a bbox of its corners alone',
      { geometry: around(85), bbox: [-135, 85, 135, 85] },
      [true, true, false, false],
    ],
    ['westwards', { geometry: around(85, [45, -45, -135, 135, 45]) }, [true, true, false, false]],
    ['from 0 to 360', { geometry: around(85, [45, 135, 225, 315, 45]) }, [true, true, false, false]],
    ['in the south', { geometry: around(-85) }, [false, false, false, true]],
    [
      'that is cut at the antimeridian',
      { geometry: polygon([-180, 85], [0, 85], [180, 85], [180, 90], [-180, 90], [-180, 85]) },
      [true, true, false, false],
    ],
    [
      'with one corner beyond the equator',
      { geometry: polygon([45, 85], [135, 85], [-135, -10], [-45, 85], [45, 85]) },
      [true, true, true, false],
    ],
    [
      'that is none, but a strip around the world',
      { geometry: polygon([-180, -60], [0, -60], [180, -60], [180, 60], [-180, 60], [-180, -60]) },
      [false, false, false, false],
    ],
    ['of a half of the world', { geometry: around(0, [0, 120, -120, 0]) }, [false, false, false, false]],
  ];
  for (const [what, item, expected] of ITEMS)
    test(`is taken for the areas that it reaches: ${what}`, () =>
      assert.deepEqual(
        PLACES.map((of) => overlaps([[of]], item)),
        expected,
      ));

  test('reaches no farther from it than its edges', () => {
    const slanted = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 60],
          [90, 85],
          [180, 85],
          [-90, 85],
          [0, 60],
        ],
      ],
    };
    assert.deepEqual(
      [ring(-5, 5, 65, 66), ring(90, 180, 65, 66), ring(90, 180, 86, 87)].map((of) =>
        overlaps([[of]], { geometry: slanted }),
      ),
      [true, false, true],
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvalidMessage } from '../base/errors.ts';
import { boxOfArea, parseArea } from './areaOfInterest.ts';

const square = (west: number, south: number, side = 1) => {
  const [east, north] = [west + side, south + side];
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
};
const polygon = { type: 'Polygon', coordinates: [square(7, 47), square(7.2, 47.2, 0.1)] };
const several = { type: 'MultiPolygon', coordinates: [[square(7, 47)], [square(9, 47)]] };
const feature = (geometry: unknown) => ({ type: 'Feature', properties: null, geometry });

describe('an area', () => {
  test('is a Polygon or a MultiPolygon, or features of these, and comes without heights', () => {
    assert.deepEqual(parseArea(polygon, 'a'), [polygon.coordinates]);
    assert.deepEqual(parseArea(several, 'a'), several.coordinates);
    assert.deepEqual(parseArea(feature(polygon), 'a'), [polygon.coordinates]);
    const collection = { type: 'FeatureCollection', features: [feature(polygon), feature(several)] };
    assert.deepEqual(parseArea(collection, 'a'), [polygon.coordinates, ...several.coordinates]);
    const high = square(7, 47).map((at) => [...at, 400]);
    assert.deepEqual(parseArea({ type: 'Polygon', coordinates: [high] }, 'a'), [[square(7, 47)]]);
  });

  const ring = (...coordinates: unknown[]) => ({ type: 'Polygon', coordinates });
  const RING = 'allowed is a list of four or more [longitude, latitude] in degrees, from -360 to 360';
  for (const [what, json, error] of [
    ['a text', 'x', 'allowed is a Polygon or MultiPolygon of GeoJSON, or a Feature'],
    ['a point', { type: 'Point', coordinates: [7, 47] }, 'type: found "Point", allowed is a Polygon or MultiPolygon'],
    ['a feature without a geometry', feature(null), 'geometry: found null, allowed is a Polygon or MultiPolygon'],
    ['no features', { type: 'FeatureCollection', features: [] }, 'features: found [], allowed is a list of features'],
    ['no rings', ring(), 'coordinates: found [], allowed is a list of rings'],
    ['an open ring', ring(square(7, 47).slice(0, 4)), RING],
    [
      'a ring of three positions',
      ring([
        [7, 47],
        [8, 47],
        [7, 47],
      ]),
      RING,
    ],
    ['metres', ring(square(7, 47), square(400_000, 5_200_000)), 'coordinates[1]: found [[400000,5200000]'],
    ['a latitude beyond the pole', ring(square(7, 89.5)), 'and from -90 to 90, that ends where it begins'],
    [
      'another system',
      { type: 'FeatureCollection', crs: { properties: { name: 'EPSG:32632' } }, features: [feature(polygon)] },
      'allowed is nothing, or OGC:CRS84',
    ],
  ] as const)
    test(`is refused as ${what}, with a sentence`, () =>
      assert.throws(
        () => parseArea(json, 'north.json: properties.swath:area'),
        ({ message, ...rest }: Error) => {
          assert.ok(message.startsWith('north.json: properties.swath:area: “'), message);
          assert.ok(message.includes(error), message);
          return rest instanceof Object;
        },
      ));

  test('is refused as a message that is wrong', () => assert.throws(() => parseArea(1, 'a'), InvalidMessage));

  for (const [what, coordinates, box] of [
    ['one polygon', [[square(7, 47)]], [7, 47, 8, 48]],
    ['polygons', [[square(7, 47)], [square(-3, 40, 2)]], [-3, 40, 8, 48]],
    ['a ring beyond 180 degrees', [[square(179, -1, 2)]], [179, -1, -179, 1]],
    ['a ring before -180 degrees', [[square(-181, -1, 2)]], [179, -1, -179, 1]],
    ['polygons that are cut at 180 degrees', [[square(179, 0)], [square(-180, 0)]], [179, 0, -179, 1]],
    ['polygons on either side of the Pacific', [[square(-80, 0)], [square(140, 0)]], [140, 0, -79, 1]],
    [
      'all longitudes',
      [
        [square(-180, 0, 90)],
        [
          [
            [-90, 0],
            [180, 0],
            [180, 9],
            [-90, 0],
          ],
        ],
      ],
      [-180, 0, 180, 90],
    ],
  ] as const)
    test(`has a box: ${what}`, () =>
      assert.deepEqual(boxOfArea(parseArea({ type: 'MultiPolygon', coordinates }, 'a')), box));
});

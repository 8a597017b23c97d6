import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isRefusedPackage, readFrom } from '../../test/benches/packages.ts';
import { findPolygon } from '../arrays/findPolygon.ts';
import { MAX_POLYGONS_BYTES } from '../base/limits.ts';
import { polygonFiles, readCovers } from './landCover.ts';

const FILE = 'landcover.geojson';
const square = (west: number, south: number, side = 2) => [
  [west, south],
  [west + side, south],
  [west + side, south + side],
  [west, south + side],
  [west, south],
];
const feature = (value: unknown, coordinates: unknown = [square(0, 0)], type = 'Polygon') => ({
  type: 'Feature',
  properties: { class: value },
  geometry: { type, coordinates },
});
const collection = (features: unknown, more: object = {}) => ({ type: 'FeatureCollection', features, ...more });
const read = (json: unknown, values: string[] = ['forest']) => {
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  const chipSegments = { cover: { polygons: FILE, property: 'class', values }, crop: { column: 'crop', values } };
  return readCovers(readFrom(json === undefined ? {} : { [FILE]: text }), { chipSegments });
};

describe('a file of land cover', () => {
  test('says which listed value is where: of polygons, of their holes, of parts of several, and of numbers', async () => {
    const { covers } = await read(
      collection([
        feature('town', [square(0, 0, 9)]),
        feature('forest', [square(0, 0, 4), square(1, 1)]),
        feature(7, [[square(10, 0)], [square(-180, 88)]], 'MultiPolygon'),
        feature('forest', [square(1, 1, 1)]),
      ]),
      ['forest', '7'],
    );
    const places = [
      [0.5, 0.5],
      [1.5, 1.5],
      [2.5, 2.5],
      [5, 5],
      [11, 1],
      [-179, 89],
      [60, 60],
    ] as const;
    const { names, polygons } = covers!['cover']!;
    const found = places.map(([longitude, latitude]) => names[findPolygon(polygons, longitude, latitude)]);
    assert.deepEqual(found, ['forest', 'forest', undefined, undefined, '7', '7', undefined]);
    assert.deepEqual(Object.keys(covers!), ['cover']);
  });

  test('is one of the files of a package that names one, and of no other', async () => {
    const cover = { polygons: FILE, property: 'class', values: ['forest'] };
    assert.deepEqual(polygonFiles({ chipSegments: { cover } }), [FILE]);
    assert.deepEqual(polygonFiles({}), []);
    assert.deepEqual(await readCovers(readFrom({}), {}), {});
  });

  test('may say that it is in WGS84, as older writers do', async () => {
    for (const name of ['urn:ogc:def:crs:OGC:1.3:CRS84', 'OGC:CRS84'])
      await read(collection([feature('forest')], { crs: { type: 'name', properties: { name } } }));
  });

  const cut = [...square(0, 0).slice(0, -1), [0, 1]];
  for (const [what, json, says] of [
    ['is not there', undefined, 'found no such file, item.json names it'],
    ['is no JSON', '{"type"', 'found no JSON in UTF-8'],
    ['is too large', ' '.repeat(MAX_POLYGONS_BYTES + 1), 'found 4194305 bytes, allowed are at most 4194304'],
    ['is another object of GeoJSON', feature('forest'), 'type: found "Feature", allowed is "FeatureCollection"'],
    ['has no features', collection(undefined), 'features: found nothing, allowed is a list of features'],
    [
      'is in another reference system',
      collection([feature('forest')], { crs: { properties: { name: 'urn:ogc:def:crs:EPSG::3857' } } }),
      'EPSG::3857"}}, allowed is nothing, or OGC:CRS84: coordinates are longitudes and latitudes in WGS84 (RFC 7946, 4)',
    ],
    [
      'has a geometry of another type',
      collection([feature('forest', [0, 0], 'Point')]),
      'features[0].geometry.type: found "Point", allowed is a Polygon or MultiPolygon',
    ],
    [
      'has a feature without a geometry',
      collection([{ properties: {}, geometry: null }]),
      'features[0].geometry: found null',
    ],
    [
      'has a polygon without rings',
      collection([feature('forest', [])]),
      'coordinates: found [], allowed is a list of rings',
    ],
    [
      'has a ring that is not closed',
      collection([feature('forest', [cut])]),
      'coordinates[0]: found [[0,0],[2,0],[2,2],[0,2],[0,1]], allowed is a list of four or more [longitude, latitude]',
    ],
    ['has a ring of too few', collection([feature('forest', [square(0, 0).slice(2)])]), 'that ends where it begins'],
    [
      'has a longitude beyond 180',
      collection([feature('forest', [[square(179, 0)]], 'MultiPolygon')]),
      'geometry.coordinates[0][0]: found [[179,0],[181,0],',
    ],
    [
      'has a latitude beyond 90',
      collection([feature('forest', [square(0, 89)])]),
      'from -180 to 180 and from -90 to 90',
    ],
    [
      'has no such property',
      collection([feature('forest'), feature(undefined)]),
      'features[1].properties.class: found nothing, allowed is a text or a number',
    ],
    [
      'has features without properties',
      collection([{ ...feature(''), properties: null }]),
      'features[0].properties.class: found nothing',
    ],
    [
      'has no polygon of a listed value',
      collection([feature('town'), feature('water')]),
      'properties.class: found ["town","water"], allowed is each value that item.json lists, also forest',
    ],
  ] as const)
    test(`is refused if it ${what}`, () => isRefusedPackage(read(json), `${FILE}: `, says));
});

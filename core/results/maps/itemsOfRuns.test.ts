import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLASSES, exampleResults, modelOf, PLACES, RESULT, resultAt } from '../../../test/maps/exampleResults.ts';
import { RELEASE } from '../../base/release.ts';
import { type ItemOf, itemOfRun } from './itemOfRun.ts';

/** Whether Items are valid by the official schemas, validate.py tells. */
const item = async (what: string) => {
  const example = (await exampleResults()).find((one) => one.what === what);
  // As it is written: without what is undefined.
  return JSON.parse(JSON.stringify(itemOfRun(example!.result)));
};

test('the Item of a map has its location, its sources and the meaning of its values', async () => {
  assert.deepEqual(await item('a small scene in UTM'), {
    type: 'Feature',
    stac_version: '1.1.0',
    stac_extensions: [
      'https://stac-extensions.github.io/processing/v1.2.0/schema.json',
      'https://stac-extensions.github.io/projection/v2.0.0/schema.json',
      'https://stac-extensions.github.io/classification/v2.0.0/schema.json',
    ],
    id: '1b2c3d4e',
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [-9, 53.2496265],
          [-9, 53.2266145],
          [-8.9616528, 53.2266083],
          [-8.9616322, 53.2496203],
          [-9, 53.2496265],
        ],
      ],
    },
    bbox: [-9, 53.2266083, -8.9616322, 53.2496265],
    properties: {
      datetime: '2022-10-05T11:54:11Z',
      'processing:level': 'L4',
      'processing:software': { swath: RELEASE },
      'proj:code': 'EPSG:32629',
      'proj:shape': [256, 256],
      'proj:transform': [10, 0, 500000, 0, -10, 5900040],
      'proj:bbox': [500000, 5897480, 502560, 5900040],
    },
    links: [
      { rel: 'derived_from', href: 's3://scenes/s2.tif', title: 'Scene' },
      {
        rel: 'derived_from',
        href: 's3://models/s2-scl/1.0.0/item.json',
        type: 'application/geo+json',
        title: 'Model s2-scl 1.0.0',
        'mlm:name': 's2-scl',
      },
    ],
    assets: {
      data: {
        href: './1b2c3d4e.tif',
        title: 'Predictions, pixel by pixel',
        type: 'image/tiff; application=geotiff; profile=cloud-optimized',
        roles: ['data'],
        data_type: 'uint8',
        nodata: 255,
        bands: [{ name: 'class' }],
        'classification:classes': [
          { value: 0, name: 'water', color_hint: '1060B4' },
          { value: 4, name: 'Bare-soil-rock', title: 'Bare soil & rock', color_hint: 'A6611A' },
          { value: 7, name: 'W-lder', title: 'Wälder', color_hint: '8B173D' },
          { value: 255, name: 'nodata', nodata: true },
        ],
      },
      auxiliary: { href: './1b2c3d4e.tif.aux.xml', type: 'application/xml', roles: ['metadata'] },
      predictions: {
        href: '../../../../predictions/model=s2-scl/version=1.0.0/date=2026-03-01/1b2c3d4e-00000.parquet',
        title: 'Predictions, one row per chip',
        type: 'application/vnd.apache.parquet',
        roles: ['data'],
      },
    },
  });
});

test('probabilities are an asset beside the map, with their scale and offset', async () => {
  const { assets, stac_extensions } = await item('with probabilities');
  assert.ok(stac_extensions.includes('https://stac-extensions.github.io/raster/v2.0.0/schema.json'));
  assert.deepEqual(assets.probabilities.bands, [
    { name: 'water', 'raster:scale': 0.004, 'raster:offset': 0 },
    { name: 'soil', 'raster:scale': 0.004, 'raster:offset': 0 },
  ]);
  assert.deepEqual(Object.keys(assets), ['data', 'probabilities', 'auxiliary', 'predictions-1', 'predictions-2']);
});

test('NaN as nodata is a text, since JSON has no such number', async () => {
  const { assets, stac_extensions } = await item('heights');
  assert.deepEqual([assets.data.nodata, assets.data.data_type], ['nan', 'float32']);
  assert.deepEqual(assets.data.bands, [{ name: 'height' }]);
  assert.ok(!stac_extensions.some((uri: string) => /classification|raster/.test(uri)));
});

for (const what of ['a system that nobody knows', 'no place'])
  test(`without a place there is no geometry, and so no bbox: ${what}`, async () => {
    const { geometry, bbox, properties } = await item(what);
    assert.deepEqual([geometry, bbox], [null, undefined]);
    assert.equal(properties['proj:code'], null);
  });

async function assetsWith(nodata: number) {
  const result = await resultAt(PLACES[0]!, { model: modelOf([{ ...CLASSES, nodata }]) });
  return JSON.parse(JSON.stringify(itemOfRun(result))).assets;
}

test('a class that is nodata is listed once', async () => {
  const assets = await assetsWith(0);
  const [first, ...others] = assets.data['classification:classes'];
  assert.deepEqual(first, { value: 0, name: 'water', color_hint: '1060B4', nodata: true });
  assert.equal(others.length, 2);
});

test('a nodata that no class can have is not listed among them', async () => {
  for (const [nodata, text] of [
    [Number.NaN, 'nan'],
    [0.5, 0.5],
  ] as const) {
    const assets = await assetsWith(nodata);
    assert.equal(assets.data.nodata, text);
    assert.ok(assets.data['classification:classes'].every(({ name }: { name: string }) => name !== 'nodata'));
  }
});

test('a coordinate system without a code, or in another unit than that of its code, has a proj:code of null', async () => {
  const result = await resultAt(PLACES[0]!);
  for (const crs of ['+proj=utm +zone=29', 'EPSG:32629 with +to_meter=0.3048']) {
    const { properties, geometry } = itemOfRun({ ...result, raster: { ...result.raster, crs } });
    assert.equal(properties['proj:code' as keyof typeof properties], null);
    assert.notEqual(geometry, null);
  }
});

test('an Item has the accuracy of its location, and well-known text for a coordinate system without a code', async () => {
  const grid: ItemOf['raster'] = { ...RESULT.raster, width: 2, height: 2, transform: [0, 1, 0, 0, 0, -1] };
  const wkt2 = 'PROJCRS["EPSG:1"]';
  const of = (more: object) => itemOfRun({ ...RESULT, raster: { ...grid, crs: 'EPSG:1', ...more } }).properties;
  assert.partialDeepStrictEqual(of({ wkt2, accuracy: null }), {
    'proj:code': null,
    'proj:wkt2': wkt2,
    'swath:location_accuracy': null,
  });
  assert.match(JSON.stringify(of({ accuracy: null })), /accuracy of the location is not known/);
  assert.partialDeepStrictEqual(of({ accuracy: 4 }), { 'proj:code': 'EPSG:1', 'swath:location_accuracy': 4 });
  assert.ok(!('swath:location_accuracy' in of({})));
});

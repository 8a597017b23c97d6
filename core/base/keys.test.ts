import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CANARY_FOLDER,
  companionEnding,
  isCanary,
  isSceneFile,
  packageKey,
  predictionsKey,
  preparedKey,
  promotedKey,
  reportKey,
  summaryKey,
} from './keys.ts';

const LANDSAT = 'LC08_L2SP_005009_20150710_20200908_02_T2';
const HLS = 'HLS.L30.T19LBJ.2020239T144556.v2.0';
const model = { name: 'droughtwatch-baseline', version: '1.0.0' };
const run = { id: '0f'.repeat(16), model, day: '2026-03-01' };

const keys = {
  'prepared/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f/part-00000.arrow': preparedKey(run.id, 0),
  'summaries/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f/attempt-2/part-00012.json': summaryKey({ ...run, attempt: 2 }, 12),
  'predictions/model=droughtwatch-baseline/version=1.0.0/date=2026-03-01/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f-00012.parquet':
    predictionsKey(run, 12),
  'reports/model=droughtwatch-baseline/version=1.0.0/date=2026-03-01/report.html': reportKey(model, run.day, 'html'),
  'droughtwatch-baseline/1.0.0/model.onnx': packageKey(model, 'model.onnx'),
  'droughtwatch-baseline/promoted.json': promotedKey('droughtwatch-baseline'),
};

for (const [expected, key] of Object.entries(keys)) test(`the key ${expected}`, () => assert.equal(key, expected));

test('no key has a character that a file system refuses', () => {
  for (const key of Object.values(keys)) assert.doesNotMatch(key, /[<>:"|?*\\]/);
});

test('the keys of parts sort in the order of the part numbers', () => {
  const parts = [0, 9, 10, 99, 100, 99_999].map((part) => predictionsKey(run, part));
  assert.deepEqual(parts.toSorted(), parts);
});

for (const { key, prefix, reserved } of [
  { key: `${CANARY_FOLDER}2026-03-01`, prefix: '', reserved: true },
  { key: `${CANARY_FOLDER}`, prefix: '', reserved: true },
  { key: `scenes/${CANARY_FOLDER}a`, prefix: 'scenes/', reserved: true },
  { key: `${CANARY_FOLDER}a`, prefix: 'scenes/', reserved: false },
  { key: `scenes/${CANARY_FOLDER}a`, prefix: '', reserved: false },
  { key: 'swath-canary', prefix: '', reserved: false },
])
  test(`${key} is ${reserved ? '' : 'not '}reserved in an inbox at "${prefix}"`, () =>
    assert.equal(isCanary(key, prefix), reserved));

for (const [key, ending] of [
  ['north/a.stac.json', undefined],
  ['A.STAC.JSON', undefined],
  ['north/r-17.request.json', undefined],
  ['R.REQUEST.JSON', undefined],
  ['request.json', '.json'],
  ['north/a.assets/r.request.json', '.assets/'],
  ['a.json', '.json'],
  ['stac.json', '.json'],
  ['a.Stac.json', '.json'],
  ['north/a.assets/B02.tif', '.assets/'],
  ['north/a.assets/more/b.stac.json', '.assets/'],
  ['north/a.SAFE/GRANULE/B02.jp2', '.SAFE/'],
  ['north/a.SAFE/MTD_MSIL2A.xml', undefined],
  ['a.SAFE/MTD_MSIL1C.xml', undefined],
  ['a.assets/a.SAFE/MTD_MSIL1C.xml', '.assets/'],
  ['a.SAFE/GRANULE/b/MTD_TL.xml', '.SAFE/'],
  ['a/MTD_MSIL1C.xml', '.xml'],
  ['S1A_IW_GRDH_1SDV_1.SAFE/manifest.safe', undefined],
  ['S1A_IW_GRDH_1SDV_1.SAFE/measurement/vv.tiff', '.SAFE/'],
  ['a.SAFE/manifest.safe', '.SAFE/'],
  [`north/${HLS}/${HLS}.cmr.xml`, undefined],
  [`north/${HLS}/${HLS}.B02.tif`, '.v2.0/'],
  [`${HLS}.assets/${HLS}.cmr.xml`, '.assets/'],
  [`${HLS}.cmr.xml`, '.xml'],
  [`${HLS}.B02.tif`, undefined],
  [`north/${LANDSAT}/${LANDSAT}_MTL.xml`, undefined],
  [`${LANDSAT}/${LANDSAT}_MTL.txt`, '_02_T2/'],
  [`${LANDSAT}/${LANDSAT}_SR_B1.TIF`, '_02_T2/'],
  [`${LANDSAT}/stack.tif`, undefined],
  [`${LANDSAT}/LC08_L1TP_005009_20150710_20200908_02_T2_B1.TIF`, undefined],
  [`${LANDSAT}_SR_B1.TIF`, undefined],
  [`${LANDSAT}_MTL.xml`, '.xml'],
  ['north/assets/B02.tif', undefined],
  ['a.assets', undefined],
  ['north/a.zarr/zarr.json', undefined],
  ['a.zarr/.zmetadata', undefined],
  ['a.zarr/b02/zarr.json', '.zarr/'],
  ['A.ZARR/.zmetadata', undefined],
  ['A.ZARR/zarr.json', undefined],
  ['A.ZARR/b02/c/0/0', '.ZARR/'],
  ['A.ZARR/b.zarr/zarr.json', '.ZARR/'],
  ['a.zarr/b02/c/0/0', '.zarr/'],
  ['a.zarr/b.zarr/zarr.json', '.zarr/'],
  ['a.assets/b.zarr/zarr.json', '.assets/'],
  ['zarr.json', '.json'],
  ['north/a.nc', undefined],
  ['a.H5', undefined],
  ['a.assets/b.nc', '.assets/'],
] as const)
  test(`${key} is ${ending === undefined ? 'a scene file' : `none, by ${ending}`}`, () => {
    assert.equal(companionEnding(key), ending);
    assert.equal(isSceneFile({ key }), ending === undefined);
  });

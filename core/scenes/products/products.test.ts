import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { InvalidSceneFile } from '../../base/errors.ts';
import expected from './fixtures/expected.json' with { type: 'json' };
import { itemOf, type Product } from './product.ts';
import { productIn } from './products.ts';

const FIXTURES = new URL('fixtures/', import.meta.url);

type Edit = (text: string, path: string) => string;

/** Reads the metadata of a folder, changed by an edit, of which the top has these names. */
function productOf(folder: string, names = readdirSync(new URL(folder, FIXTURES)), edit: Edit = (text) => text) {
  return productIn(folder, names, async (path) =>
    edit(readFileSync(new URL(`${folder}/${path}`, FIXTURES), 'utf8'), path),
  );
}

const pathsOf = ({ assets }: Product) => assets.flatMap(({ files }) => files.map(({ path }) => path));

type Json = ReturnType<typeof JSON.parse>;

function made(product: Product, there = pathsOf(product), isPartial = false): Json {
  const { item } = itemOf(product, { there: new Set(there), hrefOf: (path) => `./${path}`, isPartial });
  return JSON.parse(JSON.stringify(item));
}

const assetsOf = ({ assets }: Json): [key: string, asset: Json][] => Object.entries(assets);

const near = (found: unknown, wanted: unknown, what: string) => {
  if (typeof wanted !== 'number') assert.deepEqual(found, wanted, what);
  else assert.ok(Math.abs((found as number) - wanted) < 1e-6, `${what}: ${found}, not ${wanted}`);
};

describe('the Item of a SAFE folder has what stactools says of it', () => {
  for (const folder of ['S2A_L2A_05.09.SAFE', 'S2A_L1C_03.01.SAFE', 'S2B_L2A_02.12.SAFE'] as const)
    test(folder, async () => {
      const item = made(await productOf(folder));
      const { properties, datetime, bbox, assets } = expected[folder];
      assert.equal(Date.parse(item.properties.datetime), Date.parse(datetime));
      for (const [name, value] of Object.entries(properties)) near(item.properties[name], value, name);
      for (const [i, value] of bbox.entries()) near(item.bbox[i], value, 'bbox');
      const theirs = new Map(Object.entries(assets));
      for (const [key, own] of assetsOf(item)) {
        const { scale, offset, shape, transform, data_type, nodata } = theirs.get(own.href)! as Record<string, unknown>;
        const wanted = [scale, offset, shape, transform, data_type, nodata];
        const { 'raster:scale': ownScale, 'raster:offset': ownOffset } = own.bands[0];
        const values = [ownScale, ownOffset, own['proj:shape'], own['proj:transform'], own.data_type, own.nodata];
        for (const [i, value] of wanted.entries()) near(values[i], value, `${key} ${i}`);
      }
      const finest = Object.values(assets).filter(({ key }) => !/_[26]0m$/.test(key) || key === 'coastal_20m');
      assert.ok(Object.keys(item.assets).length >= finest.length - 3); // theirs has aot, wvp and coastal twice
    });

  test('from baseline 04.00 on, with the offset of each band, in L1C as well', async () => {
    const scale = (edit: Edit, folder: string) =>
      productOf(folder, undefined, edit).then((product) =>
        Object.fromEntries(product.assets.map(({ key, about }) => [key, Object(about.bands[0])['raster:offset']])),
      );
    const seven = await scale((text) => text.replace('band_id="1">-1000<', 'band_id="1">-7000<'), 'S2A_L2A_05.09.SAFE');
    assert.deepEqual(
      [seven['B01'], seven['B02'], seven['B8A'], seven['SCL'], seven['aot']],
      [-0.1, -0.7, -0.1, undefined, 0],
    );
    const list = Array.from(
      { length: 13 },
      (_, i) => `<RADIO_ADD_OFFSET band_id="${i}">${-1000 - i}</RADIO_ADD_OFFSET>`,
    );
    const l1c = await scale(
      (text) => text.replace('<Reflectance_Conversion>', `${list.join('')}$&`),
      'S2A_L1C_03.01.SAFE',
    );
    assert.deepEqual(
      [l1c['B01'], l1c['B8A'], l1c['B12']].map((one) => one.toFixed(4)),
      ['-0.1000', '-0.1008', '-0.1012'],
    );
  });

  test('and of a folder in parts, the finest files that are there; the picture has no band of reflectance', async () => {
    const product = await productOf('S2A_L2A_05.09.SAFE');
    const coarse = pathsOf(product).filter((path) => path.includes('R60m') || path.endsWith('TCI_10m.jp2'));
    const item = made(product, coarse, true);
    assert.deepEqual([item.assets.B02.gsd, item.assets.B01.gsd, item.assets.visual.gsd], [60, 60, 10]);
    assert.equal(item.assets.B08, undefined);
    const names = item.assets.visual.bands.map(({ name }: { name: string }) => name);
    assert.deepEqual(names, ['TCI_R', 'TCI_G', 'TCI_B']);
    assert.throws(
      () => made(product, coarse),
      /metadata of S2A.* name files that are not there: .*_B02_10m\.jp2, .*--partial/,
    );
    assert.throws(() => made(product, [], true), InvalidSceneFile);
  });
});

describe('the Item of a Landsat folder has what USGS says of it', () => {
  for (const name of readdirSync(new URL('landsat', FIXTURES)))
    test(name, async () => {
      const item = made(await productOf('landsat', [name]));
      const {
        bands,
        'proj:epsg': epsg,
        ...wanted
      } = expected[name.slice(0, -8) as 'LT05_L2SP_010067_19860424_20200918_02_T2'];
      if (epsg !== undefined) assert.equal(item.properties['proj:code'], `EPSG:${epsg}`);
      for (const [key, value] of Object.entries(wanted)) {
        const found = item.properties[key] ?? item.assets.qa_pixel[key];
        if (key === 'datetime') assert.equal(found.slice(0, String(value).length - 1), String(value).slice(0, -1));
        else if (/wrs_(path|row)$/.test(key)) assert.equal(Number(found), Number(value));
        else near(found, value, key);
      }
      const files = new Map(
        assetsOf(item).map(
          ([
            ,
            {
              href,
              bands: [band],
            },
          ]) => [href.slice(2), band['eo:common_name'] ?? null],
        ),
      );
      assert.deepEqual(Object.fromEntries(files), {
        ...bands,
        ...Object.fromEntries([...files].filter(([file]) => file.endsWith('ST_B10.TIF') || file.endsWith('ST_B6.TIF'))),
      });
    });

  const factors: [name: string, key: string, scale: number | undefined, offset: number | undefined][] = [
    ['LC08_L2SP_005009_20150710_20200908_02_T2_MTL.xml', 'red', 2.75e-5, -0.2],
    ['LC08_L2SP_005009_20150710_20200908_02_T2_MTL.xml', 'lwir11', 0.003_418_02, 149],
    ['LC08_L2SR_099120_20191129_20201016_02_T2_MTL.txt', 'coastal', 2.75e-5, -0.2],
    ['LE07_L2SP_021030_20100109_20200911_02_T1_MTL.xml', 'atran', 0.0001, 0],
    ['LM01_L1GS_007019_19771009_20200907_02_T2_MTL.xml', 'red', 0.001_321_9, -0.001_526],
    ['LM01_L1GS_007019_19771009_20200907_02_T2_MTL.xml', 'green', undefined, undefined], // NULL
  ];
  for (const [name, key, scale, offset] of factors)
    test(`and the factors of ${key} that ${name} states`, async () => {
      const [band] = made(await productOf('landsat', [name])).assets[key].bands;
      assert.deepEqual([band['raster:scale'], band['raster:offset']], [scale, offset]);
    });

  test('at the place that the corner of the first pixel has, in Antarctica too', async () => {
    const item = made(await productOf('landsat', ['LC08_L2SR_099120_20191129_20201016_02_T2_MTL.txt']));
    assert.equal(item.properties['proj:code'], 'EPSG:3031');
    assert.deepEqual(item.assets.red['proj:transform'], [30, 0, 733_785, 0, -30, 494_415]);
  });
});

describe('the Item of an HLS granule has what its files say of themselves', () => {
  for (const name of readdirSync(new URL('hls', FIXTURES)))
    test(name, async () => {
      const item = made(await productOf('hls', [name]));
      const { properties, B01 } = expected[name.slice(0, -8) as 'HLS.L30.T19LBJ.2020239T144556.v2.0'];
      for (const [key, value] of Object.entries(properties)) {
        if (key === 'datetime') assert.equal(Date.parse(item.properties[key]), Date.parse(value as string));
        else near(item.properties[key], value, key);
      }
      const { bands, ...own } = item.assets.B01;
      const found = {
        ...{ shape: own['proj:shape'], transform: own['proj:transform'], nodata: own.nodata, data_type: own.data_type },
        ...{ scale: bands[0]['raster:scale'], offset: bands[0]['raster:offset'] },
      };
      assert.deepEqual(found, B01);
    });

  test('and the bands of one common name in both are of one wavelength, with Fmask as a mask of bits', async () => {
    const [l30, s30] = await Promise.all(
      readdirSync(new URL('hls', FIXTURES)).map(async (name) => made(await productOf('hls', [name]))),
    );
    const named = (item: Json, common: string) =>
      assetsOf(item).find(([, { bands }]) => bands[0]['eo:common_name'] === common)?.[0];
    assert.deepEqual([named(l30, 'nir08'), named(s30, 'nir08')], ['B05', 'B8A']);
    assert.deepEqual([named(l30, 'swir22'), named(s30, 'swir22')], ['B07', 'B12']);
    const [{ href, nodata, 'classification:bitfields': bits }, { bands: lwir }] = [l30.assets.Fmask, l30.assets.B10];
    assert.equal(href, './HLS.L30.T19LBJ.2020239T144556.v2.0.Fmask.tif');
    assert.deepEqual([nodata, bits.map(({ offset }: { offset: number }) => offset)], [255, [1, 2, 3, 4, 5, 6]]);
    assert.equal(lwir[0]['raster:scale'], 0.01);
    assert.deepEqual([l30.properties.platform, l30.properties['proj:code']], ['landsat-8', 'EPSG:32619']);
    assert.equal(s30.properties.platform, 'sentinel-2b');
  });
});

describe('the Item of a Sentinel-1 GRD has what stactools says of it', () => {
  for (const folder of [
    'S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8.SAFE',
    'S1A_EW_GRDM_1SDH_20221130T014342_20221130T014446_046117_058549_BB15.SAFE',
  ] as const)
    test(folder, async () => {
      const item = made(await productOf(folder));
      const { properties, bbox, assets } = expected[folder];
      assert.equal(item.id, folder.slice(0, -5));
      assert.equal(item.properties.datetime, properties.start_datetime);
      const polarizations = properties['sar:polarizations'].toSorted();
      for (const [key, value] of Object.entries({ ...properties, 'sar:polarizations': polarizations }))
        assert.deepEqual(item.properties[key], value, key);
      for (const [i, value] of bbox.entries()) near(item.bbox[i], value, 'bbox');
      for (const [key, { href, nodata, bands, 'proj:transform': place }] of assetsOf(item)) {
        const name = Object(assets)[key].replace(/^(ew|iw)-(..)\.tiff$/, '*');
        assert.match(href, new RegExp(`^\\./measurement/${name.replace('*', `.*-${key}-.*\\.tiff`)}$`));
        assert.deepEqual([nodata, bands, place], [0, [{ name: key.toUpperCase() }], undefined]);
      }
      assert.deepEqual(Object.keys(item.assets).toSorted(), Object.keys(assets).toSorted());
    });
});

describe('the Item of a PlanetScope scene', () => {
  const ID = '20170831_172754_101c';
  const json = `${ID}_metadata.json`;
  const toa = [json, `${ID}_3B_AnalyticMS.tif`, `${ID}_3B_AnalyticMS_metadata.xml`, `${ID}_3B_AnalyticMS_DN_udm.tif`];

  test('has what stactools says of it, and reflectance at the top of the atmosphere by its XML', async () => {
    const item = made(await productOf('planet', toa));
    const { properties, bbox } = expected[ID];
    for (const [key, value] of Object.entries(properties)) near(item.properties[key], value, key);
    for (const [i, value] of bbox.entries()) near(item.bbox[i], value, 'bbox');
    assert.deepEqual(Object.keys(item.assets), ['AnalyticMS']);
    const { nodata, gsd, bands, roles } = item.assets.AnalyticMS;
    assert.deepEqual([item.id, nodata, gsd, roles], [ID, 0, 3, ['data', 'reflectance']]);
    assert.deepEqual(
      bands.map((one: Json) => [one['eo:common_name'], one['raster:scale']]),
      [
        ['blue', 1.815_126_361_25e-5],
        ['green', 1.922_666_812_65e-5],
        ['red', 2.141_552_625_85e-5],
        ['nir', 3.222_216_883_59e-5],
      ],
    );
  });

  for (const [written, datetime] of [
    ['2017-08-31T19:27:54.960530+02:00', '2017-08-31T17:27:54.960Z'],
    ['2017-08-31T23:57:54-05:30', '2017-09-01T05:27:54.000Z'],
    ['2017-08-31T17:27:54.960530+00:00', '2017-08-31T17:27:54.960Z'],
  ] as const)
    test(`has its time in UTC where the metadata say ${written}, and no clouds or angles that are null`, async () => {
      const edit: Edit = (text) =>
        text
          .replace('2017-08-31T17:27:54.960530Z', written)
          .replace(/"(cloud_cover|view_angle)": [\d.]+/g, '"$1": null');
      const { properties } = made(await productOf('planet', toa, edit));
      assert.equal(properties.datetime, datetime);
      assert.ok(!('eo:cloud_cover' in properties) && !('view:off_nadir' in properties));
      assert.equal(properties['view:sun_azimuth'], 145.4);
    });

  test('has eight bands of surface reflectance first, and the bands of its mask, wherever its files lie', async () => {
    const names = [
      json,
      `a/${ID}_3B_AnalyticMS.tif`,
      `a/${ID}_3B_udm2_clip.tif`,
      `${ID}_3B_AnalyticMS_SR_8b_harmonized_clip.tif`,
    ];
    const item = made(
      await productOf('planet', [...names, `${ID}_3B_AnalyticMS_SR_toar.tif`, '20170831_172755_101c_3B_udm2.tif']),
    );
    assert.deepEqual(Object.keys(item.assets), ['AnalyticMS_SR_8b_harmonized_clip', 'AnalyticMS', 'udm2_clip']);
    const [sr, plain, mask] = assetsOf(item).map(([, asset]) => asset);
    assert.deepEqual([sr.bands.length, sr.bands[7]['eo:common_name'], sr.bands[7]['raster:scale']], [8, 'nir', 0.0001]);
    assert.deepEqual([plain.href, plain.bands[0]['raster:scale']], [`./a/${ID}_3B_AnalyticMS.tif`, undefined]);
    assert.deepEqual([mask.bands[0].name, mask.bands[7].name], ['clear', 'udm1']);
  });
});

describe('a folder is refused', () => {
  const [HLS, IW] = [
    'HLS.L30.T19LBJ.2020239T144556.v2.0.cmr.xml',
    'S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8.SAFE',
  ];
  const [PL, PLXML] = ['20170831_172754_101c_metadata.json', '20170831_172754_101c_3B_AnalyticMS_metadata.xml'];
  const [S2, MTL] = ['S2A_L2A_05.09.SAFE', 'LC08_L2SP_005009_20150710_20200908_02_T2_MTL.xml'];
  const replaced =
    (from: string | RegExp, to: string): Edit =>
    (text) =>
      text.replace(from, to);
  const cases: [folder: string, names: string[], edit: Edit, message: RegExp][] = [
    [S2, ['a.tif'], (text) => text, /found no metadata of a scene, allowed are the metadata of one: MTD_MSIL1C\.xml/],
    [
      'landsat',
      readdirSync(new URL('landsat', FIXTURES)),
      (text) => text,
      /found LT05.*MTL\.xml, LM01.*allowed are the metadata of one/,
    ],
    [
      'landsat',
      [MTL],
      replaced('LC08_L2SP_005009', 'LC08_L2SP_005010'),
      /found the scene LC08_L2SP_005010.*allowed is the one that the file is named after/,
    ],
    [
      S2,
      ['MTD_MSIL2A.xml'],
      (text, path) => (path.endsWith('TL.xml') ? text.replaceAll('T01WCP', 'T01WCQ') : text),
      /MTD_TL\.xml: found the tile .*T01WCQ_N05\.09, allowed is that of MTD_MSIL2A\.xml/,
    ],
    [
      S2,
      ['MTD_MSIL2A.xml'],
      replaced('<IMAGE_FILE>GRANULE/', '<IMAGE_FILE>../GRANULE/'),
      /found the file “\.\.\/GRANULE\/.*”, allowed are files in the scene's folder/,
    ],
    ['landsat', [MTL], replaced('_SR_B1.TIF', '/../../etc/B1.TIF'), /found the file “.*etc/],
    [
      'landsat',
      [MTL],
      replaced('<LANDSAT_METADATA_FILE>', '<!DOCTYPE a [<!ENTITY b "c">]><LANDSAT_METADATA_FILE>&b;'),
      /XML that cannot be read \(“Named entity isn't defined: &b;/,
    ],
    [
      'landsat',
      [MTL],
      () => `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`,
      /XML that cannot be read \(“nested too deeply”\)/,
    ],
    ['landsat', [MTL], (text) => text.slice(0, -100), /XML that cannot be read .*download it again/],
    [
      'landsat',
      ['LC08_L2SR_099120_20191129_20201016_02_T2_MTL.txt'],
      (text) => text.slice(0, -100),
      /XML that cannot be read .*Missing end tag/,
    ],
    [
      'landsat',
      [MTL],
      replaced('2015-07-10', '0001-01-01'),
      /found the time “0001-01-01T14:34:35\.9783990Z”, allowed is one in UTC since 1972/,
    ],
    [S2, ['MTD_MSIL2A.xml'], replaced('2023-06-25T23:46:21.024Z', 'noon'), /found the time “noon”/],
    [
      S2,
      ['MTD_MSIL2A.xml'],
      replaced('band_id="1"', 'band_id="77"'),
      /found no offset of B02, allowed is one for each band, or none at all/,
    ],
    [
      S2,
      ['MTD_MSIL2A.xml'],
      replaced('EPSG:32601', 'EPSG:32602'),
      /found the system EPSG:32602 of the square 01WCP, allowed is/,
    ],
    [S2, ['MTD_MSIL2A.xml'], replaced('EPSG:32601', 'bogus'), /found the system bogus/],
    [
      S2,
      ['MTD_MSIL2A.xml'],
      replaced(/(<EXT_POS_LIST>)\S+ /, '$1'),
      /found another footprint, allowed are at least three places on earth, and the first again/,
    ],
    [S2, ['MTD_MSIL2A.xml'], replaced(/IMAGE_FILE>/g, 'IMAGE_ID>'), /found no IMAGE_FILE, allowed is one/],
    ['landsat', [MTL], replaced('>UTM<', '>PS<'), /found no TRUE_SCALE_LAT/],
    [
      'landsat',
      [MTL],
      replaced('<CLOUD_COVER>54.65', '<CLOUD_COVER>much'),
      /found “much” as CLOUD_COVER, allowed is a number/,
    ],
    [
      'hls',
      readdirSync(new URL('hls', FIXTURES)),
      (text) => text,
      /found HLS\.S30.*HLS\.L30.*allowed are the metadata of one/,
    ],
    [
      'hls',
      [HLS],
      replaced('T19LBJ', 'T19LBK'),
      /found the scene HLS\.L30\.T19LBK.*is the one that the file is named after/,
    ],
    ['hls', [HLS], replaced('>ULX<', '>ULZ<'), /v2\.0\.cmr\.xml: found no ULX, allowed is one/],
    ['hls', [HLS], replaced('>-1099980.0<', '>-109999980.0<'), /found a place outside of EPSG:32619/],
    [IW, ['manifest.safe'], replaced('>GRD<', '>SLC<'), /found the product SLC of Sentinel-1, allowed is GRD/],
    [IW, ['manifest.safe'], replaced(/-vv-/g, '-xx-'), /found the image measurement\/s1a-iw-grd-xx.*as \*-vv-\*\.tiff/],
    [
      IW,
      ['manifest.safe'],
      replaced('"./measurement/', '"../measurement/'),
      /found the file “\.\.\/measurement.*folder/,
    ],
    [IW, ['manifest.safe'], replaced('46.033890,1.512143 ', '46.033890 '), /found another footprint/],
    [
      'planet',
      [PL],
      (text) => text,
      /found no image beside it, allowed are files such as .*_3B_AnalyticMS_SR_8b_clip\.tif/,
    ],
    ['planet', [PL], (text) => text.slice(1), /found other JSON \(.*\), allowed is the metadata of a PSScene/],
    [
      'planet',
      [PL, PLXML.replace('_metadata.xml', '.tif')],
      replaced('960530Z', '960530'),
      /found the time .*, allowed is one in UTC since 1972, or with its offset/,
    ],
    ['planet', [PL], replaced('"acquired"', '"taken"'), /found other JSON \(“properties\.acquired: /],
    [
      'planet',
      [PL],
      replaced('_101c', '_101d'),
      /found the scene 20170831_172754_101d, allowed is the one that the file/,
    ],
    [
      'planet',
      [PL, PLXML, PLXML.replace('_metadata.xml', '.tif')],
      replaced('eop:identifier>2017', 'eop:identifier>2018'),
      /AnalyticMS_metadata\.xml: found the scene 20180831.*, allowed is 20170831_172754_101c/,
    ],
  ];
  for (const [folder, names, edit, message] of cases)
    test(String(message), () =>
      assert.rejects(() => productOf(folder, names, edit), { name: 'InvalidSceneFile', message }),
    );
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Edit, editedPackage, PROPERTIES, smallModel } from '../../../../test/benches/packages.ts';
import { isRefused } from '../../../../test/benches/sceneFiles.ts';
import { encodeGeoTiff } from '../../../../test/geoTiff.ts';
import { makeTiff } from '../../../../test/tiff.ts';
import { InvalidSceneFile, ObjectNotFound } from '../../../base/errors.ts';
import { MAX_SCENE_ITEM_BYTES, SCENE_LIMITS } from '../../../base/limits.ts';
import type { TimeTold } from '../../../base/time/acquired.ts';
import type { Chip, ModelPackage } from '../../../package/package.ts';
import { inOneChunk, rangesIn } from '../../rangesIn.ts';
import { crsNamed } from '../../raster/crs.ts';
import type { RasterInfo } from '../../raster/rasterInfo.ts';
import { FORMATS, formatOf } from '../formats.ts';
import { assetAt, webAddress } from './assetAt.ts';
import vectors from './stacItem.vectors.json' with { type: 'json' };

/** A model of chips of 4 × 4 pixels, of three bands as Sentinel-2 has them: of 10, 20 and 60 m. */
const modelOf = (edits: readonly Edit[] = [], type = 'uint16') => {
  const bands = ['B02', 'B11', 'B01'].map((name) => ({ name, data_type: type }));
  return editedPackage([...smallModel(bands, [4, 4]), ...edits]);
};

const [SIDE, ORIGIN] = [12, [500_000, 5_800_000] as readonly [number, number]];

/** A square of 12 × 12 pixels of 10 m, in pixels of so many metres, each with a value of its own. */
function file(
  metres: number,
  { first = 1, epsg = 32_629 as number | null, origin = ORIGIN, nodata = undefined as number | undefined } = {},
) {
  const side = (SIDE * 10) / metres;
  const values = Uint16Array.from({ length: side * side }, (_, i) => first + i);
  const place = { ...(epsg !== null && { epsg }), origin, pixel: metres, ...(nodata !== undefined && { nodata }) };
  return encodeGeoTiff({ width: side, height: side, bands: [values], ...place });
}

const FILES = {
  'north/a.assets/B02.tif': file(10),
  'north/a.assets/B11.tif': file(20, { first: 1001 }),
  'north/a.assets/B01.tif': file(60, { first: 2001 }),
};

type Assets = Record<string, unknown>;

const ASSETS: Assets = {
  B01: { href: './a.assets/B01.tif' },
  B02: { href: 'a.assets/B02.tif' },
  B11: { href: 's3://inbox/north/a.assets/B11.tif' },
};

const itemOf = (assets: Assets, more: object = {}) =>
  Buffer.from(JSON.stringify({ type: 'Feature', stac_version: '1.1.0', id: 'a', assets, ...more }));

type Options = { model?: Awaited<ReturnType<typeof modelOf>>; files?: Record<string, Uint8Array>; limits?: object };

/** Reads an Item, of which the inbox holds the files. */
async function read(item: Uint8Array, { model, files = FILES, limits = {} }: Options = {}) {
  const chips: Chip[] = [];
  const told: [info: RasterInfo, times: readonly TimeTold[] | undefined][] = [];
  const opened: string[] = [];
  let pulled = 0;
  const key = 'north/a.stac.json';
  const scene = {
    key,
    size: item.length,
    range: rangesIn(item),
    chunks: (async function* () {
      yield item.subarray(0, 64);
      yield item.subarray(64);
    })(),
    tell: (info: RasterInfo, times?: readonly TimeTold[]) => void told.push([info, times]),
    asset: Object.assign(
      async (href: string) => {
        const at = assetAt({ bucket: 'inbox', key }, href, { prefixes: [''], buckets: [], hosts: [] });
        const bytes = files[at.key];
        if (bytes === undefined) throw new ObjectNotFound(`s3://inbox/${at.key} does not exist.`);
        opened.push(at.key);
        const rangeOf = rangesIn(bytes);
        const range: typeof rangeOf = async (offset, length) => {
          const got = await rangeOf(offset, length);
          pulled += got.length;
          return got;
        };
        return { key: at.key, size: bytes.length, digest: async () => '1', range, close: () => {} };
      },
      { isAllowed: async (href: string) => !/^(https|s3:\/\/other)/.test(href) },
    ),
  };
  const { format, isSure } = formatOf(scene, item.subarray(0, 64));
  assert.deepEqual([format.name, isSure], ['STAC Item', true]);
  const readItem = format.makeReader(model ?? (await modelOf()), { ...SCENE_LIMITS, ...limits });
  for await (const some of readItem(scene)) chips.push(...some);
  const [info, times] = told[0] ?? [];
  return { chips, info, times, opened, bytes: pulled };
}

const doubles = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer);

/** What a chip's planes hold by the slow and obvious way: of each pixel the one of a file that covers it. */
function expected({ place }: Chip, metres: readonly number[], first: readonly number[]) {
  assert.ok(place.kind === 'window');
  return metres.map((size, band) =>
    Array.from({ length: 16 }, (_, i) => {
      const [x, y] = [place.x + (i % 4), place.y + Math.floor(i / 4)];
      const factor = size / 10;
      return first[band]! + Math.floor(y / factor) * (SIDE / factor) + Math.floor(x / factor);
    }),
  );
}

const planesOf = ({ planes }: Chip) => planes.map((plane) => [...plane]);

describe('a STAC Item', () => {
  const by = 'STAC Item';
  const [start, end] = ['2018-01-01T00:00:00Z', '2018-01-31T23:59:59Z'];
  const interval = { start_datetime: start, end_datetime: end };
  for (const [what, properties, datetime, from = '', to = ''] of [
    [
      'a time and an interval',
      { datetime: '2018-01-06T15:33:21.05Z', ...interval },
      '2018-01-06T15:33:21.05Z',
      start,
      end,
    ],
    ['an interval', { datetime: null, ...interval }, '', start, end],
    ['no time', { datetime: null }, ''],
    ['what is no text', { datetime: 2018, start_datetime: { toString: 1 } }, ''],
  ] as const)
    test(`has the time that it states, and then those of its finest file: ${what}`, async () => {
      const { width, height } = { width: SIDE, height: SIDE };
      const bands = [Uint16Array.from({ length: SIDE * SIDE }, (_, i) => i)];
      const dateTime = '2018:02:03 04:05:06';
      const times = [
        { by, start: datetime },
        { by, start: from, end: to },
        { by: 'ACQUISITIONDATETIME', start: '' },
        { by: 'TIFFTAG_DATETIME', start: dateTime },
      ];
      const dated = encodeGeoTiff({ width, height, bands, epsg: 32_629, origin: ORIGIN, pixel: 10, dateTime });
      const found = await read(itemOf(ASSETS, { properties }), {
        files: { ...FILES, 'north/a.assets/B02.tif': dated },
      });
      assert.deepEqual(found.times, times);
    });

  test('is one scene on the pixels of its finest file, to which coarser files are repeated', async () => {
    const { chips, info, opened } = await read(itemOf(ASSETS));
    assert.equal(chips.length, 9);
    for (const chip of chips) assert.deepEqual(planesOf(chip), expected(chip, [10, 20, 60], [1, 1001, 2001]));
    const { outline, ...about } = info!;
    assert.ok(outline);
    const [bounds, transform] = [
      [500_000, 5_799_880, 500_120, 5_800_000],
      [500_000, 10, 0, 5_800_000, 0, -10],
    ];
    assert.deepEqual(about, { width: SIDE, height: SIDE, bandsBy: 'name', crs: 'EPSG:32629', bounds, transform });
    const paths = ['B02', 'B11', 'B01'].map((name) => `north/a.assets/${name}.tif`);
    assert.deepEqual(opened, paths);
  });

  test('has the values that rasterio reads of its files on the pixels of the finest', async () => {
    const { side, bands } = vectors;
    const files = Object.fromEntries(bands.map(({ name, file }) => [`north/${name}.tif`, Buffer.from(file, 'base64')]));
    const item = itemOf(Object.fromEntries(bands.map(({ name }) => [name, { href: `${name}.tif` }])));
    const { chips } = await read(item, { files });
    assert.equal(chips.length, (side / 4) ** 2);
    for (const { place, planes } of chips) {
      assert.ok(place.kind === 'window');
      const at = (i: number) => (place.y + Math.floor(i / 4)) * side + place.x + (i % 4);
      for (const [band, { values }] of bands.entries())
        assert.ok(planes[band]!.every((value, i) => value === values[at(i)]));
    }
  });

  test('may begin with the mark of UTF-8', async () => {
    const item = itemOf(ASSETS);
    assert.deepEqual(await read(Buffer.concat([Buffer.from('\ufeff'), item])), await read(item));
  });

  const resolved = (metres: number) => ({ name: 'B02', 'raster:spatial_resolution': metres });
  const rasterOf = (metres: number) => ({ 'raster:bands': [{ spatial_resolution: metres }] });
  const named = (name: string, common: string, more: object = {}) => ({
    '1.1': { bands: [{ name, 'eo:common_name': common, ...more }] },
    '1.0': { 'eo:bands': [{ name, common_name: common }] },
  });
  const COMMON: readonly Edit[] = [
    [`${PROPERTIES}/bands/0/eo:common_name`, 'blue'],
    [`${PROPERTIES}/bands/1/eo:common_name`, 'swir16'],
    [`${PROPERTIES}/bands/2/eo:common_name`, 'coastal'],
  ];
  for (const version of ['1.0', '1.1'] as const)
    test(`of STAC ${version} has its bands found by common names`, async () => {
      const model = await modelOf(COMMON);
      const item = itemOf(
        {
          one: { href: 'a.assets/B01.tif', ...named('x', 'coastal')[version] },
          two: { href: 'a.assets/B11.tif', ...named('y', 'swir16')[version] },
          picture: { href: 'a.assets/none.tif', roles: ['thumbnail'], ...named('z', 'blue')[version] },
          web: { href: 'https://example.com/B02.tif', ...named('z', 'blue')[version] },
          three: { href: 'a.assets/B02.tif', ...named('z', 'blue')[version] },
        },
        { stac_version: `${version}.0` },
      );
      const { chips, info } = await read(item, { model });
      assert.equal(info!.bandsBy, 'common name');
      assert.deepEqual(planesOf(chips[4]!), expected(chips[4]!, [10, 20, 60], [1, 1001, 2001]));
    });

  const ofNames = (...bands: readonly (readonly [file: string, name: string, common: string])[]) =>
    itemOf(
      Object.fromEntries(
        bands.map(([path, name, common], i) => [`asset ${i}`, { href: path, ...named(name, common)['1.1'] }]),
      ),
    );
  const [SWIR, COASTAL] = [
    ['a.assets/B11.tif', 'B11', 'swir16'],
    ['a.assets/B01.tif', 'B01', 'coastal'],
  ] as const;

  test('of another sensor, whose common names contradict those of the same names, has its bands found by common names', async () => {
    const item = ofNames(['none.tif', 'B02', 'green'], ['a.assets/B02.tif', 'B03', 'blue'], SWIR, COASTAL);
    const { chips, info } = await read(item, { model: await modelOf(COMMON) });
    assert.equal(info!.bandsBy, 'common name');
    assert.deepEqual(planesOf(chips[4]!), expected(chips[4]!, [10, 20, 60], [1, 1001, 2001]));
  });

  test('has its bands found by common names, and a mask that has none by its name', async () => {
    const item = itemOf({
      red: { href: 'a.assets/B02.tif', ...named('x', 'blue')['1.1'] },
      swir: { href: 'a.assets/B11.tif', ...named('y', 'swir16')['1.1'] },
      B01: ASSETS['B01'],
    });
    const { chips, info } = await read(item, { model: await modelOf(COMMON.slice(0, 2)) });
    assert.equal(info!.bandsBy, 'common name');
    assert.deepEqual(planesOf(chips[4]!), expected(chips[4]!, [10, 20, 60], [1, 1001, 2001]));
  });

  test("is refused if it has the package's common names, and of a band without one only the name", async () => {
    const item = ofNames(['a.assets/B02.tif', 'x', 'blue'], SWIR, COASTAL);
    const model = await modelOf(COMMON.slice(0, 2));
    await isRefused(() => read(item, { model }), /found no asset for B02 \(blue\) among .*B01 \(coastal\)/);
  });

  for (const [what, bands, message] of [
    [
      'has only bands whose common names contradict those of the same names',
      [['none.tif', 'B02', 'green'], SWIR, COASTAL],
      /found no asset for B02 \(blue\) among “B02 \(green\), B11 \(swir16\), B01 \(coastal\)”/,
    ],
    [
      'has bands of several names with one common name',
      [['none.tif', 'x', 'blue'], ['none.tif', 'y', 'blue'], SWIR, COASTAL],
      /found no asset for B02 \(blue\) among “x \(blue\), y \(blue\), B11 \(swir16\), .*each only one band: B02 \(blue\)/,
    ],
  ] as const)
    test(`is refused if it ${what}`, async () => {
      const model = await modelOf(COMMON);
      await isRefused(() => read(ofNames(...bands), { model }), message);
    });

  for (const [field, about] of [
    ['gsd', (metres: number) => ({ gsd: metres, bands: [{ name: 'B02' }] })],
    ['gsd of its band', (gsd: number) => ({ bands: [{ name: 'B02', gsd }] })],
    ['spatial_resolution', (metres: number) => ({ ...named('B02', 'blue')['1.0'], ...rasterOf(metres) })],
    ['raster:spatial_resolution', (metres: number) => ({ 'raster:spatial_resolution': metres })],
    ['raster:spatial_resolution of its band', (metres: number) => ({ bands: [resolved(metres)] })],
    ['raster:spatial_resolution, though gsd is the same', (metres: number) => ({ gsd: 10, bands: [resolved(metres)] })],
    ['proj:transform', (metres: number) => ({ 'proj:transform': [metres, 0, 500_000, 0, -metres, 5_800_000] })],
    ['proj:transform that is rotated', (metres: number) => ({ 'proj:transform': [0, metres, 0, -metres, 0, 0] })],
  ] as const)
    test(`uses the finest of several files of one band, by ${field}`, async () => {
      const item = itemOf({
        B02_20m: { href: 'a.assets/B11.tif', ...about(20) },
        B02_10m: { href: 'a.assets/B02.tif', ...about(10) },
        B11: ASSETS['B11'],
        B01: ASSETS['B01'],
      });
      assert.deepEqual((await read(item)).opened[0], 'north/a.assets/B02.tif');
    });

  test('has the bands of keys that end in a resolution', async () => {
    const item = itemOf({ B02_10m: ASSETS['B02'], B11_20m: ASSETS['B11'], B01_60m: ASSETS['B01'] });
    assert.deepEqual((await read(item)).chips, (await read(itemOf(ASSETS))).chips);
  });

  test('may state null, and assets that are none, which count as absent', async () => {
    const none = { roles: null, gsd: null, alternate: null, bands: null, 'eo:bands': null, 'raster:bands': null };
    const item = itemOf({
      B01: { href: 'a.assets/B01.tif', ...none, nodata: null, 'raster:scale': null, 'eo:common_name': null },
      B02: {
        href: 'a.assets/B02.tif',
        bands: [{ name: null, gsd: null, 'eo:common_name': null, 'raster:scale': null }],
      },
      B11: {
        href: 'https://example.com/B11.tif',
        alternate: { name: 'x', s3: { href: 's3://inbox/north/a.assets/B11.tif' } },
        'eo:bands': [{ name: null, common_name: null }],
        'raster:bands': [{ nodata: null, scale: null, offset: null, spatial_resolution: null }],
      },
      tiles: { title: 'no href' },
      odd: null,
    });
    assert.deepEqual((await read(item)).chips, (await read(itemOf(ASSETS))).chips);
  });

  test('uses a file where it may be read: of several files of a band, and of several addresses of a file', async () => {
    const alternate = (href: string) => ({ alternate: { s3: { href: 's3://other/x.tif' }, own: { href } } });
    const item = itemOf({
      web: { href: 'https://example.com/B02.tif', gsd: 10, bands: [{ name: 'B02' }] },
      own: { href: 'a.assets/B02.tif', gsd: 20, bands: [{ name: 'B02' }] },
      B11: { href: 'https://example.com/B11.tif', ...alternate('./a.assets/B11.tif') },
      B01: { href: 'a.assets/B01.tif', ...alternate('none.tif') },
    });
    const paths = ['B02', 'B11', 'B01'].map((name) => `north/a.assets/${name}.tif`);
    assert.deepEqual((await read(item)).opened, paths);
  });

  test('may have several bands in one file, which is opened once', async () => {
    const both = [1, 500].map((first) => Uint16Array.from({ length: 144 }, (_, i) => first + i));
    const two = encodeGeoTiff({ width: 12, height: 12, bands: both, epsg: 32_629, origin: ORIGIN, pixel: 10 });
    const files = { ...FILES, 'north/two.tif': two };
    const item = itemOf({ two: { href: 'two.tif', bands: [{ name: 'B11' }, { name: 'B02' }] }, B01: ASSETS['B01'] });
    const { chips, opened } = await read(item, { files });
    for (const chip of chips) assert.deepEqual(planesOf(chip), expected(chip, [10, 10, 60], [500, 1, 2001]));
    assert.equal(opened.length, 2);
  });

  test('gives nodata for files without it, and a pixel is valid if one of the files has data', async () => {
    const item = itemOf({
      B01: { href: 'a.assets/B01.tif', 'raster:bands': [{ nodata: 2001 }] },
      B02: { href: 'a.assets/B02.tif', nodata: 1 },
      B11: { href: 'a.assets/B11.tif', bands: [{ nodata: 1001 }] },
    });
    const { chips } = await read(item);
    const shares = chips.map(({ nodataShare }) => nodataShare);
    assert.deepEqual(shares, [1 / 16, ...new Array(8).fill(0)]);
  });

  test('may have files of several types, each checked against the type of its band', async () => {
    const shape = { width: 6, height: 6, epsg: 32_629, origin: ORIGIN, pixel: 20 };
    const bytes = encodeGeoTiff({ ...shape, bands: [Uint8Array.from({ length: 36 }, (_, i) => i)] });
    const { chips } = await read(itemOf(ASSETS), { files: { ...FILES, 'north/a.assets/B11.tif': bytes } });
    assert.deepEqual(planesOf(chips[8]!), expected(chips[8]!, [10, 20, 60], [1, 0, 2001]));
    const floats = encodeGeoTiff({ ...shape, bands: [new Float32Array(36)] });
    const reading = read(itemOf(ASSETS), { files: { ...FILES, 'north/a.assets/B11.tif': floats } });
    await assert.rejects(reading, /a\.stac\.json: found values of float32, allowed is uint16 for the band B11/);
  });

  const resampled = (how: unknown): Edit => [`${PROPERTIES}/swath:resampling`, how];
  for (const [what, edits, secondRow] of [
    ['the values of larger pixels', [], [1001, 1001, 1002, 1002]],
    ['means of neighbours, if the package says so of all bands', [resampled('bilinear')], [1003, 1003, 1003, 1004]],
    ['means of neighbours, if it says so of this one', [resampled({ B11: 'bilinear' })], [1003, 1003, 1003, 1004]],
    [
      'the values of larger pixels, if it says so of others',
      [resampled({ B01: 'bilinear' })],
      [1001, 1001, 1002, 1002],
    ],
  ] as const)
    test(`has ${what}`, async () => {
      const { chips } = await read(itemOf(ASSETS), { model: await modelOf(edits) });
      assert.deepEqual([...chips[0]!.planes[1]!].slice(4, 8), secondRow);
      assert.deepEqual([...chips[0]!.planes[0]!], expected(chips[0]!, [10], [1])[0]);
    });

  const [left, top] = ORIGIN;
  for (const [what, metres, origin, nodata] of [
    ['lies elsewhere by part of a pixel', 20, [left - 7, top + 3], undefined],
    ['has pixels that are larger by one and a half', 15, [left, top], undefined],
    ['covers a part only, with a nodata value', 20, [left + 40, top - 20], 65_535],
    ['covers a part only, without one', 20, [left + 40, top - 20], undefined],
  ] as const)
    test(`is on the grid of the first band if a file ${what}`, async () => {
      const other = file(metres, { first: 1001, origin, ...(nodata !== undefined && { nodata }) });
      const { chips, info } = await read(itemOf(ASSETS), { files: { ...FILES, 'north/a.assets/B11.tif': other } });
      assert.deepEqual([info!.width, info!.height, info!.transform], [SIDE, SIDE, [left, 10, 0, top, 0, -10]]);
      const side = (SIDE * 10) / metres;
      for (const { place, planes, nodataShare } of chips) {
        assert.ok(place.kind === 'window');
        const values = Array.from({ length: 16 }, (_, i) => {
          const [x, y] = [left + 10 * (place.x + (i % 4) + 0.5), top - 10 * (place.y + Math.floor(i / 4) + 0.5)];
          const [column, row] = [Math.floor((x - origin[0]) / metres), Math.floor((origin[1] - y) / metres)];
          const isIn = column >= 0 && row >= 0 && column < side && row < side;
          return isIn ? 1001 + row * side + column : (nodata ?? 0);
        });
        assert.deepEqual([...planes[1]!], values);
        assert.equal(nodataShare, 0);
      }
    });

  test('is on the grid of the first band, though another has more pixels', async () => {
    const files = { ...FILES, 'north/a.assets/B02.tif': file(20, { origin: [left + 10, top] }) };
    const { chips, info } = await read(itemOf(ASSETS), { files, model: await modelOf([resampled('average')]) });
    assert.deepEqual([info!.width, info!.transform], [6, [left + 10, 20, 0, top, 0, -20]]);
    assert.deepEqual([...chips[0]!.planes[1]!].slice(0, 4), [1002, 1003, 1004, 1005]);
  });

  /** Longitudes and latitudes of a ring, of its corners in metres from the upper left of the files. */
  const within = async (...corners: readonly (readonly [right: number, down: number])[]) => {
    const { crs } = await crsNamed('EPSG:32629');
    const ring = [...corners, corners[0]!].map(([right, down]) => crs!.toLonLat(left + right, top - down));
    return { properties: { 'swath:area': { type: 'Polygon', coordinates: [ring] } } };
  };
  const upTo = (right: number, down: number) => within([-50, -50], [right, -50], [right, down], [-50, down]);

  test('with an area is read within: chips outside have no planes, pixels outside are hidden and in no share of clouds', async () => {
    const model = await modelOf();
    const pixels = {
      height: 4,
      width: 4,
      upscaling: 1,
      margin: { top: 0, left: 0 },
    } as ModelPackage['output']['pixels'];
    const mask = { band: 0, values: [1, 2, 97, 98, 99, 100], bits: 0, share: 0.5 };
    const ofPixels = { ...model, mask, output: { ...model.output, pixels } };
    const { chips } = await read(itemOf(ASSETS, await upTo(39, 86)), { model: ofPixels });
    assert.equal(chips.map(({ isOutside = false }) => Number(isOutside)).join(''), '011011011');
    const [first, second] = chips as [Chip, Chip];
    assert.deepEqual(second.planes, []);
    assert.deepEqual(planesOf(first), expected(first, [10, 20, 60], [1, 1001, 2001]));
    assert.deepEqual([first.masked, first.area!.valid!.join('')], [2 / 16, '0011111111111111']);
    assert.deepEqual([chips[6]!.masked, chips[6]!.area!.valid!.join('')], [1, '0000000000000000']);
    assert.equal(chips[3]!.area!.valid, null);
  });

  test('with an area that it does not touch is read without a pixel, and says so', async () => {
    const { chips } = await read(itemOf(ASSETS, await within([200, 200], [300, 200], [300, 300])));
    assert.ok(chips.every(({ isOutside }) => isOutside));
    assert.deepEqual(chips.flatMap(({ warnings = [] }) => warnings).length, 1);
  });

  test('with an area that is a tenth has at most 15 % of its bytes read, in whole blocks', async () => {
    const side = 2048;
    const fields = {
      ...{ ImageWidth: [side], ImageLength: [side], TileWidth: [128], TileLength: [128], BitsPerSample: [8] },
      ...{ ModelPixelScale: doubles(1, 1, 0), ModelTiepoint: doubles(0, 0, 0, left, top, 0) },
      GeoKeyDirectory: new Uint8Array(Uint16Array.of(1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32_629).buffer),
    };
    const blocks = Array.from({ length: (side / 128) ** 2 }, () => new Uint8Array(128 * 128).fill(7));
    const types = { ModelPixelScale: 12, ModelTiepoint: 12, GeoKeyDirectory: 3 };
    const count = (tag: string, many: number) =>
      many / ({ ModelPixelScale: 8, ModelTiepoint: 8, GeoKeyDirectory: 2 }[tag] ?? 1);
    const files = { 'north/B02.tif': makeTiff({ directories: [fields], blocks, isTiled: true, types, count }) };
    const model = await editedPackage(smallModel([{ name: 'B02', data_type: 'uint8' }], [128, 128]));
    const bytesOf = async (more: object) => {
      const item = itemOf({ B02: { href: 'B02.tif' } }, more);
      const found = await read(item, { model, files });
      return { ...found, chips: found.chips.length, outside: found.chips.filter(({ isOutside }) => isOutside).length };
    };
    const [whole, part] = [
      await bytesOf({}),
      await bytesOf(await within([460, 660], [1100, 660], [1100, 1308], [460, 1308])),
    ];
    assert.deepEqual([whole.chips, whole.outside, part.chips, part.outside], [256, 0, 256, 256 - 6 * 6]);
    assert.ok(part.bytes <= 0.15 * whole.bytes, `${part.bytes} of ${whole.bytes}`);
  });

  test('may give the scale and offset of values', async () => {
    const model = await modelOf([[`${PROPERTIES}/swath:physical`, true]], 'float32');
    const B02 = { href: 'a.assets/B02.tif', bands: [{ 'raster:scale': 0.5, 'raster:offset': -1 }] };
    const item = itemOf({ ...ASSETS, B02 });
    const { chips } = await read(item, { model });
    assert.deepEqual([...chips[0]!.planes[0]!].slice(0, 4), [-0.5, 0, 0.5, 1]);
  });

  for (const [what, properties, asset, share, first] of [
    ['for an asset that does not state them', {}, {}, 1 / 16, -0.5],
    ['but not for one that does', {}, { nodata: 9, 'raster:scale': 2, 'raster:offset': 3 }, 0, 5],
    ['nor where they are not as STAC says', { nodata: {}, 'raster:scale': '2' }, {}, 0, 0],
  ] as const)
    test(`takes nodata, scale and offset of its properties ${what}`, async () => {
      const model = await modelOf([[`${PROPERTIES}/swath:physical`, true]], 'float32');
      const defaults = { nodata: 1, 'raster:scale': 0.5, 'raster:offset': -1, ...properties };
      const B01 = { href: 'a.assets/B01.tif', bands: [{ nodata: 2001 }] };
      const B02 = { href: 'a.assets/B02.tif', ...asset };
      const B11 = { href: 'a.assets/B11.tif', nodata: 1001, bands: [{ name: 'B11' }] };
      const { chips } = await read(itemOf({ B01, B02, B11 }, { properties: defaults }), { model });
      assert.deepEqual([chips[0]!.nodataShare, chips[0]!.planes[0]![0]], [share, first]);
    });

  for (const [isApplied, offset, first] of [
    [true, -0.1, 0.5],
    [true, -0.2, 0.3],
    [false, -0.1, 0.4],
    [undefined, -0.1, 0.4],
  ] as const)
    test(`of Earth Search with boa_offset_applied ${isApplied} and the offset ${offset} has values from ${first}`, async () => {
      const model = await modelOf([[`${PROPERTIES}/swath:physical`, true]], 'float32');
      const B02 = { href: 'a.assets/B02.tif', 'raster:bands': [{ scale: 0.5, offset }] };
      const properties = { 'earthsearch:boa_offset_applied': isApplied };
      const { chips } = await read(itemOf({ ...ASSETS, B02 }, { properties }), { model });
      assert.equal(chips[0]!.planes[0]![0], Math.fround(first));
    });
});

describe('an Item is refused', () => {
  const big = Buffer.alloc(MAX_SCENE_ITEM_BYTES + 1, ' ');
  big.set(Buffer.from('{"type":'));
  const without = (name: string) => Object.fromEntries(Object.entries(ASSETS).filter(([key]) => key !== name));
  const withB11 = (bytes: Uint8Array) => ({ files: { ...FILES, 'north/a.assets/B11.tif': bytes } });
  const at = (href: string) => itemOf({ ...ASSETS, B11: { href } });
  const cases: [item: Uint8Array, message: RegExp, options?: Options][] = [
    [Buffer.from('{"type": "Feature", '), /begins like JSON but is not JSON/],
    [itemOf(ASSETS, { type: 'FeatureCollection' }), /not a STAC Item: “type: .*”, allowed is one of STAC 1\.0 or 1\.1/],
    [itemOf(ASSETS, { stac_version: '0.9.0' }), /not a STAC Item: “stac_version: /],
    [big, /1048577 bytes, allowed is a STAC Item of at most 1048576/],
    [itemOf(without('B11')), /found no asset for B11 among “B01, B02”, allowed are .* B02, B11, B01$/],
    [
      itemOf({ ...ASSETS, B11: { href: 1 } }),
      /found no asset for B11 among “B11 \(not read: href: .*expected string, received number\), B01, B02”/,
    ],
    [
      at('https://example.com/B11.tif'),
      /at an address of https, “https:\/\/example\.com\/B11\.tif”.*Copy the file there/,
    ],
    [at('file:///etc/passwd'), /an address of file,/],
    [at('../../etc/passwd'), /found an asset at “\.\.\/\.\.\/etc\/passwd”/],
    [at('%2e%2e/%2E%2E/etc/passwd'), /found an asset at “%2e/],
    [at('/etc/passwd'), /found an asset at “\/etc/],
    [at('s3://another/B11.tif'), /outside of what may be read, at “s3:\/\/another\/B11\.tif”/],
    [
      itemOf(ASSETS),
      /B11\.tif .* in EPSG:32630, which does not overlap .*B02\.tif .* in EPSG:32629, allowed are files of one place/,
      withB11(file(20, { epsg: 32_630 })),
    ],
    [itemOf(ASSETS), /does not overlap/, withB11(file(20, { origin: [500_120, 5_800_000] }))],
    [
      itemOf(ASSETS),
      /B11\.tif of 8 × 8 .* in no coordinate .* and .*B02\.tif of 12 × 12 .* in EPSG:32629, allowed are files that say/,
      withB11(file(15, { epsg: null })),
    ],
    [itemOf(ASSETS), /allowed are files that say where they lie/, withB11(file(20, { epsg: null }))],
    [itemOf(ASSETS), /B11\.tif: found a file that starts with “hello”; formats that/, withB11(Buffer.from('hello'))],
    [itemOf(ASSETS), /north\/a\.assets\/B11\.tif: /, withB11(FILES['north/a.assets/B11.tif'].subarray(0, 100))],
    [
      itemOf({ ...ASSETS, B11: { href: 'a.assets/B11.tif', bands: [{ name: 'B11' }, { name: 'B12' }] } }),
      /B11\.tif: found 1 bands, allowed are as many as the Item says of the asset “B11”, 2/,
    ],
    [itemOf(ASSETS), /bytes in the files of its bands, allowed are at most 600/, { limits: { maxFileBytes: 600 } }],
  ];
  for (const [item, message, options] of cases)
    test(String(message), () => isRefused(() => read(item, options), message));

  test('but not for good if one of its files has not arrived yet', async () => {
    const { 'north/a.assets/B11.tif': _, ...files } = FILES;
    const message =
      /no file for the asset “B11”: s3:\/\/inbox\/north\/a\.assets\/B11\.tif does not exist\. Send the files before the Item/;
    await assert.rejects(read(itemOf(ASSETS), { files }), { name: 'ObjectNotFound', message });
  });

  test('among bulk files, and when it is read again for a picture', async () => {
    const item = itemOf(ASSETS);
    const [format] = FORMATS.filter(({ name }) => name === 'STAC Item');
    const model = await modelOf();
    const ranges = { key: 'a.stac.json', size: item.length, range: rangesIn(item) };
    const chunks = inOneChunk(item);
    const readItem = format!.makeReader(model, SCENE_LIMITS);
    const reading = readItem({ ...ranges, chunks })[Symbol.asyncIterator]();
    await assert.rejects(reading.next(), { name: 'InvalidSceneFile', message: /among bulk files/ });
    const chip = format!.readChip({ ...ranges, head: item.subarray(0, 64) }, { index: 0, kind: 'index' }, model);
    await assert.rejects(chip, { name: 'InvalidSceneFile', message: /not again for a picture/ });
  });
});

describe('the web address of an asset is', () => {
  const hosts = ['data.example.com', 'data.example.com:8443', '*.example.org', 'storage.googleapis.com'];
  for (const [href, found] of [
    ['https://data.example.com/a b.tif?sig=1', 'https://data.example.com/a%20b.tif?sig=1'],
    ['HTTPS://DATA.example.com:443/a', 'https://data.example.com/a'],
    ['https://data.example.com:8443/a', 'https://data.example.com:8443/a'],
    ['https://a.b.example.org/a', 'https://a.b.example.org/a'],
    ['gs://bucket/a b/c?d#e.tif', 'https://storage.googleapis.com/bucket/a%20b/c%3Fd%23e.tif'],
  ] as const)
    test(`${href}: ${found}`, () => assert.equal(webAddress(href, hosts)?.href, found));
  const others = [
    'https://data.example.com:1/a',
    'https://example.org/a',
    'https://badexample.org/a',
    'https://u@data.example.com/a',
  ];
  for (const href of [
    ...others,
    'http://data.example.com/a',
    '//data.example.com/a',
    'a.tif',
    'gs://',
    'https:',
    's3://a.example.org/a',
  ])
    test(`${href}: none`, () => assert.equal(webAddress(href, hosts), undefined));
});

describe('the location of an asset is', () => {
  const item = { bucket: 'inbox', key: 'scenes/2026/a.stac.json' };
  const places = { prefixes: ['scenes/', 'bulk/'], buckets: ['archive'], hosts: [] };
  for (const [href, bucket, key] of [
    ['B02.tif', 'inbox', 'scenes/2026/B02.tif'],
    ['./a.assets/B02%20x.tif', 'inbox', 'scenes/2026/a.assets/B02 x.tif'],
    ['../2025/B02.tif', 'inbox', 'scenes/2025/B02.tif'],
    ['../../bulk/B02.tif', 'inbox', 'bulk/B02.tif'],
    ['s3://inbox/scenes/B02.tif', 'inbox', 'scenes/B02.tif'],
    ['s3://archive/a%20b/../B02.tif', 'archive', 'a%20b/../B02.tif'],
  ] as const)
    test(`${href}: ${bucket}, ${key}`, () => assert.deepEqual(assetAt(item, href, places), { bucket, key }));
  const outside = ['', '.', '..', '../../..', '../../B02.tif', '..%2f..%2f..%2fa'];
  for (const href of [...outside, 's3://inbox/B02.tif', 's3://inbox', 's3:///a', 'b/', '%', 'a%00'])
    test(`${JSON.stringify(href)}: nowhere`, () => assert.throws(() => assetAt(item, href, places), InvalidSceneFile));
});

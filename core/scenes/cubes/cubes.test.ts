import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { memoryCube } from '../../../test/benches/memoryCube.ts';
import { inJson, pixelsOfRaster } from '../../../test/benches/pixelsOfRaster.ts';
import { ObjectNotFound } from '../../base/errors.ts';
import { isZarr } from '../../base/keys.ts';
import { SCENE_LIMITS } from '../../base/limits.ts';
import type { SourceBand } from '../../package/facts.ts';
import { assetAt } from '../formats/stacItem/assetAt.ts';
import { crc32c } from '../formats/tfrecord/crc32c.ts';
import { inOneChunk, rangesIn } from '../rangesIn.ts';
import { crsOf } from '../raster/crs.ts';
import { stackCube } from './cubeRaster.ts';
import vectors from './cubes.vectors.json' with { type: 'json' };
import { openZarr } from './zarr.ts';

type Files = Record<string, string | Uint8Array>;
type Vector = {
  what: string;
  files: Files;
  type: string;
  bands: Record<string, (number | string)[]>;
  transform?: number[];
  crs?: string;
  scale?: number;
  offset?: number;
  nodata?: string;
  start?: string;
};

const all = vectors.vectors as unknown as Vector[];
const bytesOf = (file: string | Uint8Array) => (typeof file === 'string' ? Buffer.from(file, 'base64') : file);

/** Opens a store whose files are in memory. */
async function openStore(
  files: Files,
  names: readonly string[],
  limits = {},
  resampling?: 'bilinear',
  trouble?: Error,
) {
  const name = Object.keys(files).find((one) => isZarr(`a.zarr/${one}`)) ?? 'zarr.json';
  const key = `north/a.zarr/${name}`;
  const bytes = bytesOf(files[name]!);
  const opened: string[] = [];
  const scene = {
    ...{ key, size: bytes.length, range: rangesIn(bytes), chunks: inOneChunk(bytes) },
    async asset(href: string) {
      const at = assetAt({ bucket: 'inbox', key }, href, { prefixes: [''], buckets: [], hosts: [] }).key.slice(
        'north/a.zarr/'.length,
      );
      if (files[at] === undefined) throw new ObjectNotFound(at);
      opened.push(at);
      if (trouble) throw trouble;
      const content = bytesOf(files[at]);
      return { key: at, size: content.length, digest: async () => '1', range: rangesIn(content), close: () => {} };
    },
  };
  const cube = await openZarr(scene, { ...SCENE_LIMITS, ...limits });
  const about = { commonName: null, ...(resampling && { resampling }) };
  const wanted = names.map((name): Pick<SourceBand, 'name' | 'commonName'> => ({ name, ...about }));
  const found = await stackCube(key, cube, wanted as SourceBand[], { ...SCENE_LIMITS, maxRecordBytes: 2 ** 20 });
  return { ...found, cube, opened };
}

const pixelsOf = ({ raster }: Awaited<ReturnType<typeof openStore>>) => pixelsOfRaster(raster);

describe('a store has the values that xarray reads, pixel for pixel:', () => {
  for (const { what, files, type, bands, transform, crs, scale, offset, nodata, start } of all)
    test(what, async () => {
      const found = await openStore(files, Object.keys(bands));
      assert.equal(found.raster.type, type);
      assert.deepEqual(
        (await pixelsOf(found)).map((values) => Array.from(values, inJson)),
        Object.values(bands),
      );
      if (transform !== undefined) assert.deepEqual(found.raster.transform, transform);
      if (crs !== undefined) assert.equal((await crsOf(found.raster.geoKeys)).crs?.name, crs);
      const [band] = found.raster.bands;
      assert.deepEqual([band!.scale, band!.offset], [scale ?? null, offset ?? null]);
      if (nodata !== undefined) assert.equal(String(band!.nodata), nodata);
      if (start !== undefined)
        assert.ok(
          found.times.some((time) => time.start === start),
          JSON.stringify(found.times),
        );
      assert.deepEqual(found.cube.about(), {});
    });
});

const others = vectors.others as unknown as Record<string, Files>;
const { plain } = vectors;
const bare = others['bare']!;
const named = 'zarr.json';

/** The store with another text in its metadata. */
function changed(files: Files, from: string | RegExp, to: string): Files {
  const text = JSON.stringify(JSON.parse(bytesOf(files[named]!).toString()));
  assert.match(text, new RegExp(from));
  return { ...files, [named]: Buffer.from(text.replace(from, to)) };
}

describe('a store', () => {
  test('without coordinates is read, without a place', async () => {
    const found = await openStore(bare, ['b02']);
    assert.deepEqual([found.raster.transform, found.raster.geoKeys], [null, null]);
    assert.deepEqual([...(await pixelsOf(found))[0]!], plain);
  });

  for (const about of [
    '{"dtype":"uint16"}',
    '{"dtype":"u2","astype":"uint16"}',
    '{"dtype":"=u2"}',
    '{"astype":"<u2"}',
    undefined,
  ])
    test(`of differences has their sums, whatever the type is called: ${about ?? 'not at all'}`, async () => {
      const delta = `{"name":"numcodecs.delta"${about === undefined ? '' : `,"configuration":${about}`}}`;
      const found = await openStore(changed(bare, /"codecs":\[/, `"codecs":[${delta},`), ['b02']);
      let sum = 0;
      const sums = plain.map((difference) => (sum = (sum + difference) & 0xffff));
      assert.deepEqual([...(await pixelsOf(found))[0]!], sums);
    });

  test('may have its bands along a dimension, by the names that the variable lists', async () => {
    const [first, second] = await pixelsOf(await openStore(others['bands']!, ['b03', 'b02']));
    assert.deepEqual([...second!], plain);
    assert.deepEqual(
      [...first!],
      Array.from({ length: 4 }, (_, row) => plain.slice(18 - 6 * row, 24 - 6 * row)).flat(),
    );
  });

  for (const what of Object.keys(others).filter((one) => one.startsWith('labels')))
    test(`may have its bands along a dimension, by ${what}`, async () => {
      const { match, ...found } = await openStore(others[what]!, ['b02', 'b03']);
      assert.equal(match.by, 'name');
      assert.deepEqual([...(await pixelsOf({ match, ...found }))[0]!], plain);
    });

  test('has its bands by position along one dimension without names', async () => {
    const { match } = await openStore(changed(others['bands']!, 'long_name', 'other'), ['b08', 'b04']);
    assert.equal(match.by, 'position');
    const labelled = openStore(others['labels of fixed length in Zarr 3']!, ['b08', 'b04']);
    await assert.rejects(labelled, { name: 'InvalidSceneFile', message: /found the bands “b03, b02”, allowed/ });
  });

  test('has its bands by position though a map without bands lies beside them', async () => {
    const cube = memoryCube({
      elevation: { values: Uint8Array.of(7, 8), dimensions: ['y', 'x'], shape: [1, 2] },
      reflectance: { values: Uint8Array.of(1, 2, 3, 4), dimensions: ['y', 'x', 'bands'], shape: [1, 2, 2] },
    });
    const wanted = ['b0', 'b1'].map((name) => ({ name, commonName: null })) as unknown as SourceBand[];
    const { raster, match } = await stackCube('a.nc', cube, wanted, SCENE_LIMITS);
    assert.equal(match.by, 'position');
    assert.deepEqual(
      (await pixelsOfRaster(raster)).map((band) => [...band].map(Number)),
      [
        [1, 3],
        [2, 4],
      ],
    );
  });

  test('fails, to be retried, without a chunk of its coordinates', async () => {
    const { files } = all.find(({ what }) => what === 'of one date')!;
    const labels = others['labels of fixed length in Zarr 3']!;
    for (const [store, path] of [[files, 'x/c/0'] as const, [labels, 'band/c/0'] as const]) {
      const { [path]: _, ...rest } = store;
      const name = 'ObjectNotFound';
      await assert.rejects(openStore(rest, ['b02']), {
        name,
        message: new RegExp(`no chunk “${path}”.*Retry its run`),
      });
    }
  });

  test('without a chunk has the fill value there, and says so', async () => {
    const { 'b02/c/0/0': _, ...files } = bare;
    const found = await openStore(files, ['b02']);
    assert.deepEqual([...(await pixelsOf(found))[0]!], new Array(24).fill(0));
    assert.deepEqual(found.cube.about(), {
      warnings: ['north/a.zarr/zarr.json: found no chunk “b02/c/0/0”: its pixels have the fill value'],
    });
    assert.deepEqual(found.cube.about(), {});
  });

  test('of 64-bit integers without a fill value has 0 there', async () => {
    const { files, bands } = all.find(({ what }) => what.includes('without a fill value'))!;
    const { 'b02/0.0.0': _, ...rest } = files;
    const [pixels] = await pixelsOf(await openStore(rest, ['b02']));
    const expected = bands['b02']!.map((value, i) => (i % 14 < 5 && i < 4 * 14 ? '0' : value));
    assert.deepEqual(Array.from(pixels!, inJson), expected);
  });

  test('has means of neighbours on smaller pixels, if the package says so', async () => {
    const { files } = all.find(({ what }) => what.includes('EOPF'))!;
    const repeated = await pixelsOf(await openStore(files, ['b02', 'b11']));
    const [b02, b11] = await pixelsOf(await openStore(files, ['b02', 'b11'], {}, 'bilinear'));
    assert.deepEqual(b02, repeated[0]);
    const [left, , right] = [...repeated[1]!].map(Number) as [number, number, number];
    assert.deepEqual([...b11!.slice(0, 2)].map(Number), [left, Math.floor(0.75 * left + 0.25 * right + 0.5)]);
  });

  test('has only the chunks of its bands opened', async () => {
    const store = all.find(({ what }) => what.includes('EOPF'))!;
    const found = await openStore(store.files, ['b11']);
    await pixelsOf(found);
    const ofPixels = found.opened.filter((path) => !/\/[xy]\/0$/.test(path));
    assert.deepEqual(
      [...new Set(ofPixels)].sort(),
      ['0.0', '0.1', '0.2'].map((at) => `measurements/reflectance/r20m/b11/${at}`),
    );
  });

  for (const code of ['"proj:code":"EPSG:32629"', '"proj:projjson":{"id":{"authority":"EPSG","code":32629}}'])
    test(`is named by the transform and the code of GeoZarr where it has no coordinates: ${code}`, async () => {
      const attributes = `"attributes":{${code},"spatial:transform":[10,0,500000,0,-10,5800000]}`;
      const store = changed(bare, /"attributes":\{\},"dimension_names":\["j"/, `${attributes},"dimension_names":["j"`);
      const { raster } = await openStore(store, ['b02']);
      assert.deepEqual(raster.transform, [500_000, 10, 0, 5_800_000, 0, -10]);
      assert.equal((await crsOf(raster.geoKeys)).crs?.name, 'EPSG:32629');
    });
});

describe('a store is refused', () => {
  const cut = Buffer.from(bytesOf(bare['b02/c/0/0']!)).subarray(0, 20);
  const [, , about] = /("b02":)(\{.*?"storage_transformers":\[\]\})/.exec(
    JSON.stringify(JSON.parse(bytesOf(bare[named]!).toString())),
  )!;
  const texts = Buffer.from(
    '{"zarr_format": 3, "node_type": "group", "attributes": {"a": ": NaN, \\"", "b": -Infinity}, "consolidated_metadata": {"metadata": {}}}',
  );
  const twice = changed(bare, '"b02":', `"other/b02":${about},"b02":`);
  const cases: [what: string, files: Files, message: RegExp, limits?: object][] = [
    [
      'of several dates',
      others['two dates']!,
      /found 2 values along the dimension “time” of the variable “b02”.*isel\(time=\[0\]\)/,
    ],
    ['of several heights', others['heights']!, /2 values along the dimension “height”/],
    ['at unequal distances', others['unequal']!, /unequal distances, “x”, for the variable “b02”.*gdalwarp -geoloc/],
    [
      'of a curved grid',
      others['curved']!,
      /a place of its own for each pixel, “lat”.*gdalwarp -geoloc .*'ZARR:"a\.zarr":\/VARIABLE'/,
    ],
    [
      'without consolidated metadata',
      others['without consolidated metadata']!,
      /zarr\.consolidate_metadata\('a\.zarr'\)/,
    ],
    ['of texts that say NaN, without the band', { [named]: texts }, /found 0 bands, allowed are the bands b02/],
    [
      'of variables without values',
      changed(bare, /"shape":\[4,6\]/, '"shape":[0,6]'),
      /found 0 × 6 values in the variable “b02”, allowed is at least one along each dimension/,
    ],
    ['of no JSON', { [named]: Buffer.from('{"a": ') }, /found no JSON object, allowed are the metadata/],
    ['of other JSON', { [named]: Buffer.from('{"type": "Feature"}') }, /do not name the arrays/],
    [
      'without the band',
      changed(others['bands']!, /"b02"/, '"b2"'),
      /found 2 bands: “b2, b03”, allowed are the bands b02/,
    ],
    [
      'of as many variables as bands, of other names',
      changed(bare, '"b02"', '"red"'),
      /found the bands “red”, allowed are the bands b02: variables of these names/,
    ],
    ['of two equal variables for a band', twice, /found “other\/b02, b02” of equal size, allowed is one variable/],
    [
      'of more pixels than an image may have',
      changed(bare, /"shape":\[4,6\]/, '"shape":[400000,600000]'),
      /240000000000 pixels/,
    ],
    [
      'of more chunks than an image may have',
      changed(changed(bare, /"shape":\[4,6\]/, '"shape":[100000,100000]'), /\[4,6\]/, '[1,1]'),
      /in 10000000000 chunks/,
    ],
    [
      'with a damaged chunk',
      { ...bare, 'b02/c/0/0': cut },
      /the chunk 0, 0 of “b02” can not be decoded: .*zstd.*: unexpected end of file”\. Send it again, or write it with other codecs\.$/,
    ],
    [
      'with a codec that is not known',
      changed(bare, /"zstd"/g, '"pcodec"'),
      /can not be decoded: “Unknown codec: pcodec”, allowed are Blosc, [^.]*\. Write the store anew with these, .*\(\)\.$/,
    ],
    ['with differences of another type', others['differences of another type']!, /“delta of <f4 as <i4”/],
    ['with those in Zarr 3', others['differences of another type in Zarr 3']!, /“delta of <f4 as <i4”/],
    [
      'with differences of another byte order',
      others['differences of another byte order']!,
      /filters of two byte orders/,
    ],
    ['with packed values of another one', others['packed values of another byte order']!, /filters of two byte orders/],
    ['with a codec around its shards', others['transposed shards']!, /“codecs around shards”, allowed are/],
    [
      'with a codec for other sides, which is an error without a class of its own',
      {
        [named]: changed(bare, /"codecs":\[/, '"codecs":[{"name":"transpose","configuration":{"order":[0]}},')[named]!,
      },
      /the chunk 0, 0 of “b02” can not be decoded: “Order length must match/,
    ],
    ['with a chunk of other content', changed(bare, /"zstd"/g, '"gzip"'), /can not be decoded/],
    [
      'with a chunk too short',
      changed(changed(bare, /"shape":\[4,6\]/, '"shape":[8,6]'), /\[4,6\]/, '[8,6]'),
      /24 of 48 values/,
    ],
    [
      'with chunks that say to be larger',
      changed(bare, /\[4,6\]/g, '[4000, 6000]'),
      /chunks of 48000000 bytes.*maxRecordBytes/,
    ],
    [
      'with more bytes than a scene may have',
      bare,
      /more than \d+ bytes in the chunks.*maxFileBytes/,
      { maxFileBytes: bytesOf(bare[named]!).length + 10 },
    ],
  ];
  for (const [what, files, message, limits] of cases)
    test(what, () =>
      assert.rejects(async () => pixelsOf(await openStore(files, ['b02'], limits)), {
        name: 'InvalidSceneFile',
        message,
      }),
    );

  for (const what of ['Zarr 3 with a checksum', 'Zarr 2 with a checksum before the values', 'Zarr 3 of shards'])
    test(`with a damaged chunk or index of shards, whose checksum says so: ${what}`, async () => {
      const { files } = all.find((one) => one.what === what)!;
      const path = Object.keys(files).find((one) => /^b02\/.*0$/.test(one))!;
      const chunk = new Uint8Array(bytesOf(files[path]!));
      chunk[chunk.length - 10]! ^= 0x40;
      const reading = async () => pixelsOf(await openStore({ ...files, [path]: chunk }, ['b02']));
      await assert.rejects(reading, { name: 'InvalidSceneFile', message: /can not be decoded: .*crc32c/ });
    });

  test('with a chunk that would decompress to more than its pixels', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(2 ** 24));
    const reading = async () => pixelsOf(await openStore({ ...bare, 'b02/c/0/0': bomb }, ['b02']));
    await assert.rejects(reading, { name: 'InvalidSceneFile', message: /can not be decoded/ });
  });

  for (const [what, at, codec] of [['blosc with zlib', 7, 'blosc'] as const, ['lz4', 3, 'lz4'] as const])
    test(`with a chunk of ${codec} whose header states more`, async () => {
      const { files } = all.find((one) => one.what === `Zarr 2 with ${what}`)!;
      const chunk = new Uint8Array(bytesOf(files['b02/0.0']!));
      chunk[at]! ^= 0x55;
      const error = await pixelsOf(await openStore({ ...files, 'b02/0.0': chunk }, ['b02'])).catch((one) => one);
      assert.equal(error.name, 'InvalidSceneFile');
      assert.match(error.message, new RegExp(`can not be decoded: .*${codec}`));
      assert.match(error.cause.cause.message, /states more bytes/);
    });

  test('with a stored chunk, or one in a shard, of more bytes than chunks may have', async () => {
    const shards = all.find(({ what }) => what === 'Zarr 3 of shards')!;
    for (const files of [bare, shards.files]) {
      const maxRecordBytes = bytesOf(files[named]!).length;
      const chunk = new Uint8Array(4 * maxRecordBytes); // an index of zeros: chunks of no bytes
      chunk.set([0xff, 0xff], chunk.length - 68 + 9);
      if (files !== bare) new DataView(chunk.buffer).setUint32(chunk.length - 4, crc32c(chunk.subarray(-68, -4)), true);
      const reading = async () =>
        pixelsOf(await openStore({ ...files, 'b02/c/0/0': chunk }, ['b02'], { maxRecordBytes }));
      await assert.rejects(reading, { name: 'InvalidSceneFile', message: /found a chunk of \d+ bytes, allowed are/ });
    }
  });

  test('only for what the file is, and not for a trouble while a chunk is read', async () => {
    const found = await openStore(bare, ['b02'], {}, undefined, new Error('lost'));
    await assert.rejects(pixelsOf(found), { name: 'Error', message: 'lost' });
  });
});

describe('the scale_factor and add_offset of a variable', () => {
  async function readScaled(attributes: object, isPhysical = true) {
    const cube = memoryCube({
      b02: { values: Int16Array.of(1, 2), dimensions: ['y', 'x'], shape: [1, 2], attributes: { ...attributes } },
    });
    const plain: SourceBand = { name: 'b02', dataType: 'int16', bytesPerChip: 4, commonName: null };
    const wanted = isPhysical ? { ...plain, physical: { scale: 1, offset: 0, stored: 'int16' } as const } : plain;
    const [band] = (await stackCube('a.nc', cube, [wanted], SCENE_LIMITS)).raster.bands;
    return [band!.scale, band!.offset];
  }
  for (const [what, attributes, expected] of [
    ['numbers', { scale_factor: 0.25, add_offset: -1 }, [0.25, -1]],
    ['lists of one number, as xarray reads them', { scale_factor: [0.25], add_offset: [-1] }, [0.25, -1]],
    ['null, as if they were not there', { scale_factor: null, add_offset: null }, [null, null]],
  ] as const)
    test(`may be ${what}`, async () => assert.deepEqual(await readScaled(attributes), expected));

  for (const [attributes, found] of [
    [{ scale_factor: '0.25' }, 'the string “0.25” as scale_factor'],
    [{ scale_factor: 'NaN' }, 'the string “NaN” as scale_factor'],
    [{ scale_factor: Number.NaN }, 'the number “NaN” as scale_factor'],
    [{ scale_factor: 1, add_offset: [1, 2] }, 'the list “1,2” as add_offset'],
    [{ scale_factor: [] }, 'the list “” as scale_factor'],
    [{ scale_factor: ['0.25'] }, 'the list “0.25” as scale_factor'],
    [{ add_offset: true }, 'the boolean “true” as add_offset'],
    [{ add_offset: 2n ** 60n }, 'the bigint “1152921504606846976” as add_offset'],
  ] as const)
    test(`are refused where they are ${found} and the package takes physical values, else left out`, async () => {
      const message = `a.nc: found ${found} of the variable “b02”, allowed is a number. Write it as one.`;
      await assert.rejects(readScaled(attributes), { name: 'InvalidSceneFile', message });
      assert.ok((await readScaled(attributes, false)).includes(null));
    });
});

describe('dimensions of any name, the columns first, are told apart by', () => {
  const [X, Y] = ['projection_x_coordinate', 'projection_y_coordinate'];
  for (const [what, names, u, v, isTurned] of [
    ['the axis of their coordinates', ['u', 'v'], { axis: 'X' }, { axis: 'Y' }, true],
    ['their standard names', ['u', 'v'], { standard_name: X }, { standard_name: Y }, true],
    ['that of one of them', ['u', 'v'], { axis: 'X' }, {}, true],
    ['that of the other', ['u', 'v'], {}, { standard_name: Y }, true],
    ['their own names, whatever is said besides', ['y', 'x'], { axis: 'X' }, { axis: 'Y' }, false],
    ['the name of one, as the other is what is left', ['lon', 'v'], {}, {}, true],
    ['their places, where nothing is said', ['u', 'v'], {}, {}, false],
  ] as const)
    test(what, async () => {
      const cube = memoryCube({
        b02: { values: Uint8Array.of(1, 2, 3, 4, 5, 6), dimensions: names, shape: [3, 2] },
        [names[0]]: { values: Float64Array.of(20, 10, 0), attributes: u },
        [names[1]]: { values: Float64Array.of(50, 60), attributes: v },
      });
      const wanted = [{ name: 'b02', commonName: null }] as unknown as SourceBand[];
      const { raster } = await stackCube('a.nc', cube, wanted, SCENE_LIMITS);
      const pixels = Array.from((await pixelsOfRaster(raster))[0]!, Number);
      if (isTurned) assert.deepEqual([raster.width, raster.height, pixels], [3, 2, [2, 4, 6, 1, 3, 5]]);
      else assert.deepEqual([raster.width, raster.height, pixels], [2, 3, [1, 2, 3, 4, 5, 6]]);
    });
});

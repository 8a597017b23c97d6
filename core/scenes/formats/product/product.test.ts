import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { encodeTar } from '../../../../test/archives.ts';
import { type Edit, editedPackage, PROPERTIES, smallModel } from '../../../../test/benches/packages.ts';
import {
  type Files,
  grdFiles,
  hlsFiles,
  LANDSAT,
  landsatFiles,
  landsatTextFiles,
  OTHERS,
  planetFiles,
  SAFE,
  safeFiles,
  within,
} from '../../../../test/benches/products.ts';
import { isRefused, readScene, streamOf } from '../../../../test/benches/sceneFiles.ts';
import { encodeGeoTiff } from '../../../../test/geoTiff.ts';
import { encodeZip, type ZipFields } from '../../../../test/numpy.ts';
import { ObjectNotFound } from '../../../base/errors.ts';
import { SCENE_LIMITS } from '../../../base/limits.ts';
import type { ModelPackage } from '../../../package/package.ts';
import { itemOf } from '../../products/product.ts';
import { productIn } from '../../products/products.ts';
import { rangesIn } from '../../rangesIn.ts';
import { makeReadChips } from '../../readChips.ts';
import { FORMATS, formatOf } from '../formats.ts';

/** A model of chips of 4 × 4 pixels, whose bands have 10, 20 and 60 m, and whose clouds are in a mask. */
const modelOf = (names: readonly string[], edits: readonly Edit[] = []) => {
  const bands = names.map((name) => ({ name, data_type: 'uint16' }));
  return editedPackage([...smallModel(bands, [4, 4]), ...edits]);
};
const ofSentinel = await modelOf(['B02', 'B11', 'B01']);
const ofLandsat = await modelOf(['red', 'nir08', 'lwir11']);

/** Reads a file of an inbox that holds others. */
async function read(file: Uint8Array, model: ModelPackage, { key = 'north/a', files = {} as Files } = {}) {
  const told: unknown[] = [];
  const opened: string[] = [];
  const { format } = formatOf({ key, size: file.length }, file.subarray(0, 512));
  const asset = async (href: string) => {
    const bytes = files[href.replace(/^\.\//, '')];
    if (bytes === undefined) throw new ObjectNotFound(`${href} does not exist.`);
    opened.push(href);
    return { key: href, size: bytes.length, digest: async () => '1', range: rangesIn(bytes), close: () => {} };
  };
  const options = { key, asset, tell: (...about: unknown[]) => void told.push(about) };
  const { chips, requests, streamed, closed } = await readScene(format, file, model, options);
  const values = chips.map(({ planes, place, cloudCover, nodataShare }) => ({
    planes: planes.map((plane) => [...plane]),
    ...{ place, cloudCover, nodataShare },
  }));
  return { values, told, opened, requests, streamed, closed };
}

/** What the Item of a folder, as `swath stac make` writes it, is read as with the files of the folder. */
async function byItem(files: Files, model: ModelPackage) {
  const names = Object.keys(files);
  const product = await productIn(
    'a',
    names.filter((name) => !name.includes('/')),
    async (name) => Buffer.from(files[name]!).toString(),
  );
  const { item } = itemOf(product, { there: new Set(names), hrefOf: (path) => `./${path}`, isPartial: true });
  return read(Buffer.from(JSON.stringify(item)), model, { files });
}

/** Bytes that a scene's archive has and no model needs. */
const NOISE = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3);
const JUNK = [
  { name: '__MACOSX/._x.SAFE/MTD_MSIL2A.xml', bytes: NOISE.subarray(0, 100) },
  { name: 'preview.jpg', bytes: NOISE },
];

for (const [what, files, folder, model] of [
  ['Sentinel-2', safeFiles(), `${SAFE}/`, ofSentinel],
  ['Landsat', landsatFiles(), '', ofLandsat],
] as const)
  describe(`a scene of ${what} is classified as its Item with the unpacked files is:`, () => {
    const metadata = Object.keys(files).find((name) => /^MTD|_MTL/.test(name))!;
    const all = [...JUNK, ...within(folder, files)];
    const forms: [form: string, file: Uint8Array, key: string][] = [
      ['a zip of stored files', encodeZip(all), 'north/a.zip'],
      ['a zip of deflated files', encodeZip(all, { isDeflated: true }), 'north/a.zip'],
      ['a zip of its files alone', encodeZip(within(folder, files)), 'north/a.zip'],
      ['a zip without its folder', encodeZip(within('', files)), 'north/a.zip'],
      [
        'a tar that begins with a file that no model takes',
        encodeTar([{ name: `${LANDSAT}_ST_ATRAN.TIF`, bytes: NOISE }, ...within('', files)].slice(0, folder ? 1 : 99)),
        'north/a.tar',
      ],
      ['a tar', encodeTar(within(folder.slice(0, 60), files).map((one) => ({ ...one }))), 'north/a.tar'],
      ['a tar of ./', encodeTar(within('./', files).filter(({ name }) => name.length < 100)), 'north/a.tar'],
      ['the folder', files[metadata]!, `north/x/${metadata}`],
    ];
    for (const [form, file, key] of forms) {
      if (key.endsWith('.tar') && folder !== '') continue; // whose names are longer than a plain header's
      test(form, async () => {
        const [{ values, told }, item] = [await read(file, model, { key, files }), await byItem(files, model)];
        assert.ok(values.length >= 1 && item.values.length === values.length);
        assert.deepEqual(values, item.values);
        const asItem = JSON.stringify(told).replaceAll('"by":"metadata"', '"by":"STAC Item"');
        assert.equal(asItem, JSON.stringify(item.told));
      });
    }

    test('and of an archive no more is read than its directory, its metadata and the bands of the model', async () => {
      const { requests, streamed } = await read(encodeZip(all), model);
      assert.ok(streamed <= 1000, `${streamed} bytes of the stream`);
      const bytes = requests.reduce(
        (sum, [offset, length]) => sum + Math.min(length, encodeZip(all).length - offset),
        0,
      );
      assert.ok(bytes < 250_000, `${bytes} bytes`);
      assert.ok(requests.length < 40, `${requests.length} requests`);
    });
  });

for (const [what, files, folder, bands, metadata] of [
  ['HLS', hlsFiles(), OTHERS.GRANULE, ['B02', 'B05', 'Fmask'], `${OTHERS.GRANULE}.cmr.xml`],
  ['Sentinel-1', grdFiles(), OTHERS.GRD, ['VV', 'VH'], 'manifest.safe'],
  ['PlanetScope', planetFiles(), 'PSScene', ['red', 'nir', 'clear'], undefined],
] as const)
  describe(`a scene of ${what} is classified as its Item with the unpacked files is:`, async () => {
    const model = await modelOf(bands);
    const forms: [form: string, file: Uint8Array, key: string][] = [
      ['a zip', encodeZip([...JUNK, ...within(`${folder}/`, files)]), 'north/a.zip'],
      ['a zip of deflated files, without its folder', encodeZip(within('', files), { isDeflated: true }), 'a.zip'],
      ...(metadata ? [['the folder', files[metadata]!, `${folder}/${metadata}`] as [string, Uint8Array, string]] : []),
    ];
    for (const [form, file, key] of forms)
      test(form, async () => {
        const [{ values, told }, item] = [await read(file, model, { key, files }), await byItem(files, model)];
        assert.equal(item.values.length, 9);
        assert.deepEqual(values, item.values);
        assert.equal(Object(values[0]!.place).footprint === null, what === 'Sentinel-1');
        const asItem = JSON.stringify(told).replaceAll('"by":"metadata"', '"by":"STAC Item"');
        assert.equal(asItem, JSON.stringify(item.told));
      });

    test('and of a zip without an image of the model, it says so', async () => {
      const [missing] = Object.keys(files).filter((name) => /tiff?$/.test(name));
      const some = within('', Object.fromEntries(Object.entries(files).filter(([name]) => name !== missing)));
      await isRefused(() => read(encodeZip(some), model), /found no (file for the asset|asset for)/);
    });
  });

test('PlanetScope pixels that its UDM2 does not call clear are hidden by the mask of the package', async () => {
  const mask = { band: 'clear', product: 'planet-udm2-clear', share: 0.2 };
  const model = await modelOf(['red', 'clear'], [[`${PROPERTIES}/swath:mask`, mask]]);
  const files = planetFiles();
  const name = `${OTHERS.PSSCENE}_3B_udm2_clip.tif`;
  const bands = Array.from({ length: 8 }, (_, band) =>
    Uint16Array.from({ length: 144 }, (_, i) => Number(band > 0 || i % 12 < 5)),
  );
  files[name] = encodeGeoTiff({ width: 12, height: 12, bands, epsg: 32_601, origin: [300_000, 7_400_040], pixel: 3 });
  const { chips } = await readScene(FORMATS.find((one) => one.name === 'zip')!, encodeZip(within('', files)), model, {
    key: 'a.zip',
  });
  assert.deepEqual(
    chips.slice(0, 3).map(({ masked }) => masked),
    [0, 0.75, 1],
  );
});

test('a Landsat folder that came without XML is a scene by its text, put under the name of the XML', async () => {
  const [files, model] = [landsatTextFiles(), await modelOf(['red', 'nir08'])];
  const key = Object.keys(files).find((name) => name.endsWith('_MTL.xml'))!;
  const { values } = await read(files[key]!, model, { key: `${key.slice(0, -8)}/${key}`, files });
  assert.deepEqual(values, (await byItem(files, model)).values);
});

test('the mask and the cloud cover of a scene are those of its Item', async () => {
  const files = safeFiles();
  const model = await modelOf(['B02', 'SCL'], [[`${PROPERTIES}/bands/1/data_type`, 'uint16']]);
  const [archive, item] = [await read(encodeZip(within(`${SAFE}/`, files)), model), await byItem(files, model)];
  assert.deepEqual(archive.values, item.values);
  assert.equal(archive.values[0]!.cloudCover, item.values[0]!.cloudCover);
  assert.ok(archive.values[0]!.cloudCover! > 0);
});

describe('an archive is refused', () => {
  const files = safeFiles();
  const [band] = Object.keys(files).filter((name) => name.endsWith('B11_20m.jp2'));
  const without = (name: string) => Object.fromEntries(Object.entries(files).filter(([key]) => key !== name));
  const zipped = (some: Files, edit: Partial<ZipFields> = {}, isDeflated = false) =>
    encodeZip(within(`${SAFE}/`, some), {
      isDeflated,
      member: (fields) => (fields.name.endsWith('B11_20m.jp2') ? { ...fields, ...edit } : fields),
    });
  const text = (name: string, from: string | RegExp, to: string) => ({
    ...files,
    [name]: Buffer.from(Buffer.from(files[name]!).toString().replaceAll(from, to)),
  });
  const broken = zipped(files, {}, true);
  const at = Buffer.from(broken).indexOf('B11_20m.jp2') + 'B11_20m.jp2'.length;
  broken.fill(0xff, at + 5, at + 60);
  const [mtl, bundle] = [`${LANDSAT}_MTL.xml`, landsatFiles()];
  const tile = Object.keys(files).find((name) => name.endsWith('MTD_TL.xml'))!;
  const cases: [what: string, file: Uint8Array, message: RegExp, model?: ModelPackage][] = [
    [
      'without a band',
      zipped(without(band!)),
      /found no file for the asset “B11”: “GRANULE.*B11_20m\.jp2” is not in it\. Send the scene with all/,
    ],
    [
      'without all bands',
      zipped(Object.fromEntries(Object.entries(files).filter(([key]) => key.endsWith('.xml')))),
      /found no file for the assets “B02, B11, B01”: .*B02_10m.* is not in it\. .*B11_20m/,
    ],
    ['without the metadata of its tile', zipped(without(tile)), /found no “GRANULE.*MTD_TL\.xml” is not in it/],
    ['without metadata', zipped(without('MTD_MSIL2A.xml')), /found no metadata of a scene, allowed are/],
    [
      'of two scenes',
      encodeZip([...within(`${SAFE}/`, files), ...within('S2B.SAFE/', files)]),
      /found the metadata of several scenes, “S2A.*S2B\.SAFE\/MTD_MSIL2A\.xml”, allowed is one/,
    ],
    [
      'whose metadata name files outside of it',
      zipped(text('MTD_MSIL2A.xml', '<IMAGE_FILE>GRANULE/', '<IMAGE_FILE>../GRANULE/')),
      /found the file “\.\.\/GRANULE/,
    ],
    ['with a band that is cut short', zipped({ ...files, [band!]: files[band!]!.subarray(0, 100) }), /B11_20m\.jp2”: /],
    ['with a damaged deflated band', broken, /B11_20m\.jp2”: is damaged: it does not unpack to its \d+ bytes/],
    [
      'whose directory has another size of it',
      zipped(files, { bytes: 5000 }, true),
      /does not unpack to its 5000 bytes/,
    ],
    ['of which a band has another size', zipped(files, { bytes: 5 }), /it unpacks to \d+ bytes, not to 5/],
    ['with an encrypted band', zipped(files, { flags: 1 }), /B11_20m\.jp2”: is encrypted/],
    ['with a band packed in another way', zipped(files, { method: 12 }), /found the compression method 12/],
    ['of zip64 without its fields', zipped(files, { packed: 0xffffffff }), /its 4294967295 bytes go on behind byte/],
    [
      'with the metadata of another scene',
      encodeTar(
        within('', {
          ...bundle,
          [mtl]: Buffer.from(Buffer.from(bundle[mtl]!).toString().replaceAll('005009', '005010')),
        }),
      ),
      /found the scene LC08_L2SP_005010/,
      ofLandsat,
    ],
    ['cut short', encodeTar(within('', bundle)).subarray(0, 20_000), /is cut short|not in it/, ofLandsat],
    [
      'packed as a whole',
      new Uint8Array(gzipSync(encodeTar(within('', bundle)))),
      /part of a scene of several files, allowed are scenes in a tar that is not compressed.*gunzip/,
      ofLandsat,
    ],
  ];
  for (const [what, file, message, model = ofSentinel] of cases)
    test(`${what}: ${message}`, () => isRefused(() => read(file, model), message));

  test('of images that are chips, and of a scene after them', async () => {
    const image = { name: 'a.tif', bytes: landsatFiles()[`${LANDSAT}_SR_B1.TIF`]! };
    const single = await modelOf(['B']);
    const file = encodeTar([image, ...within('', landsatFiles())]);
    const { scene } = streamOf(file);
    const reading = () => makeReadChips(single, SCENE_LIMITS)(scene, () => undefined);
    await isRefused(reading, /part of a scene of several files, after images, allowed are/);
  });
});

describe('the folder of a scene', () => {
  const files = safeFiles();
  const metadata = files['MTD_MSIL2A.xml']!;

  test('is read once the files are there that the model needs, and waits for the others by name', async () => {
    const needed = /MTD_|B02_10m|B11_20m|B01_20m|B01_60m/;
    const some = Object.fromEntries(Object.entries(files).filter(([name]) => needed.test(name)));
    const key = 'x.SAFE/MTD_MSIL2A.xml';
    const { opened } = await read(metadata, ofSentinel, { key, files: some });
    assert.equal(opened.length, 4);
    const half = Object.fromEntries(Object.entries(some).filter(([name]) => !/B11|B01/.test(name)));
    await assert.rejects(read(metadata, ofSentinel, { key, files: half }), {
      name: 'ObjectNotFound',
      message:
        /^x\.SAFE\/MTD_MSIL2A\.xml: found no file for the assets “B11, B01”: .* Send this file last; once the others/,
    });
    await assert.rejects(read(metadata, ofSentinel, { key }), {
      name: 'ObjectNotFound',
      message: /metadata: .*MTD_TL\.xml/,
    });
  });

  test('is refused among bulk files, and not read again for a picture', async () => {
    const { scene } = streamOf(metadata, { key: 'x.SAFE/MTD_MSIL2A.xml' });
    await isRefused(() => makeReadChips(ofSentinel, SCENE_LIMITS)(scene, () => undefined), /among bulk files/);
    for (const file of [metadata, encodeZip(within(`${SAFE}/`, files)), encodeTar(within('', landsatFiles()))]) {
      const head = file.subarray(0, 512);
      const { format } = formatOf({ key: 'a', size: file.length }, head);
      assert.ok(FORMATS.includes(format));
      const again = { key: 'a', size: file.length, head, range: rangesIn(file) };
      const place = { index: 0, kind: 'bytes', offset: 0, length: 0 } as const;
      await isRefused(() => format.readChip(again, place, ofSentinel), 'not again for a picture');
    }
  });
});

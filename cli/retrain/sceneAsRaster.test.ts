import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { InvalidSceneFile, ObjectNotFound } from '../../core/base/errors.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { Chip, ModelPackage } from '../../core/package/package.ts';
import { makeAssetsRead } from '../../core/scenes/assetsRead.ts';
import { openGeoTiff } from '../../core/scenes/formats/geotiff/geotiff.ts';
import { rangesIn } from '../../core/scenes/rangesIn.ts';
import { crsOf } from '../../core/scenes/raster/crs.ts';
import type { RasterInfo } from '../../core/scenes/raster/rasterInfo.ts';
import { openSceneIn, withAssetsIn } from '../../local/buckets/sceneFiles.ts';
import { digest } from '../../local/buckets/sceneFolder.ts';
import { encodeTar } from '../../test/archives.ts';
import { type Edit, editedPackage, PROPERTIES, smallModel } from '../../test/benches/packages.ts';
import { LANDSAT, landsatFiles, SAFE, safeFiles, within } from '../../test/benches/products.ts';
import { zarrStore } from '../../test/benches/zarrStore.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { encodeZip } from '../../test/numpy.ts';
import { chipsIn, chipsOf } from '../models/classifyExample.ts';
import { isOfParts, typeOfBands, writeAsRaster } from './trainingData.ts';

const LIMITS = { maxBlockBytes: 1 << 24, cacheBytes: 0 };
const folder = mkdtempSync(join(tmpdir(), 'swath-parts-'));
after(() => rmSync(folder, { recursive: true }));

const modelOf = (bands: readonly { name: string; data_type: string }[], side: number, edits: readonly Edit[] = []) =>
  editedPackage([...smallModel(bands, [side, side]), ...edits]);
const uint16 = (...names: string[]) => names.map((name) => ({ name, data_type: 'uint16' }));
/** Chips of 16 × 16 pixels in a scene of 41 × 27: the last row and column shift inwards. */
const [SIDE, WIDTH, HEIGHT] = [16, 41, 27];
const OVERLAP: Edit = [`${PROPERTIES}/swath:overlap`, 4];
const PHYSICAL: Edit[] = [
  [`${PROPERTIES}/swath:physical`, true],
  ...[0, 1].flatMap((band): Edit[] => [
    [`${PROPERTIES}/bands/${band}/raster:scale`, 0.0001],
    [`${PROPERTIES}/bands/${band}/raster:offset`, -0.1],
  ]),
];
const CLOUDS: Edit = [`${PROPERTIES}/swath:mask`, { band: 'SCL', values: [8], share: 0.5 }];
const WITH_SCL = [...uint16('A', 'B'), { name: 'SCL', data_type: 'uint8' }];

/** Values of an image, of which a corner holds no data. */
const image = (first: number, width: number, height: number, none = 0) =>
  Uint16Array.from({ length: width * height }, (_, i) =>
    i % width < width / 4 && i < (width * height) / 3 ? none : first + ((i * 7919) % 900),
  );
const at = (pixel: number) => ({ epsg: 32_629, origin: [500_000, 4_400_000] as const, pixel });

/** The files of a scene of several grids, whose Item lists them; the second band has pixels twice as large. */
function itemFiles({ nodata = [0, 0], about = [{}, {}] as object[] }) {
  const [half, low] = [Math.ceil(WIDTH / 2), Math.ceil(HEIGHT / 2)];
  const scl = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH > 30 ? 8 : 4));
  const ofBand = (values: Uint16Array | Uint8Array, width: number, height: number, pixel: number, none?: number) =>
    encodeGeoTiff({ width, height, bands: [values], ...at(pixel), ...(none !== undefined && { nodata: none }) });
  const asset = (name: string, i: number) => ({
    href: `./s.assets/${name}.tif`,
    bands: [{ name, ...(about[i] ?? {}) }],
  });
  const item = {
    ...{ type: 'Feature', stac_version: '1.1.0', id: 's', geometry: null, links: [] },
    properties: { datetime: '2026-03-01T10:00:00Z' },
    assets: Object.fromEntries(['A', 'B', 'SCL'].map((name, i) => [name, asset(name, i)])),
  };
  return {
    's.stac.json': JSON.stringify(item),
    's.assets/A.tif': ofBand(image(10, WIDTH, HEIGHT, nodata[0]), WIDTH, HEIGHT, 10, nodata[0]),
    's.assets/B.tif': ofBand(image(2000, half, low, nodata[1]), half, low, 20, nodata[1]),
    's.assets/SCL.tif': ofBand(scl, WIDTH, HEIGHT, 10),
  };
}

const inOneFile = (name: string, bytes: Uint8Array) => ({ [name]: bytes });
const inFolder = (files: Readonly<Record<string, Uint8Array>>, of: string) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${of}/${name}`, bytes]));

const told = ({ planes, nodataShare, place, masked }: Chip) => ({ planes: [...planes], nodataShare, masked, place });
/** Chips, each read before the next comes, with what they say of where they lie, but for rounding in what is derived. */
const read = (model: ModelPackage, path: string) =>
  Array.fromAsync(chipsOf(model, path), (chip) => structuredClone(told(chip)));

const SCALED = { about: [{ 'raster:scale': 0.5 }, { 'raster:scale': 0.25 }] };

let scenes = 0;
/** Puts a scene into a folder of its own, and writes it as a raster. */
async function written(files: Readonly<Record<string, Uint8Array | string>>, key: string, model: ModelPackage) {
  scenes += 1;
  const inbox = join(folder, String(scenes));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(inbox, name)), { recursive: true });
    writeFileSync(join(inbox, name), bytes);
  }
  const named = key.endsWith('zarr.json') ? dirname(key) : key;
  const scene = { bucket: 'inbox', key, versionId: await digest(join(inbox, key)) };
  const openScene = withAssetsIn(inbox, openSceneIn(inbox));
  const { asset, size, range, chunks, sibling, close } = await openScene(scene);
  const assets = makeAssetsRead(asset, async () => {});
  let raster: RasterInfo | undefined;
  const tell = (about: RasterInfo) => {
    raster = about;
  };
  const beside = { asset: assets.asset!, sibling: sibling! };
  for await (const _ of chipsIn(model, { key, size, range, chunks, ...beside, tell }));
  close();
  assets.close();
  const path = join(folder, `${basename(key)}-${scenes}.tif`);
  const row = {
    scene,
    run: 'r',
    model: { name: model.name, version: model.version },
    raster,
    digest: await assets.digest(scene.versionId),
  } as unknown as LedgerRow;
  assert.ok(isOfParts(row), key);
  return { row, path, inbox, named, write: (of = model, as = row) => writeAsRaster(openScene, as, of, path) };
}

describe('a scene of parts, as one raster, has the same chips:', () => {
  const bands = { A: uint16('A', 'B'), S: uint16('B02', 'B11', 'B01'), L: uint16('red', 'nir08', 'lwir11') };
  const of = Array.from({ length: 11 }, (_, i) => ({ name: `B${i + 1}`, data_type: 'uint8' }));
  const safe = inOneFile('s.SAFE.zip', encodeZip(within(`${SAFE}/`, safeFiles())));
  const bundle = inOneFile(`${LANDSAT}.tar`, encodeTar(within('', landsatFiles())));
  for (const [what, model, files, key] of [
    ['an Item of two grids', modelOf(bands.A, SIDE), itemFiles({}), 's.stac.json'],
    ['whose chips overlap', modelOf(bands.A, SIDE, [OVERLAP]), itemFiles({}), 's.stac.json'],
    ['with a nodata value for each band', modelOf(bands.A, SIDE), itemFiles({ nodata: [7, 7] }), 's.stac.json'],
    ['with physical values', modelOf(bands.A, SIDE, PHYSICAL), itemFiles({}), 's.stac.json'],
    ['with scales of its own', modelOf(bands.A, SIDE, PHYSICAL), itemFiles(SCALED), 's.stac.json'],
    ['with a mask of another type', modelOf(WITH_SCL, SIDE, [CLOUDS]), itemFiles({}), 's.stac.json'],
    ['with a mask among physical values', modelOf(WITH_SCL, SIDE, [...PHYSICAL, CLOUDS]), itemFiles({}), 's.stac.json'],
    ['smaller than a chip', modelOf(bands.A, 64), itemFiles({}), 's.stac.json'],
    ['the archive of a Sentinel-2 scene', modelOf(bands.S, 4), safe, 's.SAFE.zip'],
    ['the archive of a Landsat scene', modelOf(bands.L, 3), bundle, `${LANDSAT}.tar`],
    [
      'the folder of a Landsat scene',
      modelOf(bands.L, 3),
      inFolder(landsatFiles(), LANDSAT),
      `${LANDSAT}/${LANDSAT}_MTL.xml`,
    ],
    ['a Zarr store', modelOf(of, 65), inFolder(Object.fromEntries(zarrStore(20)), 'a.zarr'), 'a.zarr/zarr.json'],
  ] as const)
    test(what, async () => {
      const { inbox, named, path, write } = await written(files, key, await model);
      await write();
      const [chips, original] = [await read(await model, path), await read(await model, join(inbox, named))];
      assert.ok(original.length > 1 || what === 'smaller than a chip');
      assert.deepEqual(chips, original);
    });
});

test('a scene as one raster lies where it did, and its bands have their names', async () => {
  const model = await modelOf(uint16('A', 'B'), SIDE);
  const { path, write } = await written(itemFiles({}), 's.stac.json', model);
  await write();
  const bytes = readFileSync(path);
  const raster = await openGeoTiff({ key: path, size: bytes.length, range: rangesIn(bytes) }, LIMITS);
  const { crs } = await crsOf(raster.geoKeys);
  assert.deepEqual([crs?.name, raster.transform], ['EPSG:32629', [500_000, 10, 0, 4_400_000, 0, -10]]);
  assert.deepEqual(
    raster.bands.map(({ description, nodata }) => [description, nodata]),
    [
      ['A', 0],
      ['B', 0],
    ],
  );
});

test('a raster has one nodata value, that of the first band, where other bands have others', async () => {
  const model = await modelOf(uint16('A', 'B'), SIDE);
  const { inbox, named, path, write } = await written(itemFiles({ nodata: [7, 9] }), 's.stac.json', model);
  await write();
  const expected = (await read(model, join(inbox, named))).map(({ planes: [a, b], ...chip }) => ({
    ...chip,
    planes: [a, b!.map((value) => (value === 9 ? 7 : value))],
  }));
  assert.deepEqual(await read(model, path), expected);
});

test('a scene that another version has classified, by other files, is written all the same', async () => {
  const both = await modelOf(uint16('A', 'B'), SIDE);
  const { row, path, write } = await written(itemFiles({}), 's.stac.json', both);
  await write(await modelOf(uint16('A'), SIDE), { ...row, model: { ...row.model, version: '0.9.0' } });
  assert.ok(existsSync(path));
});

test('NaN as nodata becomes that of the first band', async () => {
  const float = (name: string) => ({ name, data_type: 'float32' });
  const model = await modelOf([float('A'), float('B')], SIDE);
  const files = itemFiles({});
  const band = (values: Float32Array, nodata: number | string) =>
    encodeGeoTiff({ width: WIDTH, height: HEIGHT, bands: [values], ...at(10), nodata });
  const values = (none: number) => Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH < 9 ? none : i));
  Object.assign(files, {
    's.assets/A.tif': band(values(-9999), -9999),
    's.assets/B.tif': band(values(Number.NaN), 'nan'),
  });
  const { inbox, named, path, write } = await written(files, 's.stac.json', model);
  await write();
  const shares = async (file: string) => (await read(model, file)).map(({ nodataShare }) => nodataShare);
  const expected = await shares(join(inbox, named));
  assert.ok(expected[0]! > 0.5);
  assert.deepEqual(await shares(path), expected);
});

describe('no raster is written of a scene', () => {
  const model = () => modelOf(uint16('A', 'B'), SIDE);

  test('of which a file is another one by now', async () => {
    const { inbox, path, write } = await written(itemFiles({}), 's.stac.json', await model());
    writeFileSync(join(inbox, 's.assets/B.tif'), itemFiles({ nodata: [0, 5] })['s.assets/B.tif']);
    await assert.rejects(write(), {
      name: 'ObjectNotFound',
      message: /its files are others than those that were classified/,
    });
    assert.ok(!existsSync(path));
  });

  test('of which a file is gone', async () => {
    const { inbox, write } = await written(itemFiles({}), 's.stac.json', await model());
    rmSync(join(inbox, 's.assets/B.tif'));
    await assert.rejects(write(), ObjectNotFound);
  });

  test('that has not all bands of the model', async () => {
    const { write } = await written(itemFiles({}), 's.stac.json', await model());
    await assert.rejects(write(await modelOf(uint16('A', 'C'), SIDE)), InvalidSceneFile);
  });

  test('whose bands for the model have another grid than those that were classified', async () => {
    const coarse = await modelOf(uint16('B'), 8);
    const { write } = await written(itemFiles({}), 's.stac.json', coarse);
    await assert.rejects(write(await modelOf(uint16('A', 'B'), 8)), /another grid than those classified/);
  });
});

test('the bands of one type, beside which a mask may have a smaller one, fit into one raster', async () => {
  const types = async (bands: Parameters<typeof modelOf>[0], ...edits: Edit[]) =>
    typeOfBands(await modelOf(bands, SIDE, edits));
  assert.equal(await types(uint16('A', 'B')), 'uint16');
  assert.equal(await types(WITH_SCL, CLOUDS), 'uint16');
  assert.equal(await types(WITH_SCL, CLOUDS, ...PHYSICAL), 'float32');
  assert.equal(await types(WITH_SCL), null);
});

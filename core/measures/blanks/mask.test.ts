import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { editedPackage, isRefusedPackage, PROPERTIES, smallModel } from '../../../test/benches/packages.ts';
import { encodeGeoTiff } from '../../../test/geoTiff.ts';
import { SCENE_LIMITS } from '../../base/limits.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { inOneChunk, rangesIn } from '../../scenes/rangesIn.ts';
import { makeReadChips } from '../../scenes/readChips.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { isLeftOut } from './blanks.ts';
import { isMasked, ofThem, withMask } from './mask.ts';
import vectors from './mask.vectors.json' with { type: 'json' };

const SAMPLES = new URL('../../../samples/sentinel-2/', import.meta.url);
const BANDS = ['B02', 'B03', 'B04', 'B8A', 'B11', 'B12'];
const bands = [...BANDS.map((name) => ({ name, data_type: 'uint16' })), { name: 'SCL', data_type: 'uint8' }];
const packageWith = (mask: object | undefined, { side = vectors.side, more = bands } = {}) =>
  editedPackage([...smallModel(more, [side, side], BANDS.slice(0, 2)), [`${PROPERTIES}/swath:mask`, mask]]);

/** Reads a file, and what it names: the chips that are not blank, what is measured, and how often each file is asked for bytes. */
async function read(model: ModelPackage, key: string, file: Uint8Array, named: Record<string, Uint8Array> = {}) {
  const chips: Chip[] = [];
  const asked: Record<string, number> = {};
  const asset = async (href: string) => {
    const range = rangesIn(named[href]!);
    return {
      ...{ key: href, size: named[href]!.length, digest: async () => '1', close: () => {} },
      range: (offset: number, length: number) => {
        asked[href] = (asked[href] ?? 0) + 1;
        return range(offset, length);
      },
    };
  };
  const scene = { key, size: file.length, chunks: inOneChunk(file), range: rangesIn(file), asset };
  const { measured } = await makeReadChips(model, SCENE_LIMITS)(scene, (chip) => void chips.push(chip));
  return { chips, measured, asked };
}

const itemOf = (assets: object, properties: object = {}) =>
  Buffer.from(JSON.stringify({ type: 'Feature', stac_version: '1.1.0', id: 'a', properties, assets }));
const ITEM = itemOf({ all: { href: 'bands.tif', bands: BANDS.map((name) => ({ name })) }, SCL: { href: 'scl.tif' } });
const FILES = {
  'bands.tif': await readFile(new URL('s2-t29unu-60m-256.tif', SAMPLES)),
  'scl.tif': await readFile(new URL('s2-t29unu-60m-256-scl.tif', SAMPLES)),
};

describe('the share of a chip that is hidden', () => {
  for (const { hides, shares } of vectors.cases)
    test(`equals numpy's of a real scene's classes, by ${JSON.stringify(hides)}`, async () => {
      const share = 0.2;
      const { chips, measured } = await read(
        await packageWith({ band: 'SCL', ...hides, share }),
        'a.json',
        ITEM,
        FILES,
      );
      assert.deepEqual(
        chips.map(({ masked }) => masked),
        shares,
      );
      const masked = shares.filter((one) => one > share).length;
      assert.deepEqual(measured, { chips: shares.length, blank: 0, masked });
    });

  test('costs no request for the other bands', async () => {
    const masked = await read(await packageWith({ band: 'SCL', values: [8], share: 0.2 }), 'a.json', ITEM, FILES);
    const before = await read(await packageWith(undefined), 'a.json', ITEM, FILES);
    assert.deepEqual(masked.asked, before.asked);
    assert.deepEqual(before.measured, { chips: 256, blank: 0 });
    assert.ok(before.chips.every((chip) => !('masked' in chip)));
  });

  test('leaves a chip out above the limit, and not where it is reached', async () => {
    const [one] = vectors.cases[0]!.shares.filter((share) => share > 0 && share < 1);
    const { measured } = await read(
      await packageWith({ band: 'SCL', values: [3, 8, 9, 10], share: one }),
      'a.json',
      ITEM,
      FILES,
    );
    assert.equal(measured.masked, vectors.cases[0]!.shares.filter((share) => share > one!).length);
  });
});

for (const [hides, wanted] of [
  [{ values: [3, 8, 9, 10] }, vectors.cases[0]!],
  [{ product: 'sentinel-2-scl' }, vectors.cases[0]!],
  [vectors.cases[1]!.hides, vectors.cases[1]!],
] as const)
  test(`hidden pixels are no part of a map, by ${JSON.stringify(hides)}`, async () => {
    const model = await ofPixels(hides);
    const { chips, measured } = await read(model, 'a.json', ITEM, FILES);
    const shown = chips[0]!.area!.valid!.reduce((sum, one) => sum + one, 0);
    assert.deepEqual([measured, shown], [{ chips: 1, blank: 0 }, 256 ** 2 - hiddenIn(wanted)]);
  });

test('hidden pixels of a chip from no raster are no part of its map either, and all of them make it masked', async () => {
  const model = await ofPixels({ values: [8] });
  const scl = new Uint8Array(256 ** 2).fill(8);
  const planes = [...BANDS.map(() => new Uint16Array(256 ** 2).fill(5)), scl];
  const at = () => withMask({ place: { index: 0, kind: 'index' }, truth: null, planes }, model);
  assert.deepEqual([at().masked, at().area!.valid!.includes(1), isMasked(at().masked, model.mask)], [1, false, true]);
  scl[0] = 4;
  assert.deepEqual([at().area!.valid![0], isMasked(at().masked, model.mask)], [1, false]);
});

/** s2-scl, whose scenes have a mask, too. */
async function ofPixels(hides: object): Promise<ModelPackage> {
  const folder = new URL('../../../models/s2-scl/1.0.0/', import.meta.url);
  const item = JSON.parse(await readFile(new URL('item.json', folder), 'utf8'));
  item.properties.bands.push({ name: 'SCL', data_type: 'uint8' });
  item.properties['swath:mask'] = { band: 'SCL', ...hides, share: 1 };
  return readModelPackage(async (name) =>
    name === 'item.json' ? Buffer.from(JSON.stringify(item)) : readFile(new URL(name, folder)),
  );
}

function hiddenIn({ shares }: { shares: readonly number[] }): number {
  return shares.reduce((sum, share) => sum + share, 0) * vectors.side ** 2;
}

describe('a mask that its band cannot hold is refused, because it would hide nothing:', () => {
  for (const hides of [{ values: [8, 300] }, { values: [-1] }, { bits: [0, 8] }])
    test(JSON.stringify(hides), async () => {
      const mask = { band: 'SCL', ...hides, share: 0.2 };
      await isRefusedPackage(packageWith(mask), /swath:mask: found .*, allowed is what a value of uint8 can hold/);
    });
});

describe("a mask's values", () => {
  const two = [
    { name: 'A', data_type: 'uint16' },
    { name: 'QA', data_type: 'uint16' },
  ];
  const model = () =>
    editedPackage([
      ...smallModel(two, [2, 2], ['A']),
      [`${PROPERTIES}/swath:blank_max`, 0],
      [`${PROPERTIES}/swath:mask`, { band: 'QA', values: [7], share: 0.5 }],
    ]);
  const fileOf = (a: number[], qa: number[], nodata?: number) =>
    encodeGeoTiff({
      ...{ width: 2, height: 2, bands: [Uint16Array.from(a), Uint16Array.from(qa)] },
      ...(nodata !== undefined && { nodata }),
    });

  for (const [what, a, qa, nodata, wanted] of [
    ['make no dark chip less blank', [0, 0, 0, 0], [7, 7, 1, 1], undefined, { chips: 1, blank: 1 }],
    ['make no chip without data less blank', [9, 9, 9, 5], [7, 1, 1, 1], 9, { chips: 1, blank: 1 }],
    ['leave a chip out that they hide', [5, 5, 5, 5], [7, 7, 7, 1], undefined, { chips: 1, blank: 0, masked: 1 }],
    ['hide nothing where there are no data', [9, 9, 5, 5], [7, 9, 1, 7], 9, { chips: 1, blank: 0 }],
    [
      'leave a chip out of which they hide all that has data',
      [9, 9, 5, 5],
      [7, 9, 7, 7],
      9,
      { chips: 1, blank: 0, masked: 1 },
    ],
  ] as const)
    test(what, async () => {
      const { measured } = await read(await model(), 'a.tif', fileOf([...a], [...qa], nodata));
      assert.deepEqual(measured, wanted);
    });
});

test('of a chip that is padded, the share of its own pixels is hidden', async () => {
  const model = await editedPackage([
    ...smallModel(
      [
        { name: 'A', data_type: 'uint16' },
        { name: 'QA', data_type: 'uint16' },
      ],
      [4, 4],
      ['A'],
    ),
    [`${PROPERTIES}/swath:nodata_share`, 1],
    [`${PROPERTIES}/swath:mask`, { band: 'QA', values: [0], share: 0.2 }],
  ]);
  const small = encodeGeoTiff({ width: 2, height: 2, bands: [Uint16Array.of(1, 2, 3, 4), Uint16Array.of(0, 1, 1, 1)] });
  const { chips } = await read(model, 'a.tif', small);
  assert.deepEqual(
    chips.map(({ masked }) => masked),
    [1 / 4],
  );
});

test('a mask of bytes is read from a GeoTIFF, whose bands have one type, as long as its values fit', async () => {
  const two = [
    { name: 'A', data_type: 'uint16' },
    { name: 'QA', data_type: 'uint8' },
  ];
  const mask = { band: 'QA', values: [8], share: 0.5 };
  const model = await editedPackage([...smallModel(two, [2, 2], ['A']), [`${PROPERTIES}/swath:mask`, mask]]);
  const fileOf = (...qa: number[]) =>
    encodeGeoTiff({ width: 2, height: 2, bands: [Uint16Array.of(1, 2, 3, 4), Uint16Array.from(qa)] });
  const { chips } = await read(model, 'a.tif', fileOf(8, 8, 8, 255));
  assert.deepEqual([chips[0]!.planes[1], chips[0]!.masked], [Uint8Array.of(8, 8, 8, 255), 3 / 4]);
  await assert.rejects(read(model, 'a.tif', fileOf(8, 8, 8, 256)), {
    name: 'InvalidSceneFile',
    message: 'a.tif: band QA: found 256, which does not fit uint8',
  });
});

describe('a scene whose Item states its cloud cover', () => {
  const withCover = async (cover: object) =>
    (
      await read(
        await packageWith({ cloudCover: 60 }, { more: bands.slice(0, 6) }),
        'a.json',
        Buffer.from(JSON.stringify({ ...JSON.parse(ITEM.toString()), properties: cover })),
        FILES,
      )
    ).measured.masked;

  test('counts with all of its chips, or none', async () => {
    assert.equal(await withCover({ 'eo:cloud_cover': 60.5 }), 256);
    for (const cover of [{ 'eo:cloud_cover': 60 }, {}, { 'eo:cloud_cover': 'much' }])
      assert.equal(await withCover(cover), undefined, JSON.stringify(cover));
  });
});

describe('a scene', () => {
  const masked = () => packageWith({ band: 'SCL', values: [8], share: 0.2 });
  const scl = (more: object) =>
    encodeGeoTiff({ width: 256, height: 256, bands: [new Uint16Array(256 ** 2)], ...more } as never);
  for (const [what, item, files, says] of [
    ['without the mask', itemOf({ all: JSON.parse(ITEM.toString()).assets.all }), FILES, /found no asset for SCL/],
    [
      'whose mask lies elsewhere',
      ITEM,
      { ...FILES, 'scl.tif': scl({ epsg: 32629, origin: [0, 0], pixel: 60 }) },
      /scl\.tif .*does not overlap bands\.tif/,
    ],
    [
      'whose mask has other pixels',
      ITEM,
      { ...FILES, 'scl.tif': encodeGeoTiff({ width: 100, height: 100, bands: [new Uint16Array(1e4)] }) },
      /scl\.tif of 100 × 100 pixels/,
    ],
    [
      'whose mask has fractions',
      ITEM,
      {
        ...FILES,
        'scl.tif': encodeGeoTiff({
          ...{ width: 256, height: 256, bands: [new Float32Array(256 ** 2).fill(3.5)] },
          ...{ epsg: 32629, origin: [499_980, 5_845_140] as const, pixel: 60 },
        }),
      },
      /band SCL: found 3\.5, which does not fit uint8/,
    ],
  ] as const)
    test(`${what} is refused with the reason`, async () => {
      await assert.rejects(read(await masked(), 'a.json', item, files), says);
    });
});

describe('a package', () => {
  for (const [what, mask, says] of [
    ['that names no band of the scene', { band: 'QA', values: [1], share: 0.2 }, 'allowed is a source band of whole'],
    ['that says both', { band: 'SCL', values: [1], bits: [1], share: 0.2 }, '"values", "bits" or "product"'],
    ['that says no share', { band: 'SCL', values: [1] }, '"share"'],
    ['that names a band and a cover', { band: 'SCL', values: [1], share: 0.2, cloudCover: 60 }, '"cloudCover"'],
    ['that names a model and no classes', { model: 's2-scl', share: 0.2 }, '{"model", "classes", "share"}'],
    ['that names a model and a band', { model: 's2-scl', classes: ['cloud'], band: 'SCL', share: 0.2 }, '"classes"'],
    ['whose cover is a share above 100', { cloudCover: 101 }, 'from 0 to 100'],
  ] as const)
    test(`${what} is refused`, () => isRefusedPackage(packageWith(mask), 'swath:mask', says));

  test('whose mask has fractions is refused', async () => {
    const floats = [...bands.slice(0, 6), { name: 'SCL', data_type: 'float32' }];
    const mask = { band: 'SCL', values: [1], share: 0.2 };
    await isRefusedPackage(packageWith(mask, { more: floats }), 'swath:mask.band', 'B02, B03');
  });

  test('of physical values has the mask as it is stored', async () => {
    const { source } = await editedPackage([
      ...smallModel(bands, [2, 2], BANDS),
      [`${PROPERTIES}/swath:physical`, true],
      [`${PROPERTIES}/swath:mask`, { band: 'SCL', values: [8], share: 0.2 }],
    ]);
    assert.deepEqual(
      source.bands.map(({ dataType, physical }) => [dataType, physical !== undefined]),
      [...BANDS.map(() => ['float32', true]), ['uint8', false]],
    );
  });
});

test('chips under clouds are no example of the usual data', async () => {
  const model = await packageWith({ band: 'SCL', values: [8], share: 0.2 }, { side: 1 });
  const planes = [...BANDS.map(() => Uint16Array.of(5)), Uint8Array.of(8)];
  const chip = { place: { index: 0, kind: 'index' }, truth: null, planes } as const;
  assert.deepEqual(
    [isLeftOut(chip, model), isLeftOut({ ...chip, planes: [...planes.slice(0, 6), Uint8Array.of(4)] }, model)],
    [true, false],
  );
});

test('a run says how many of its chips are blank and masked', () => {
  assert.equal(ofThem({ blank: 1200 }), '1,200 of them blank');
  assert.equal(ofThem({ blank: 0, masked: 3 }), '0 of them blank, 3 masked');
});

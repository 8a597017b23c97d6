import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modelOf } from '../../../test/benches/predictions.ts';
import { encodeGeoTiff } from '../../../test/geoTiff.ts';
import type { RasterWindow } from '../../arrays/dataTypes.ts';
import { ObjectNotFound } from '../../base/errors.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { ModelPackage } from '../../package/package.ts';
import { decodePieces, encodePieces } from '../../results/maps/pieces.ts';
import { rangesIn } from '../../scenes/rangesIn.ts';
import { taskNamed } from '../../tasks/registry.ts';
import { makeMaskReader } from './maskReader.ts';
import { toTruth } from './truth.ts';

const CLASSES = ['bare', 'crop', 'water'].map((name, value) => ({ value, name }));
const ROW = {
  run: 'r'.repeat(32),
  model: { name: 'model', version: '1.0.0' },
  day: '2026-03-02',
  maps: ['predictions'],
} as unknown as LedgerRow;
const [WIDTH, HEIGHT, SIDE, STEP] = [26, 18, 10, 8];
const model = {
  ...modelOf(CLASSES),
  task: taskNamed('segmentation'),
  source: { height: SIDE, width: SIDE },
  overlap: SIDE - STEP,
} as ModelPackage;
const valuesOf = (salt: number, width = WIDTH, height = HEIGHT) =>
  Uint8Array.from({ length: width * height }, (_, i) => ((i * 7 + salt * (i % 5)) >> 1) % 3);
const tiff = (values: Uint8Array, width = WIDTH, height = HEIGHT, nodata?: number) =>
  encodeGeoTiff({ width, height, bands: [values], rowsPerStrip: 4, ...(nodata !== undefined && { nodata }) });

/** Chips in rows and columns that overlap by two pixels. */
const WINDOWS = new Map<number, RasterWindow>();
for (let y = 0; y + SIDE <= HEIGHT; y += STEP)
  for (let x = 0; x + SIDE <= WIDTH; x += STEP) WINDOWS.set(WINDOWS.size, { x, y, width: SIDE, height: SIDE });

function bench(files: Record<string, Uint8Array>, row = ROW, windows: ReadonlyMap<number, RasterWindow> = WINDOWS) {
  const map = tiff(valuesOf(1));
  const open = { now: 0, times: 0 };
  const reader = makeMaskReader({
    openResult: async (key) => {
      assert.equal(key, `maps/model=model/version=1.0.0/date=2026-03-02/${ROW.run}.tif`);
      return { size: map.length, range: rangesIn(map) } as never;
    },
    openMask: async (path) => {
      const bytes = files[path];
      if (bytes === undefined) throw new Error(`no such file, open '${path}'`);
      open.now += 1;
      open.times += 1;
      const close = async () => {
        open.now -= 1;
      };
      return { key: path, size: bytes.length, range: rangesIn(bytes), close };
    },
  })(row, model, windows);
  const read = (index: number, truth: string | number | string[] = 'mask.tif') =>
    reader.read(toTruth({ scene: 's', index, truth }, '2026-03-02T10:00:00.000Z', 'line 2'), index);
  return { read, close: reader.close, open };
}

/** What texts of chips add up to: of each true class, the pixels of each predicted one. */
function added(texts: readonly unknown[]): number[][] {
  const sums = CLASSES.map(() => CLASSES.map(() => 0));
  for (const text of texts)
    for (const one of String(text).split(' ').filter(Boolean)) {
      const [is, said, pixels] = one.split(/[:/]/).map(Number) as [number, number, number];
      sums[is]![said]! += pixels;
    }
  return sums;
}

/** The same of all pixels, one by one. */
function slowly(predicted: Uint8Array, truth: Uint8Array): number[][] {
  const sums = CLASSES.map(() => CLASSES.map(() => 0));
  for (const [i, is] of truth.entries()) if (is <= 2) sums[is]![predicted[i]!]! += 1;
  return sums;
}

describe('a mask of a scene', () => {
  test('counts each pixel once, although chips overlap', async () => {
    const truth = valuesOf(2);
    const { read, close, open } = bench({ 'mask.tif': tiff(truth) });
    const texts = [];
    for (const index of WINDOWS.keys()) texts.push((await read(index))!.truth);
    assert.deepEqual(added(texts), slowly(valuesOf(1), truth));
    assert.equal(open.times, 1, 'it is opened once');
    await close();
    assert.equal(open.now, 0);
  });

  test('assigns the same pixels to each chip, whatever the order of the chips', async () => {
    const files = { 'mask.tif': tiff(valuesOf(2)) };
    const [first, second] = [WINDOWS, new Map([...WINDOWS].reverse())].map((windows) => bench(files, ROW, windows));
    for (const index of WINDOWS.keys()) assert.deepEqual(await first!.read(index), await second!.read(index));
    for (const { close } of [first!, second!]) await close();
  });

  test('counts no pixel without data or with a value that is not a class', async () => {
    const truth = valuesOf(2).map((value, i) => (i % 3 === 0 ? 255 : i % 7 === 0 ? 9 : value));
    const { read, close } = bench({ 'mask.tif': tiff(truth, WIDTH, HEIGHT, 255) });
    const texts = [];
    for (const index of WINDOWS.keys()) texts.push((await read(index))!.truth);
    assert.deepEqual(added(texts), slowly(valuesOf(1), truth));
    await close();
  });
});

test('the pixels that chips of a mask keep are the mask, each of them once, without what is no class', async () => {
  const truth = valuesOf(2).map((value, i) => (i % 3 === 0 ? 255 : i % 7 === 0 ? 9 : value));
  const { read, close } = bench({ 'mask.tif': tiff(truth, WIDTH, HEIGHT, 255) });
  const kept = new Uint8Array(WIDTH * HEIGHT).fill(254);
  for (const index of WINDOWS.keys()) {
    const [piece] = decodePieces(encodePieces([(await read(index))!.mask!]), ['uint8']);
    const { x, y, width, planes } = piece!;
    for (const [i, value] of planes[0]!.entries()) {
      const at = (y + Math.floor(i / width)) * WIDTH + x + (i % width);
      assert.equal(kept[at], 254, 'no other chip has it');
      kept[at] = value;
    }
  }
  assert.deepEqual(
    kept,
    truth.map((value) => (value === 9 ? 255 : value)),
  );
  await close();
});

test('a mask of which no pixel counts states nothing', async () => {
  const [other, small] = [
    tiff(new Uint8Array(WIDTH * HEIGHT).fill(77)),
    tiff(new Uint8Array(SIDE * SIDE).fill(77), SIDE, SIDE),
  ];
  const { read, close } = bench({ 'mask.tif': other, 'small.tif': small });
  assert.deepEqual([await read(0), await read(0, 'small.tif')], [null, null]);
  await close();
});

describe('a mask of a chip', () => {
  test('is compared with the pixels of the chip', async () => {
    const truth = valuesOf(3, SIDE, SIDE);
    const { read, close } = bench({ 'mask.tif': tiff(truth, SIDE, SIDE) });
    const { x, y } = WINDOWS.get(4)!;
    const inMap = Uint8Array.from(truth, (_, i) => valuesOf(1)[(y + Math.floor(i / SIDE)) * WIDTH + x + (i % SIDE)]!);
    // It shares two pixels with the chip on its left, on its right and above; the map has one of them from each.
    const isOwn = (_: number, i: number) => i % SIDE > 0 && i % SIDE < SIDE - 1 && i >= SIDE;
    assert.deepEqual(added([(await read(4))!.truth]), slowly(inMap.filter(isOwn), truth.filter(isOwn)));
    await close();
  });

  test('may be a separate file for each chip, with one open at a time', async () => {
    const files = Object.fromEntries([0, 1, 2].map((i) => [`${i}.tif`, tiff(valuesOf(i, SIDE, SIDE), SIDE, SIDE)]));
    const { read, close, open } = bench(files);
    for (const i of [0, 1, 2]) {
      await read(i, `${i}.tif`);
      assert.equal(open.now, 1);
    }
    await close();
    assert.deepEqual(open, { now: 0, times: 3 });
  });
});

describe('a mask is refused', () => {
  const two = encodeGeoTiff({ width: SIDE, height: SIDE, bands: [1, 2].map((i) => valuesOf(i, SIDE, SIDE)) });
  const files = { 'small.tif': tiff(valuesOf(1, 5, 5), 5, 5), 'two.tif': two, 'none.tif': Buffer.from('no picture') };
  for (const [what, truth, says] of [
    [
      'of another size',
      'small.tif',
      /^line 2: the truth of the chip 0 of “s” for model 1\.0\.0: found a mask of 5 × 5 pixels and 1 bands, allowed is one band of 26 × 18 pixels, as the scene has, or of 10 × 10, as the chip has\.$/,
    ],
    ['of two bands', 'two.tif', /found a mask of 10 × 10 pixels and 2 bands/],
    ['that does not exist', 'gone.tif', /: the mask “gone\.tif” cannot be read: no such file/],
    ['that is no GeoTIFF', 'none.tif', /^line 2: the truth of the chip 0 of .*none\.tif/],
    ['that is a list', ['a'], /: found a list of 1, allowed is the path of a mask\.$/],
    ['that is a number', 5, /: found 5, allowed is the path of a mask\.$/],
  ] as const)
    test(what, async () => {
      const { read, close, open } = bench(files);
      await assert.rejects(read(0, truth as string), { name: 'InvalidMessage', message: says });
      await close();
      assert.equal(open.now, 0);
    });

  test('of a run whose map is gone', async () => {
    const mask = tiff(valuesOf(1));
    const { read, close } = makeMaskReader({
      openResult: (key) => Promise.reject(new ObjectNotFound(key)),
      openMask: async (path) => ({ key: path, size: mask.length, range: rangesIn(mask), close: async () => {} }),
    })(ROW, model, WINDOWS);
    const truth = toTruth({ scene: 's', index: 0, truth: 'mask.tif' }, '2026-03-02T10:00:00.000Z', 'line 2');
    await assert.rejects(read(truth, 0), {
      name: 'InvalidMessage',
      message: /: the map of its run r+ no longer exists\.$/,
    });
    await close();
  });

  test('of a run without a map, and of a chip that is no part of a raster', async () => {
    const { maps: _, ...row } = ROW;
    for (const { read } of [bench(files, row as LedgerRow), bench(files, ROW, new Map())])
      await assert.rejects(read(0), {
        name: 'InvalidMessage',
        message: /has no map, allowed are masks of chips of rasters/,
      });
  });
});

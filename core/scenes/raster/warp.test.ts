import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arrays, type DataType, type RasterWindow } from '../../arrays/dataTypes.ts';
import type { Resampling } from '../../arrays/resize.ts';
import { openGeoTiff } from '../formats/geotiff/geotiff.ts';
import { rangesIn } from '../rangesIn.ts';
import { keysOfCode } from './crs.ts';
import { mappingTo } from './mapping.ts';
import { makeRasterValues, type Raster, type RasterType, type RasterValues, type Transform } from './raster.ts';
import { readWarped } from './warp.ts';
import vectors from './warp.vectors.json' with { type: 'json' };

type Grid = Pick<Raster, 'width' | 'height' | 'transform' | 'geoKeys'>;

/** Reads a window of a grid, or all of it. */
async function warped(raster: Raster, grid: Grid, method: Resampling, window?: RasterWindow) {
  const at = await mappingTo(raster, grid as Raster);
  const whole = { x: 0, y: 0, width: grid.width, height: grid.height };
  const pixels = (window ?? whole).width * (window ?? whole).height;
  const wanted = raster.bands.map((_, band) => ({ band, into: makeRasterValues(raster.type, pixels), method }));
  const valid = await readWarped(raster, at, window ?? whole, wanted);
  return { planes: wanted.map(({ into }) => into), valid };
}

const placed = async (epsg: number, transform: readonly number[], width: number, height: number): Promise<Grid> => ({
  width,
  height,
  transform: transform as unknown as Transform,
  geoKeys: await keysOfCode(epsg),
});

/** A raster of one band whose values are those of a function. */
function made(
  grid: Grid,
  valueAt: (column: number, row: number) => number,
  { type = 'float32' as RasterType, nodata = null as number | bigint | null, onRead = (_: RasterWindow) => {} } = {},
): Raster {
  const read: Raster['read'] = async (window, _, [into]) => {
    onRead(window);
    const isBig = into instanceof BigInt64Array;
    for (let i = 0; i < into!.length; i += 1) {
      const value = valueAt(window.x + (i % window.width), window.y + Math.floor(i / window.width));
      (into as RasterValues)[i] = (isBig ? BigInt(value) : value) as number;
    }
    return { valid: nodata === null ? null : Uint8Array.from(into as Uint8Array, (value) => Number(value !== nodata)) };
  };
  const bands = [{ description: null, scale: null, offset: null, nodata }];
  const about = { alpha: null, photometric: 'other', isSequential: false, blockWidth: 16, blockHeight: 16 } as const;
  return { ...grid, ...about, type, bands, read };
}

describe(`a raster on another grid has the values of ${vectors.gdal.split(',')[0]}`, () => {
  for (const { what, type, bands, file, epsg, width, height, transform, warped: by } of vectors.cases)
    for (const [method, expected] of Object.entries(by))
      test(`${method}: ${what}`, async () => {
        const bytes = Buffer.from(file, 'base64');
        const source = { key: 'a.tif', size: bytes.length, range: rangesIn(bytes) };
        const raster = await openGeoTiff(source, { maxBlockBytes: 1e6, cacheBytes: 0 });
        const grid = await placed(epsg, transform, width, height);
        const { planes, valid } = await warped(raster, grid, method as Resampling);
        const all = new arrays[type as DataType](new Uint8Array(Buffer.from(expected, 'base64')).buffer);
        // The values of these are their columns and rows, so that half a pixel off is half a number.
        const isPlace = raster.width === 64;
        const { nodata } = raster.bands[0]!;
        for (const [band, plane] of planes.entries())
          for (let i = 0; i < plane.length; i += 1) {
            const [found, wanted] = [Number(plane[i]), all[band * width * height + i]!];
            const off = Object.is(found, wanted) ? 0 : Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));
            assert.ok(off <= (isPlace ? 1e-4 : 1e-6), `${i}: ${found} not ${wanted}`);
          }
        assert.equal(planes.length, bands);
        const isNothing = (value: number) => Object.is(value, nodata === null ? 0 : Number(nodata));
        for (let i = 0; i < width * height; i += 1) {
          const has = planes.some((plane) => !isNothing(Number(plane[i])));
          if (!isPlace) assert.equal(valid === null || valid[i] === 1, has, `${i}`);
        }
      });
});

describe('a raster on another grid', () => {
  const UTM = 32_629;
  const [left, top] = [500_000, 5_800_000];
  const grid = (pixel: number, side: number, right = 0) =>
    placed(UTM, [left + right, pixel, 0, top, 0, -pixel], side, side);

  test('has the mean of what is covered at its edge, and no data beyond', async () => {
    const raster = made(await grid(10, 8, 25), (column) => column);
    const { planes, valid } = await warped(raster, await grid(10, 4), 'average', { x: 0, y: 0, width: 4, height: 1 });
    assert.deepEqual(
      [[...planes[0]!], [...valid!]],
      [
        [0, 0, 0, 0.5],
        [0, 0, 1, 1],
      ],
    );
  });

  test('has the same values in any window', async () => {
    const raster = made(
      await placed(32_630, [198_500, 30, 0, 5_658_000, 0, -30], 300, 300),
      (column, row) => 300 * row + column,
    );
    const on = await placed(UTM, [622_000, 20, 0, 5_648_000, 0, -20], 200, 200);
    const whole = await warped(raster, on, 'bilinear');
    const window = { x: 37, y: 101, width: 90, height: 55 };
    const { planes } = await warped(raster, on, 'bilinear', window);
    for (const [i, value] of planes[0]!.entries()) {
      const at = (window.y + Math.floor(i / window.width)) * 200 + window.x + (i % window.width);
      assert.ok(Math.abs(Number(value) - Number(whole.planes[0]![at])) < 300 * 0.1, `${i}`);
    }
  });

  test('is read in parts where its pixels are much smaller', async () => {
    const read: number[] = [];
    const onRead = ({ width, height }: RasterWindow) => void read.push(width * height);
    const raster = made(await grid(1, 3200), (column) => column, { onRead });
    const { planes } = await warped(raster, await grid(100, 32), 'average');
    assert.ok(read.length > 1 && Math.max(...read) <= 2 ** 22);
    assert.deepEqual([...planes[0]!.slice(0, 3)], [49.5, 149.5, 249.5]);
  });

  for (const [type, nodata, values, expected] of [
    ['uint8', 2, [1, 3], 1],
    ['uint8', 0, [0, 1], 1],
    ['uint16', null, [1, 2], 2],
    ['int16', null, [-1, -2], -1],
    ['int16', 0, [-1, 1], -1],
    ['int64', 7n, [5, 8], 6n],
  ] as const)
    test(`has means in ${type} rounded half up, and never nodata (${nodata}): of ${values} ${expected}`, async () => {
      const raster = made(await grid(10, 2), (column) => values[column]!, { type, nodata });
      const found = await warped(raster, await grid(20, 1), 'average');
      assert.equal(found.planes[0]![0], expected);
      assert.equal(found.valid, null);
    });

  for (const [what, epsg, transform] of [
    ['around the pole', 3413, [-3e6, 20_000, 0, 3e6, 0, -20_000]],
    ['of all longitudes', 3857, [-20_037_508, 200_000, 0, 20_037_508, 0, -200_000]],
    ['across the antimeridian', 32_660, [600_000, 10_000, 0, 8e6, 0, -10_000]],
  ] as const)
    test(`is found to an eighth of a pixel on a grid ${what}`, async () => {
      const earth = await placed(4326, [-180, 0.5, 0, 90, 0, -0.5], 720, 360);
      const raster = made(earth, (column, row) => row * 1000 + column);
      const grid = await placed(epsg, transform, 200, 200);
      const at = (await mappingTo(raster, grid as Raster))!;
      const { planes, valid } = await warped(raster, grid, 'nearest');
      assert.equal(valid, null);
      for (let i = 0; i < planes[0]!.length; i += 7) {
        const value = Number(planes[0]![i]);
        const [x, y] = at((i % 200) + 0.5, Math.floor(i / 200) + 0.5);
        const off = [(value % 1000) + 0.5 - x, Math.floor(value / 1000) + 0.5 - y].map(Math.abs);
        assert.ok(Math.max(...off) <= 0.5 + 0.125, `${i}: ${off}`);
      }
    });

  for (const [nodata, nothing] of [
    [null, 0],
    [9, 9],
  ] as const)
    for (const [what, other] of [
      ['on its own grid', grid(10, 4)],
      ['on one of half its pixels', grid(5, 8)],
      ['on a turned one', placed(UTM, [left, 7, 7, top, 7, -7], 3, 3)],
    ] as const)
      test(`has ${nothing} under its mask, as of gdalwarp, ${what}`, async () => {
        const raster = made(await grid(10, 4), () => 5, { nodata });
        const read: Raster['read'] = async (window, ...to) => {
          await raster.read(window, ...to);
          const side = { length: window.width * window.height };
          return { valid: Uint8Array.from(side, (_, i) => Number(window.x + (i % window.width) >= 2)) };
        };
        const { planes, valid } = await warped({ ...raster, read }, await other, 'nearest');
        assert.deepEqual(new Set(planes[0] as Float32Array), new Set([nothing, 5]));
        assert.deepEqual(
          [...planes[0]!],
          Array.from(valid!, (has) => (has === 1 ? 5 : nothing)),
        );
      });

  test('is found where its longitudes go on beyond 180 degrees', async () => {
    const raster = made(await placed(4326, [179, 0.01, 0, 1, 0, -0.01], 200, 200), (column) => column);
    const mercator = await placed(3857, [-20_026_000, 1000, 0, 50_000, 0, -1000], 4, 1);
    assert.deepEqual([...(await warped(raster, mercator, 'nearest')).planes[0]!], [110, 111, 112, 113]);
  });
});

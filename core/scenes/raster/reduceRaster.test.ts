import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeGeoTiff } from '../../../test/geoTiff.ts';
import { cogOf, cogSpec } from '../../../test/maps/cogOf.ts';
import { openBytes } from '../../../test/tiff.ts';
import { reduceRaster, TooMuchToReduce } from './reduceRaster.ts';

const [WIDTH, HEIGHT] = [70, 41];
const NODATA = 7;
const values = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i * 31) % 97);
const second = values.map((value) => 255 - value);
const enough = { mostBytes: 2 ** 30 };

const SPEC = cogSpec(WIDTH, HEIGHT);

/** The slow, plain way: of each pixel of what comes out, the mean of all that fall into it. */
function means(plane: Uint8Array, width: number, height: number): number[] {
  return Array.from({ length: width * height }, (_, cell) => {
    const inside = [...plane].filter((value, i) => {
      const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
      const own = Math.floor((y * height) / HEIGHT) * width + Math.floor((x * width) / WIDTH);
      return own === cell && value !== NODATA;
    });
    return inside.length === 0 ? Number.NaN : inside.reduce((sum, value) => sum + value, 0) / inside.length;
  });
}

describe('a reduced raster', () => {
  for (const rowsPerStrip of [1, 16, HEIGHT])
    test(`has the means of valid pixels for the requested bands, from strips of ${rowsPerStrip} rows`, async () => {
      const picture = { width: WIDTH, height: HEIGHT, bands: [values, second], nodata: NODATA, rowsPerStrip };
      const raster = await openBytes(encodeGeoTiff(picture));
      const found = await reduceRaster(raster, [1], { longestSide: 20, by: 'mean', ...enough });
      assert.deepEqual([found.width, found.height, found.planes.length], [20, 12, 1]);
      assert.deepEqual([...found.planes[0]!], means(second, 20, 12));
    });

  test('of classes has the class in the middle of each new pixel, from tiles as from strips', async () => {
    const file = await cogOf(SPEC, [values], { tileSize: 16 });
    const raster = await openBytes(file);
    const { overview: _, ...whole } = raster;
    const { width, height, planes } = await reduceRaster(whole, [0], { longestSide: 35, by: 'middle', ...enough });
    assert.deepEqual([width, height], [35, 21]);
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const [column, row] = [Math.floor(((x + 0.5) * WIDTH) / width), Math.floor(((y + 0.5) * HEIGHT) / height)];
        assert.equal(planes[0]![y * width + x], values[row * WIDTH + column], `${x}, ${y}`);
      }
  });

  test('is unchanged if it is already small', async () => {
    const raster = await openBytes(encodeGeoTiff({ width: WIDTH, height: HEIGHT, bands: [values] }));
    for (const by of ['mean', 'middle'] as const) {
      const found = await reduceRaster(raster, [0], { longestSide: 500, by, ...enough });
      assert.deepEqual([found.width, found.height, [...found.planes[0]!]], [WIDTH, HEIGHT, [...values]]);
    }
  });

  test('has no data where the raster has none', async () => {
    const bands = [new Uint8Array(WIDTH * HEIGHT).fill(NODATA)];
    const raster = await openBytes(encodeGeoTiff({ width: WIDTH, height: HEIGHT, bands, nodata: NODATA }));
    for (const by of ['mean', 'middle'] as const) {
      const { planes } = await reduceRaster(raster, [0], { longestSide: 10, by, ...enough });
      assert.ok(planes[0]!.every(Number.isNaN));
    }
  });

  test('is read from the smallest overview that is large enough, without other bytes', async () => {
    const [width, height] = [1200, 900];
    const noise = Uint8Array.from({ length: width * height }, (_, i) => Math.imul(i, 2_654_435_761) >>> 13);
    const file = await cogOf({ ...SPEC, width, height }, [noise], { tileSize: 64 });
    const requests: [number, number][] = [];
    const raster = await openBytes(file, {}, requests);
    const small = await raster.overview!(150);
    assert.deepEqual([small.width, small.height], [150, 113]);
    assert.equal((await raster.overview!(601)).width, 1200);
    assert.equal((await raster.overview!(5000)).width, 1200);
    requests.length = 0;
    const found = await reduceRaster(raster, [0], { longestSide: 100, by: 'middle', mostBytes: 150 * 113 });
    assert.deepEqual([found.width, found.height], [100, 75]);
    const bytes = requests.reduce((sum, [, length]) => sum + length, 0);
    assert.ok(bytes < 0.04 * file.length, `${bytes} of ${file.length} bytes`);
  });

  test('is refused before any pixels are read if it would need too many bytes', async () => {
    const requests: [number, number][] = [];
    const raster = await openBytes(
      encodeGeoTiff({ width: WIDTH, height: HEIGHT, bands: [values, second] }),
      {},
      requests,
    );
    requests.length = 0;
    const mostBytes = 2 * WIDTH * HEIGHT - 1;
    await assert.rejects(
      reduceRaster(raster, [0, 1], { longestSide: 20, by: 'mean', mostBytes }),
      (error) => error instanceof TooMuchToReduce && error.message.startsWith(`${mostBytes + 1} bytes`),
    );
    assert.deepEqual(requests, []);
  });
});

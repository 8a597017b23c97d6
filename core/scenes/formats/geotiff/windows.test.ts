import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import { hasRightWindows, readWindow } from '../../../../test/benches/rasters.ts';
import { isRefused } from '../../../../test/benches/sceneFiles.ts';
import { makeTiff, openBytes } from '../../../../test/tiff.ts';
import vectors from './geotiff.vectors.json' with { type: 'json' };

describe('a window has the right pixels, whatever was read before and however small the cache', async () => {
  const chosen = vectors.pictures.filter(({ what }, i) => i % 5 === 0 || /mask|alpha|stored|JPEG|thirteen/.test(what));
  for (const { what, file } of chosen)
    test(what, () => {
      const bytes = new Uint8Array(inflateSync(Buffer.from(file, 'base64')));
      return hasRightWindows((cacheBytes = 1e6) => openBytes(bytes, { cacheBytes }));
    });
});

test('concurrent reads of windows do not affect one another', async () => {
  const { file } = vectors.pictures.find(({ what }) => what === 'JPEG, YCbCr, tiles')!;
  const bytes = new Uint8Array(inflateSync(Buffer.from(file, 'base64')));
  const raster = await openBytes(bytes, { cacheBytes: 3000 });
  const windows = [0, 10, 20, 30].map((x) => ({ x, y: x, width: 15, height: 15 }));
  const alone = await Promise.all(windows.map(async (window) => readWindow(await openBytes(bytes), window)));
  assert.deepEqual(await Promise.all(windows.map((window) => readWindow(raster, window))), alone);
});

test('a file that shrinks while it is read is refused as cut short', async () => {
  const file = striped(16, 4096, 64);
  const cutLater = async (offset: number, length: number) => file.slice(offset, Math.min(offset + length, 60_000));
  const { openGeoTiff } = await import('./geotiff.ts');
  const limits = { maxBlockBytes: 1e6, cacheBytes: 0 };
  const raster = await openGeoTiff({ key: 'a.tif', size: file.length, range: cutLater }, limits);
  await isRefused(
    () => readWindow(raster, { x: 0, y: 4000, width: 16, height: 96 }),
    /^a\.tif: directory 0 at byte 8: block \d+ at byte \d+: is cut short: found \d+ of its \d+ bytes$/,
  );
});

/** Each value is that of its place, so that one in a wrong place shows. */
const valueAt = (x: number, y: number) => (x * 7 + y * 31) & 0xff;

function striped(width: number, height: number, rows: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(height / rows) }, (_, i) =>
    Uint8Array.from({ length: width * Math.min(rows, height - i * rows) }, (_, at) =>
      valueAt(at % width, i * rows + Math.floor(at / width)),
    ),
  );
  const directory = { ImageWidth: [width], ImageLength: [height], BitsPerSample: [8], RowsPerStrip: [rows] };
  return makeTiff({ directories: [directory], blocks });
}

function tiled(across: number, down: number, side: number, isDeflated = false): Uint8Array {
  const tiles = Array.from({ length: across * down }, (_, i) => {
    const [left, top] = [(i % across) * side, Math.floor(i / across) * side];
    return Uint8Array.from({ length: side * side }, (_, at) =>
      valueAt(left + (at % side), top + Math.floor(at / side)),
    );
  });
  const size = { ImageWidth: [across * side], ImageLength: [down * side], TileWidth: [side], TileLength: [side] };
  return makeTiff({
    directories: [{ ...size, BitsPerSample: [8], Compression: [isDeflated ? 8 : 1] }],
    blocks: isDeflated ? tiles.map((tile) => new Uint8Array(deflateSync(tile))) : tiles,
    isTiled: true,
  });
}

for (const [what, compression, pack] of [
  ['uncompressed', 1, Buffer.from],
  ['compressed, with other bytes behind it', 8, (bytes) => Buffer.concat([deflateSync(bytes), Buffer.from('end')])],
] as [what: string, compression: number, pack: (bytes: Uint8Array) => Buffer][])
  test(`a single strip whose count of bytes is 0 has its pixels, as for libtiff: ${what}`, async () => {
    const pixels = Uint8Array.from({ length: 6 }, (_, i) => 10 + i);
    const size = { ImageWidth: [3], ImageLength: [2], BitsPerSample: [8], Compression: [compression] };
    const file = makeTiff({ directories: [{ ...size, StripByteCounts: [0] }], blocks: [pack(pixels)] });
    const { into, valid } = await readWindow(await openBytes(file), { x: 0, y: 0, width: 3, height: 2 });
    assert.deepEqual([into, valid], [[pixels], null]);
  });

/** Cuts a picture into windows of a size, row by row, and says what was asked of the file. */
async function costOf(file: Uint8Array, side: number, cacheBytes = 2 ** 26) {
  const requests: [offset: number, length: number][] = [];
  const raster = await openBytes(file, { cacheBytes }, requests);
  for (let y = 0; y < raster.height; y += side)
    for (let x = 0; x < raster.width; x += side) {
      const window = { x, y, width: Math.min(side, raster.width - x), height: Math.min(side, raster.height - y) };
      const { into } = await readWindow(raster, window);
      assert.equal(into[0]![0], valueAt(x, y));
      assert.equal(into[0]!.at(-1), valueAt(x + window.width - 1, y + window.height - 1));
    }
  const bytes = requests.reduce((sum, [, length]) => sum + length, 0);
  const ascending = requests.every(([offset], i) => i === 0 || offset >= requests[i - 1]![0] + requests[i - 1]![1]);
  return { requests: requests.length, times: Number((bytes / file.length).toFixed(2)), ascending };
}

describe('reading windows row by row takes', () => {
  // Its first 32 KiB come when it is opened, so that the first row of blocks is asked for in part.
  const picture = tiled(16, 16, 64);

  test('one request for each row of blocks, and each byte once', async () => {
    assert.deepEqual(await costOf(picture, 64), { requests: 17, times: 1, ascending: true });
    assert.deepEqual(await costOf(picture, 32), { requests: 17, times: 1, ascending: true });
    assert.deepEqual(await costOf(tiled(16, 16, 64, true), 32), { requests: 14, times: 1, ascending: true });
  });

  test('no more if windows span two rows of blocks and only these fit into the cache', async () => {
    assert.deepEqual(await costOf(picture, 48, 2 * 16 * 64 * 64), { requests: 17, times: 1, ascending: true });
  });

  test('each byte repeatedly if the cache cannot hold a row of blocks', async () => {
    const { requests, times } = await costOf(picture, 32, 0);
    assert.ok(requests > 900 && times > 3.5, `${requests} requests, ${times} times`);
  });

  test('one request for neighbouring strips', async () => {
    assert.deepEqual(await costOf(striped(1024, 1024, 1), 64), { requests: 17, times: 1, ascending: true });
  });

  test('no whole strip if the only strip is uncompressed', async () => {
    const file = striped(2048, 2048, 2048);
    const requests: [number, number][] = [];
    const raster = await openBytes(file, {}, requests);
    assert.equal(raster.blockHeight, 512);
    const { into } = await readWindow(raster, { x: 5, y: 700, width: 3, height: 2 });
    assert.deepEqual(
      [...into[0]!],
      [700, 701].flatMap((y) => [5, 6, 7].map((x) => valueAt(x, y))),
    );
    assert.deepEqual(
      requests.map(([, length]) => length),
      [32768, 2 ** 20],
    );
    assert.deepEqual(await costOf(file, 128), { requests: 5, times: 1, ascending: true });
  });

  test('no request for blocks that are not stored', async () => {
    const size = { ImageWidth: [2 ** 15], ImageLength: [2 ** 15], TileWidth: [512], TileLength: [512] };
    const none = Array<number>(4096).fill(0);
    const directory = { ...size, BitsPerSample: [8], TileOffsets: none, TileByteCounts: none, GdalNodata: '7' };
    const requests: [number, number][] = [];
    const raster = await openBytes(makeTiff({ directories: [directory] }), {}, requests);
    const { into, valid } = await readWindow(raster, { x: 30_000, y: 30_000, width: 2, height: 1 });
    assert.deepEqual([into, valid, requests.length], [[Uint8Array.of(7, 7)], Uint8Array.of(0, 0), 2]);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cogSpec } from '../../../../test/maps/cogOf.ts';
import { makeMemoryScratch } from '../../../../test/maps/memoryScratch.ts';
import { openBytes } from '../../../../test/tiff.ts';
import { dataTypes, makePlane, type Plane, rangeOf } from '../../../arrays/dataTypes.ts';
import { readDirectories } from '../../../scenes/formats/geotiff/directories.ts';
import { PHOTOMETRIC } from '../../../scenes/formats/geotiff/layout.ts';
import { GEO_TAGS, type GeoKeys, type Raster } from '../../../scenes/raster/raster.ts';
import type { CogSpec } from './cogSpec.ts';
import { type CogOptions, encodeHead, makeCogWriter } from './cogWriter.ts';

const SPEC = cogSpec(40, 30);

/** The file of some bands, given `rows` rows at once. */
async function write(spec: CogSpec, bands: readonly Plane[], options: CogOptions = {}, rows = 7): Promise<Buffer> {
  const writer = makeCogWriter(spec, makeMemoryScratch(), options);
  for (let row = 0; row < spec.height; row += rows) {
    const count = Math.min(rows, spec.height - row);
    await writer.addRows(
      bands.map((band) => band.slice(row * spec.width, (row + count) * spec.width)),
      count,
    );
  }
  const { size, chunks } = writer.finish();
  const file = await joined(chunks);
  assert.equal(file.length, size);
  assert.deepEqual(await joined(chunks), file, 'a second time it is the same');
  return file;
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

async function readAll(raster: Raster): Promise<Plane[]> {
  const { width, height, type, bands } = raster;
  const into = bands.map(() => makePlane(type as CogSpec['dataType'], width * height));
  await raster.read({ x: 0, y: 0, width, height }, [...bands.keys()], into);
  return into;
}

/** Where the directories of a TIFF begin, as their chain goes. */
function directoriesOf(file: Buffer): number[] {
  const isBig = file.readUInt16LE(2) === 43;
  const word = (at: number) => (isBig ? Number(file.readBigUInt64LE(at)) : file.readUInt32LE(at));
  const found: number[] = [];
  for (let at = word(isBig ? 8 : 4); at !== 0; ) {
    found.push(at);
    at = isBig ? word(at + 8 + 20 * word(at)) : word(at + 2 + 12 * file.readUInt16LE(at));
  }
  return found;
}

/** The first directory of a file. */
async function directoryOf(file: Buffer) {
  const range = async (offset: number, length: number) => file.subarray(offset, offset + length);
  return (await readDirectories({ key: 'a.tif', size: file.length, range })).directories[0]!;
}

/** The file as it would be if its picture were that of another directory. */
function beginningAt(file: Buffer, directory: number): Buffer {
  const copy = Buffer.from(file);
  if (copy.readUInt16LE(2) === 43) copy.writeBigUInt64LE(BigInt(directory), 8);
  else copy.writeUInt32LE(directory, 4);
  return copy;
}

/** Half of a band, the slow and plain way. */
function halfOf({ values, width, height }: { values: Plane; width: number; height: number }, spec: CogSpec): Plane {
  const { resampling, nodata, dataType } = spec;
  const across = Math.ceil(width / 2);
  const into = makePlane(dataType, across * Math.ceil(height / 2));
  for (let i = 0; i < into.length; i += 1) {
    const [x, y] = [2 * (i % across), 2 * Math.floor(i / across)];
    const pixels = [
      [x, y],
      [x + 1, y],
      [x, y + 1],
      [x + 1, y + 1],
    ].filter(([column, row]) => column! < width && row! < height);
    const four = pixels.map(([column, row]) => values[row! * width + column!]!);
    const known = four.filter((value) => !Number.isNaN(value) && value !== nodata);
    if (known.length === 0) into[i] = nodata ?? Number.NaN;
    else if (resampling === 'average') {
      const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
      const rounded = dataType.startsWith('float') ? mean : Math.sign(mean) * Math.round(Math.abs(mean));
      into[i] = rounded === nodata ? known[0]! : rounded;
    } else {
      const seen = new Map<number, number>();
      let most = known[0]!;
      for (const value of known) {
        seen.set(value, (seen.get(value) ?? 0) + 1);
        if (seen.get(value)! > seen.get(most)!) most = value;
      }
      into[i] = most;
    }
  }
  return into;
}

const side = fc.oneof(fc.constantFrom(1, 15, 16, 17, 31, 32, 33, 48), fc.integer({ min: 1, max: 70 }));

const pictures = fc
  .record({
    width: side,
    height: side,
    dataType: fc.constantFrom(...dataTypes),
    count: fc.integer({ min: 1, max: 4 }),
    resampling: fc.constantFrom('mode' as const, 'average' as const),
    hasNodata: fc.boolean(),
    isBig: fc.boolean(),
    rows: fc.integer({ min: 1, max: 80 }),
    seed: fc.nat(),
  })
  .map(({ count, hasNodata, isBig, rows, seed, ...shape }) => {
    const { low, high } = rangeOf(shape.dataType);
    const isFloat = shape.dataType.startsWith('float');
    const nodata = !hasNodata ? null : isFloat ? (seed % 2 === 0 ? Number.NaN : -9999) : seed % 2 === 0 ? low : 1;
    const ends = isFloat ? [Number.NaN, 2.5, 1e30, -1.5] : [low, high, high - 1, 1];
    let state = seed >>> 0;
    const next = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const bands = Array.from({ length: count }, () =>
      makePlane(shape.dataType, shape.width * shape.height).map(() => {
        const at = next();
        if (at < 0.3) return nodata ?? 0;
        if (at < 0.5) return ends[Math.floor((at - 0.3) * 20)]!;
        return Math.floor(next() * 5) * (isFloat ? 0.3 : 1);
      }),
    );
    const spec: CogSpec = { ...SPEC, ...shape, nodata, bands: bands.map((_, i) => ({ description: `band ${i}` })) };
    return { spec, bands, isBig, rows };
  });

test('a written map is read back with its overviews', async () => {
  await fc.assert(
    fc.asyncProperty(pictures, async ({ spec, bands, isBig, rows }) => {
      const file = await write(spec, bands, { tileSize: 16, forceBigTiff: isBig }, rows);
      const raster = await openBytes(file);
      const { width, height, type } = raster;
      assert.deepEqual([width, height, type], [spec.width, spec.height, spec.dataType]);
      assert.deepEqual(
        raster.bands,
        spec.bands.map(({ description }) => ({ description, scale: null, offset: null, nodata: spec.nodata })),
      );
      let expected: { planes: Plane[]; width: number; height: number } = { planes: bands, width, height };
      for (const [level, directory] of directoriesOf(file).entries()) {
        if (level > 0)
          expected = {
            planes: expected.planes.map((values) => halfOf({ ...expected, values }, spec)),
            width: Math.ceil(expected.width / 2),
            height: Math.ceil(expected.height / 2),
          };
        const picture = await openBytes(beginningAt(file, directory));
        assert.deepEqual([picture.width, picture.height], [expected.width, expected.height]);
        assert.deepEqual(await readAll(picture), expected.planes);
      }
      assert.ok(Math.max(expected.width, expected.height) <= 16, 'the last one fits a tile');
    }),
    { numRuns: 150 },
  );
});

for (const [width, height, ...overviews] of [
  [1, 1],
  [1, 1000, '1 × 500'],
  [512, 511],
  [513, 1025, '257 × 513', '129 × 257'],
] as [width: number, height: number, ...overviews: string[]][])
  test(`a picture of ${width} × ${height} has ${overviews.length} overviews beside it`, async () => {
    const values = new Uint8Array(width * height).map((_, i) => i % 251);
    const file = await write({ ...SPEC, width, height }, [values], {}, 100);
    const pictures = await Promise.all(directoriesOf(file).map((at) => openBytes(beginningAt(file, at))));
    const sizes = pictures.map((picture) => `${picture.width} × ${picture.height}`);
    assert.deepEqual(sizes, [`${width} × ${height}`, ...overviews]);
    assert.deepEqual(await readAll(pictures[0]!), [values]);
    assert.equal(pictures[0]!.blockWidth, Math.max(width, height) <= 256 ? 256 : 512);
  });

test('the same rows make the same file, however many come at once', async () => {
  const spec: CogSpec = { ...SPEC, width: 90, height: 70, resampling: 'mode' };
  const values = new Uint8Array(90 * 70).map((_, i) => (i * i) % 7);
  const whole = await write(spec, [values], { tileSize: 16 }, 70);
  for (const rows of [1, 16, 33]) assert.deepEqual(await write(spec, [values], { tileSize: 16 }, rows), whole);
});

test('a map has the layout of a GDAL COG: directories, then tiles with sizes, smallest overview first', async () => {
  const values = new Uint8Array(90 * 70).map((_, i) => (i * i) % 7);
  const file = await write({ ...SPEC, width: 90, height: 70 }, [values], { tileSize: 16 });
  assert.equal(
    file.toString('latin1', 8, 8 + 43 + 140),
    'GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\nLAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\n' +
      'BLOCK_LEADER=SIZE_AS_UINT4\nBLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ',
  );
  assert.equal(file.readUInt32LE(4), 192);
  const found: number[][][] = [];
  for (const at of directoriesOf(file)) {
    const directory = await directoryOf(beginningAt(file, at));
    const offsets = (await directory.numbers('TileOffsets', 1000))!;
    const counts = (await directory.numbers('TileByteCounts', 1000))!;
    found.push([...offsets].map((offset, i) => [offset, counts[i]!]));
  }
  const inFile = found.toReversed().flat();
  const [[first]] = inFile as [[number, number]];
  assert.ok(Math.max(...directoriesOf(file)) < first, 'directories come before tiles');
  let at = first;
  for (const [offset, count] of inFile as [number, number][]) {
    assert.equal(offset, at);
    assert.equal(file.readUInt32LE(offset - 4), count);
    const end = offset + count;
    assert.deepEqual(file.subarray(end, end + 4), file.subarray(end - 4, end));
    at += 4 + count + 4;
  }
  assert.equal(at - 4, file.length, 'nothing lies between tiles or behind them');
});

test('only the whole picture says where it lies and what GDAL shows of it; the others are smaller pictures of it', async () => {
  const place = { transform: [600000, 10, 0, 5900040, 0, -10], geoKeys: { 1024: 1, 3072: 32629 } } as const;
  const spec: CogSpec = { ...SPEC, ...place, width: 90, height: 70, nodata: 9, metadata: { MODEL: 's2-scl' } };
  const file = await write(spec, [new Uint8Array(90 * 70)], { tileSize: 16 });
  const shown = ['ModelPixelScale', 'GeoKeyDirectory', 'GdalMetadata', 'GdalNodata'] as const;
  const tags = ['NewSubfileType', 'ExtraSamples', ...shown] as const;
  const found: string[][] = [];
  for (const at of directoriesOf(file)) {
    const directory = await directoryOf(beginningAt(file, at));
    found.push(tags.filter((tag) => directory.has(tag)));
    const fixed = ['Compression', 'PhotometricInterpretation', 'PlanarConfiguration', 'SampleFormat'] as const;
    assert.deepEqual(await Promise.all(fixed.map((tag) => directory.number(tag))), [8, 1, 1, 1]);
    if (found.length > 1) assert.equal(await directory.number('NewSubfileType'), 1);
  }
  const [whole, ...smaller] = found;
  assert.deepEqual(whole, shown);
  for (const one of smaller) assert.deepEqual(one, ['NewSubfileType', 'GdalNodata']);
});

const UTM = { 1024: 1, 1025: 1, 1026: 'WGS 84 / UTM zone 29N', 2049: 'WGS 84', 2054: 9102, 3072: 32629, 3076: 9001 };
const ELLIPSOID = { 2057: 6378137, 2059: 298.257223563, 2062: [0, 0, 0] };
const OWN = { 1024: 1, 2048: 4326, ...ELLIPSOID, 3072: 32767, 3080: -45, 3082: 0 };
const PLACES = [
  { what: 'north up', transform: [600000, 10, 0, 5900040, 0, -10], tag: 'ModelPixelScale' },
  { what: 'south up', transform: [600000, 10, 0, 5900040, 0, 10], tag: 'ModelTransformation' },
  { what: 'rotated', transform: [600000, 8, 6, 5900040, 6, -8], tag: 'ModelTransformation' },
  { what: 'mirrored', transform: [600000, -10, 0, 5900040, 0, -10], tag: 'ModelTransformation' },
] as const;

const KEYS = { area: UTM, point: { ...UTM, 1025: 2 }, 'of its own': OWN, none: null };
for (const { what, transform, tag } of PLACES)
  for (const [kind, geoKeys] of Object.entries(KEYS))
    test(`a map has the location of its source: ${what}, keys: ${kind}`, async () => {
      const file = await write({ ...SPEC, transform, geoKeys }, [new Uint8Array(1200)]);
      const raster = await openBytes(file);
      assert.deepEqual(raster.transform, transform);
      assert.deepEqual(withoutTags(raster.geoKeys), geoKeys);
      assert.ok((await directoryOf(file)).has(tag));
    });

/** The keys alone. */
function withoutTags(keys: GeoKeys | null): GeoKeys | null {
  const isTag = (key: string) => (GEO_TAGS as readonly number[]).includes(Number(key));
  return keys && Object.fromEntries(Object.entries(keys).filter(([key]) => !isTag(key)));
}

test('stored geo keys are copied byte for byte, in any length and order', async () => {
  const text = `${'x'.repeat(50_000)}||y|`;
  const directory = [1, 1, 2, 3, 1024, 0, 1, 32767, 2057, 34736, 1, 1, 3073, 34737, 50_002, 0];
  const stored = { 1025: 1, 34735: directory, 34736: [298.25, 6378137], 34737: text };
  const file = await write({ ...SPEC, geoKeys: stored }, [new Uint8Array(1200)]);
  const { geoKeys } = await openBytes(file);
  assert.deepEqual([geoKeys?.[34735], geoKeys?.[34736], geoKeys?.[34737]], [directory, [298.25, 6378137], text]);
});

test('names, scales, offsets and colours are kept', async () => {
  const woods = { description: 'Wälder &amp; <Wiesen>', scale: 0.0001, offset: -0.1 };
  const spec: CogSpec = { ...SPEC, bands: [woods, { description: '', scale: 2 }], metadata: { MODEL: 's2-scl' } };
  const two = await write(spec, [new Uint8Array(1200), new Uint8Array(1200)]);
  const unnamed = { description: null, scale: 2, offset: null, nodata: null };
  assert.deepEqual((await openBytes(two)).bands, [{ ...woods, nodata: null }, unnamed]);

  assert.deepEqual([...(await (await directoryOf(two)).numbers('ExtraSamples', 9))!], [0], 'all but the first band');

  const colour = [12, 34, 255] as const;
  const file = await write({ ...SPEC, palette: [{ value: 3, colour }] }, [new Uint8Array(1200)]);
  assert.equal((await openBytes(file)).photometric, 'palette');
  const directory = await directoryOf(file);
  assert.equal(await directory.number('PhotometricInterpretation'), PHOTOMETRIC.palette);
  const map = (await directory.numbers('ColorMap', 768))!;
  assert.deepEqual([map.length, map[3], map[256 + 3], map[512 + 3]], [768, 12 * 257, 34 * 257, 65535]);
});

test('a map is a BigTIFF if its offsets need more than 32 bits', () => {
  const shape = { dataType: 'uint8', bands: 1, tileSize: 512, fill: 0, predictor: 1 } as const;
  /** Of tiles of so many bytes, with those around them. */
  const headOf = (...tiles: number[]) => {
    const runs = tiles.map((length) => ({ offset: 0, length }));
    const level = { width: 512, height: 512 * tiles.length, byteCounts: tiles.map((length) => length - 8), runs };
    return encodeHead({ ...SPEC, ...level }, [level], shape, false);
  };
  const headBytes = headOf(8, 8, 8).size - 24;
  const fits = headOf(2 ** 31, 2 ** 31 - 8 - headBytes, 8);
  assert.deepEqual([fits.size, fits.head.readUInt16LE(2)], [2 ** 32, 42]);
  const { head, size } = headOf(2 ** 31, 2 ** 31 - 7 - headBytes, 8);
  assert.deepEqual([size, head.readUInt16LE(2)], [2 ** 32 + 1 + head.length - headBytes, 43]);
  const far = headOf(2 ** 32, 2 ** 32, 8).head;
  assert.ok(far.includes(bigWord(far.length + 2 ** 33 + 4)), 'the last tile begins beyond 8 GiB');
});

function bigWord(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

test('tiles are moved to scratch storage as rows are added, and read back in pieces', async () => {
  const scratch = makeMemoryScratch();
  const sizes: number[] = [];
  const pieces: number[] = [];
  const noise = new Uint8Array(20_480 * 512);
  for (let i = 0, state = 1; i < noise.length; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    noise[i] = state >>> 24;
  }
  const spec: CogSpec = { ...SPEC, width: 20_480, height: 512 };
  const writer = makeCogWriter(spec, {
    append: (bytes) => {
      sizes.push(bytes.length);
      return scratch.append(bytes);
    },
    read: (offset, length) => {
      pieces.push(length);
      return scratch.read(offset, length);
    },
  });
  await writer.addRows([noise.subarray(0, 20_480 * 511)], 511);
  assert.deepEqual(sizes, [], 'a row of tiles is not whole yet');
  await writer.addRows([noise.subarray(20_480 * 511)], 1);
  assert.ok(sizes[0]! > 10 * 1000 ** 2);
  const { size, chunks } = writer.finish();
  let total = 0;
  for await (const { length } of chunks) total += length;
  assert.equal(total, size);
  assert.ok(Math.max(...pieces) <= 8 * 1024 ** 2);
});

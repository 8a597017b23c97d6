import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readBaselineFile } from '../../../../test/benches/packages.ts';
import { isRefused, readAgain, readScene } from '../../../../test/benches/sceneFiles.ts';
import { encodeScene, readSmallModel } from '../../../../test/benches/scenes.ts';
import { frames, shard } from '../../../../test/scenes.ts';
import { encodeExample, encodeTfRecord } from '../../../../test/tfrecord.ts';
import type { Chip } from '../../../package/package.ts';
import { readModelPackage } from '../../../tasks/readModelPackage.ts';
import type { RasterInfo } from '../../raster/rasterInfo.ts';
import { tfrecord } from './format.ts';

const model = await readModelPackage(readBaselineFile);
const [frame] = frames;

test('a file is recognised by its first checksum, and any other file may be a damaged one', () => {
  const says = (head: Uint8Array) => tfrecord.sniff(head, 1000);
  assert.deepEqual([says(shard), says(shard.subarray(0, 12))], ['yes', 'yes']);
  for (const head of [shard.subarray(0, 11), new Uint8Array(), new Uint8Array(12), Buffer.from('\x89PNG')])
    assert.equal(says(head), 'maybe');
});

describe('a range that is not exactly one record is refused with the place:', () => {
  for (const [bytes, message] of [
    [damaged(frame!), /^a "scene": record 3 at byte 1000 is damaged: /],
    [frame!.subarray(0, 500), /^a "scene": record 3 at byte 1000 is cut short/],
    [Buffer.concat([frame!, frame!]), /takes 46743 bytes of the file, not/],
    [encodeTfRecord(encodeExample([['B1', { kind: 'bytes', values: [Uint8Array.of(1)] }]])), /band B2 is missing/],
  ] as const)
    test(String(message), () => {
      const range = async () => bytes;
      const place = { index: 3, kind: 'bytes', offset: 1000, length: bytes.length } as const;
      return isRefused(
        () => tfrecord.readChip({ key: 'a "scene"', size: 1e6, head: shard, range }, place, model),
        message,
      );
    });
});

function damaged(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte, i) => (i === 4000 ? byte ^ 1 : byte));
}

/** The chips of a file, and what it says of where they lie. */
async function read(
  bytes: Uint8Array,
  by = model,
  { key = 'a.tfrecord.gz', size = 50_000, limits = {}, beside = {} as Record<string, unknown> } = {},
) {
  const sibling = async (besideKey: string) => {
    const name = besideKey.slice(besideKey.lastIndexOf('/') + 1);
    return name in beside ? new TextEncoder().encode(JSON.stringify(beside[name])) : null;
  };
  let info: RasterInfo | undefined;
  const tell = (raster: RasterInfo) => {
    info = raster;
  };
  const { chips } = await readScene(tfrecord, bytes, by, { key, size, limits, sibling, tell });
  return { chips, info };
}

const again = (bytes: Uint8Array, place: Chip['place'], by = model) =>
  readAgain(tfrecord, bytes, place, by, { key: 'a.tfrecord.gz' });

describe('a file in gzip', () => {
  const packed = gzipSync(shard);

  for (const size of [1000, packed.length])
    test(`has the chips of its content, in chunks of ${size} bytes, located by index instead of bytes`, async () => {
      const [inGzip, asItIs] = [await read(packed, model, { size }), await read(shard, model, { size: shard.length })];
      assert.equal(inGzip.chips.length, 81);
      assert.deepEqual(
        inGzip.chips,
        asItIs.chips.map((chip, index) => ({ ...chip, place: { index, kind: 'index' } })),
      );
    });

  test('can be read again chip by chip', async () => {
    const { chips } = await read(packed);
    for (const index of [0, 42, 80]) assert.deepEqual(await again(packed, { index, kind: 'index' }), chips[index]);
    await assert.rejects(again(packed, { index: 81, kind: 'index' }), /a.tfrecord.gz: has no chip 81, found are 81/);
  });

  for (const [bytes, limits, message] of [
    [gzipSync('a,b\n1,2\n'), undefined, /^a.tfrecord.gz: in its gzip: is in no format that Swath reads/],
    [
      gzipSync(damaged(shard)),
      undefined,
      /^a.tfrecord.gz: in its gzip: record 0 at byte 0 is damaged: the checksum of its data/,
    ],
    [packed.subarray(0, -500), undefined, /^a.tfrecord.gz: its gzip is cut short/],
    [
      packed,
      { maxFileBytes: 2 ** 20 },
      /^a.tfrecord.gz: its \d+ bytes unpack to more than 1048576, which is the limit/,
    ],
    [packed, { maxRecordBytes: 46_000 }, /^a.tfrecord.gz: in its gzip: record 0 at byte 0 is too long/],
  ] as const)
    test(String(message), () => isRefused(() => read(bytes, model, { limits }), message));
});

describe('the location of patches is read from mixer.json beside an Earth Engine export:', async () => {
  const small = await readSmallModel();
  const scene = encodeScene([{ value: 3 }, { value: 4 }, { value: 5 }]);
  const mixer = {
    projection: { crs: 'none', affine: { doubleMatrix: [10, 0, 500_000, 0, -10, 5_900_000] } },
    patchDimensions: [2, 2],
    patchesPerRow: 2,
    totalPatches: 3,
  };
  const last = { x: 0, y: 2, width: 2, height: 2, footprint: null, hectares: Number.NaN };

  test('without gzip, where a chip also keeps its byte range', async () => {
    const { chips, info } = await read(scene, small, { key: 'a/x-00000.tfrecord', beside: { 'x-mixer.json': mixer } });
    const length = scene.length / 3;
    assert.deepEqual(chips[2]!.place, { index: 2, kind: 'bytes', offset: 2 * length, length, window: last });
    assert.deepEqual([info?.width, info?.bandsBy, info?.bounds], [4, 'name', [500_000, 5_899_960, 500_040, 5_900_000]]);
    assert.deepEqual((await again(scene, chips[2]!.place, small)).planes, chips[2]!.planes);
  });

  test('with gzip', async () => {
    const { chips } = await read(gzipSync(scene), small, { beside: { 'a-mixer.json': mixer } });
    assert.deepEqual(chips[2]!.place, { index: 2, kind: 'window', ...last });
  });

  for (const [what, key, totalPatches, isRefused] of [
    ['more patches than records, in an export of one file', 'a.tfrecord', 4, true],
    ['fewer patches than records', 'a-00000.tfrecord', 2, true],
    ['more patches, with the others in other files', 'a-00000.tfrecord', 4, false],
  ] as const)
    test(`${what}: ${isRefused ? 'is refused' : 'is fine'}`, async () => {
      const reading = read(scene, small, { key, beside: { 'a-mixer.json': { ...mixer, totalPatches } } });
      if (!isRefused) assert.equal((await reading).chips.length, 3);
      else
        await assert.rejects(reading, /found 3 records, but the mixer.json beside it says \d patches: it is another/);
    });
});

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { encodeTar, type TarFile } from '../../../../test/archives.ts';
import { editedPackage, smallModel } from '../../../../test/benches/packages.ts';
import { isRefused, streamOf } from '../../../../test/benches/sceneFiles.ts';
import { encodeGeoTiff } from '../../../../test/geoTiff.ts';
import { encodeZip, type ZipFields } from '../../../../test/numpy.ts';
import { SCENE_LIMITS, type SceneLimits } from '../../../base/limits.ts';
import { type Chip, placeOf, storedPlace } from '../../../package/package.ts';
import { makeChipAt } from '../../chipAt.ts';
import { rangesIn } from '../../rangesIn.ts';
import { makeReadChips } from '../../readChips.ts';
import vectors from './archives.vectors.json' with { type: 'json' };

/** Archives of other software: see vectors.py. */

const bands = ['R', 'G', 'B'].map((name) => ({ name, data_type: 'uint8' }));
const model = await editedPackage([...smallModel(bands, [4, 4])]);
const scene = { bucket: 'inbox', key: 'north/a.tar', versionId: 'v' };

/** Reads a file to its end; what was asked for besides the stream. */
async function read(file: Uint8Array, limits: Partial<SceneLimits> = {}, size = 5000) {
  const chips: Chip[] = [];
  const { scene, seen } = streamOf(file, { size });
  await makeReadChips(model, { ...SCENE_LIMITS, ...limits })(scene, (chip) => {
    chips.push({ ...chip, planes: chip.planes.map((plane) => plane.slice()) });
    return undefined;
  });
  return { chips, requests: seen.requests };
}

const fileOf = (what: string) =>
  new Uint8Array(gunzipSync(Buffer.from(vectors.find((one) => one.what === what)?.file ?? '', 'base64')));

describe('each image of an archive is a chip with its name', () => {
  for (const { what, file: packed, images } of vectors) {
    const file = new Uint8Array(gunzipSync(Buffer.from(packed, 'base64')));
    const size = file.length;

    test(what, async () => {
      for (const piece of [1000, 7777, size]) {
        const { chips } = await read(file, {}, piece);
        const found = chips.map(({ member, planes }) => ({ name: member, bands: planes.map((plane) => [...plane]) }));
        assert.deepEqual(found, images);
        assert.deepEqual(
          chips.map(({ place, truth, nodataShare }) => [place.index, truth, nodataShare]),
          images.map((_, i) => [i, null, 0]),
        );
        const chipAt = makeChipAt(async (_, offset, length) => rangesIn(file)(offset, length));
        for (const { place, planes } of chips) {
          const stored = storedPlace(place);
          assert.equal(placeOf(stored).kind, place.kind);
          const again = await chipAt({ ...scene, size }, stored, model);
          assert.deepEqual([again.planes, again.place], [planes, place]);
        }
      }
    });
  }
});

test('a tar is read once from front to back, and one of its chips again with one request', async () => {
  const file = fileOf('a tar of pax with a long name');
  const { chips, requests } = await read(file);
  assert.deepEqual(requests, []);
  assert.deepEqual(
    chips.map(({ place }) => place.kind),
    ['bytes', 'bytes'],
  );
});

test('names of folders in a zip of Windows have their backslashes turned', async () => {
  const junk = { name: '__MACOSX\\x.tif', bytes: new Uint8Array(3) };
  const { chips } = await read(encodeZip([{ name: 'n\\b.tif', bytes: image(4) }, junk]));
  assert.deepEqual(
    chips.map(({ member }) => member),
    ['n/b.tif'],
  );
});

test('only the directory of a zip is requested besides the stream', async () => {
  const file = fileOf('a zip, deflated');
  const { requests } = await read(file);
  assert.deepEqual(requests, [[0, file.length]]); // it is shorter than what a directory's end may be behind
});

/** An image of three bands of so many pixels. */
const image = (side: number, count = 3) =>
  encodeGeoTiff({
    width: side,
    height: side,
    bands: Array.from({ length: count }, () => new Uint8Array(side * side).fill(9)),
  });

describe('an archive is refused with the reason:', () => {
  const bytes = image(4);
  const good = { name: 'good.tif', bytes };
  const cases: { files: TarFile[]; message: string; limits?: Partial<SceneLimits> }[] = [
    {
      files: [good, { name: 'n/b.tif', bytes: image(5) }],
      message:
        '“n/b.tif”: found 5 × 5 pixels, of which droughtwatch-baseline makes 4 chips; allowed in an archive are images of one chip, up to 4 × 4. Send',
    },
    { files: [good, { name: 'n/b.tif', bytes: image(4, 2) }], message: '“n/b.tif”: ' },
    {
      files: [good, { name: 'labels.csv', bytes: Buffer.from('a,b\n1,2\n') }],
      message: '“labels.csv”: found a file that starts with “a,b\\x0a1,2\\x0a”; allowed in an archive are images',
    },
    { files: [good, { name: 'b.tif', bytes: bytes.subarray(0, 100) }], message: '“b.tif”: ' },
    {
      files: [good],
      limits: { maxRecordBytes: bytes.length - 1 },
      message: `“good.tif”: found ${bytes.length} bytes, allowed are at most ${bytes.length - 1} (the parameter maxRecordBytes)`,
    },
    {
      files: [{ name: 'notes.txt', bytes: Buffer.from('a') }],
      message: 'found no image, allowed is an archive with at least one',
    },
    { files: [good, good], limits: { maxChips: 1 }, message: 'found more than 1 chips, which is the limit' },
    {
      files: [
        { name: 'x', type: 'L', bytes: Buffer.alloc(1025, 'x') },
        { ...good, name: `${'x'.repeat(99)}` },
      ],
      message: 'found a name of 1025 characters, allowed are at most 1024: “xxxx',
    },
  ];
  for (const { files, message, limits = {} } of cases) {
    const tar = encodeTar(files);
    const zipped = files.filter(({ type }) => type === undefined).map(({ name }) => name.length < 99);
    test(`in a tar: ${message}`, () => refused(tar, message, limits));
    test(`in a tar in gzip: ${message}`, () => refused(new Uint8Array(gzipSync(tar)), message, limits));
    if (zipped.every(Boolean)) test(`in a zip: ${message}`, () => refused(encodeZip(files), message, limits));
  }

  const two = [good, { ...good, name: 'b.tif' }];
  const ofZip = (second: Partial<ZipFields>, isDeflated = true) =>
    encodeZip(two, { isDeflated, member: (fields) => (fields.offset === 0 ? fields : { ...fields, ...second }) });
  const named = Buffer.from(
    encodeZip([{ ...good, name: '?~?' }], { member: (of) => ({ ...of, flags: 0x800 }) }),
  ).toString('latin1');
  for (const [file, message] of [
    [ofZip({ packed: 0xffffffff }), '“b.tif”: found 4294967295 bytes, allowed are at most'],
    [ofZip({ packed: 5000 }), '“b.tif”: is damaged: its 5000 bytes go on behind byte'],
    [ofZip({ offset: 0 }), '“good.tif”: is damaged: its'],
    [Buffer.from(named.replaceAll('?~?', '\xfc~?'), 'latin1'), 'found the name “\ufffd~?”, which is not UTF-8'],
    [ofZip({ bytes: 2 ** 26 - 100 }), 'bytes unpack to 67108982'],
  ] as const)
    test(`of a file of a zip: ${message}`, () => refused(file, message));

  test('a zip of a Zarr store', () => {
    const files = ['b02/c/0/0', 'zarr.json'].map((name) => ({ name: `x.zarr/${name}`, bytes: new Uint8Array(3) }));
    return refused(encodeZip(files), 'found a Zarr store, allowed is its folder. Unpack it: unzip -d X.zarr in.zip');
  });

  test('a zip that is cut short, and one whose directory is in the wrong place', async () => {
    const whole = encodeZip(two);
    await refused(
      whole.subarray(0, -1),
      'a: is an archive without a directory at its end: it is cut short, or damaged',
    );
    const other = whole.slice();
    new DataView(other.buffer).setUint32(other.length - 6, other.length - 3, true);
    await refused(other, `a: is damaged: its directory begins at byte ${other.length - 3}, after its end`);
    new DataView(other.buffer).setUint32(other.length - 6, 0xffffffff, true);
    await refused(other, 'a: is damaged: its directory begins at byte 4294967295, after its end');
  });

  test('a tar in gzip that is cut short, or has data after its end', async () => {
    const packed = new Uint8Array(gzipSync(encodeTar(two)));
    for (const bytes of [1, 5, 9, 40]) await refused(packed.subarray(0, -bytes), 'its gzip is cut short');
    await refused(new Uint8Array([...packed, 0, 0, 0]), 'something else stands behind');
    const changed = packed.with(packed.length - 6, packed.at(-6)! ^ 1);
    await refused(changed, 'its gzip is damaged');
  });

  test('a chip that it does not have', async () => {
    const place = { index: 2, kind: 'index' } as const;
    for (const file of [encodeZip(two), new Uint8Array(gzipSync(encodeTar(two)))]) {
      const chipAt = makeChipAt(async (_, offset, length) => rangesIn(file)(offset, length));
      const again = chipAt({ ...scene, size: file.length }, storedPlace(place), model);
      await assert.rejects(again, /has no chip 2, found are 2/);
    }
  });
});

const refused = (file: Uint8Array, message: string, limits: Partial<SceneLimits> = {}) =>
  isRefused(() => read(file, limits), message);

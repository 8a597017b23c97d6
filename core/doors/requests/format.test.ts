import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import { encode } from 'fast-png';
import { editedPackage, smallModel } from '../../../test/benches/packages.ts';
import { rowModel } from '../../../test/benches/rowModel.ts';
import { encodeGeoTiff } from '../../../test/geoTiff.ts';
import { encodeNpy } from '../../../test/numpy.ts';
import { encodeExample, encodeTfRecord } from '../../../test/tfrecord.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { SCENE_LIMITS, type SceneLimits } from '../../base/limits.ts';
import { type Chip, type ModelPackage, storedPlace } from '../../package/package.ts';
import { makeChipAt } from '../../scenes/chipAt.ts';
import { FORMATS, formatOf } from '../../scenes/formats/formats.ts';
import images from '../../scenes/image/image.vectors.json' with { type: 'json' };
import { inOneChunk, rangesIn } from '../../scenes/rangesIn.ts';
import { makeReadChips } from '../../scenes/readChips.ts';
import { request } from './format.ts';

const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const requestOf = (inputs: readonly unknown[], more: object = {}) => bytesOf({ id: 'r-17', ...more, inputs });

async function read(file: Uint8Array, model: ModelPackage, limits: Partial<SceneLimits> = {}) {
  const chips: Chip[] = [];
  const chunks = (async function* () {
    const piece = new Uint8Array(700); // a chunk is valid until the next
    for (let at = 0; at < file.length; at += piece.length) {
      const part = file.subarray(at, at + piece.length);
      piece.set(part);
      yield piece.subarray(0, part.length);
    }
  })();
  const scene = { key: 'a', size: file.length, chunks, range: rangesIn(file) };
  const take = (chip: Chip) => void chips.push({ ...chip, planes: chip.planes.map((plane) => plane.slice()) });
  const found = await makeReadChips(model, { ...SCENE_LIMITS, ...limits })(scene, take, [request, ...FORMATS]);
  return { ...found, taken: chips };
}

const bandsOf = (names: string, type: string) => [...names].map((name) => ({ name, data_type: type }));
const rgb = bandsOf('RGB', 'uint8');
const planesIn = ({ taken }: { taken: Chip[] }) => taken.map(({ planes }) => planes);

describe('an input gives the same chip as a file', () => {
  const pictures = images.pictures.filter(({ type, bands }) => type === 'uint8' && bands.length === 3);
  assert.ok(pictures.length > 5);
  for (const { what, file, width, height } of pictures)
    test(`of an image: ${what}`, async () => {
      const model = await editedPackage([...smallModel(rgb, [height, width])]);
      const asked = await read(requestOf([{ id: 'a', image: file }]), model);
      const alone = await read(new Uint8Array(Buffer.from(file, 'base64')), model);
      assert.equal(asked.taken.length, 1);
      assert.deepEqual(planesIn(asked), planesIn(alone));
      assert.deepEqual([asked.taken[0]!.nodataShare, asked.taken[0]!.truth], [alone.taken[0]!.nodataShare, null]);
    });

  test('of a GeoTIFF, with its bands by name and its nodata value', async () => {
    const model = await editedPackage(smallModel(bandsOf('RGB', 'uint16'), [2, 3]));
    const bands = [1, 2, 3].map((band) => Uint16Array.from({ length: 6 }, (_, i) => (i === 0 ? 0 : 100 * band + i)));
    const tif = encodeGeoTiff({ width: 3, height: 2, bands, descriptions: ['B', 'G', 'R'], nodata: 0 });
    const [asked, alone] = [await read(requestOf([{ image: base64(tif) }]), model), await read(tif, model)];
    assert.deepEqual(planesIn(asked), planesIn(alone));
    assert.deepEqual(asked.taken[0]!.planes[0], bands[2]);
    assert.equal(asked.taken[0]!.nodataShare, 1 / 6);
  });

  for (const type of ['uint8', 'int16', 'float32', 'float64'])
    test(`of bands of ${type}`, async () => {
      const model = await editedPackage(smallModel(bandsOf('AB', type), [2, 2]));
      const make = { uint8: Uint8Array, int16: Int16Array, float32: Float32Array, float64: Float64Array }[type]!;
      const [A, B] = [make.of(1, 2, 3, 100), make.of(5, 6, 7, 0.5)].map((plane) => new Uint8Array(plane.buffer));
      const features = Object.entries({ A, B }).map(
        ([name, value]) => [name, { kind: 'bytes', values: [value!] }] as const,
      );
      const record = encodeTfRecord(encodeExample(features));
      const bands = { B: base64(B!), other: '', A: base64(A!) };
      assert.deepEqual(planesIn(await read(requestOf([{ bands }]), model)), planesIn(await read(record, model)));
    });

  test('of the values of a picture of one band, or of several', async () => {
    const values = [1, 4].map((first) => [first, first + 1, first === 1 ? 3 : 6.5]);
    const one = await editedPackage(smallModel(bandsOf('A', 'float32'), [2, 3]));
    const data = new Uint8Array(Float32Array.from(values.flat()).buffer);
    const npy = encodeNpy({ descr: '<f4', shape: [1, 1, 2, 3], data });
    const expected = planesIn(await read(npy, one));
    assert.equal(expected.length, 1);
    for (const asked of [values, [values]])
      assert.deepEqual(planesIn(await read(requestOf([{ values: asked }]), one)), expected);
    const two = await editedPackage(smallModel([...bandsOf('A', 'uint8'), ...bandsOf('B', 'int16')], [1, 2]));
    const found = await read(requestOf([{ values: [[[1, 2]], [[-3, 4]]] }]), two);
    assert.deepEqual(planesIn(found), [[Uint8Array.of(1, 2), Int16Array.of(-3, 4)]]);
  });

  test('of the values of a row', async () => {
    const model = await rowModel('float32');
    const inputs = [{ values: [0.1, 2] }, { values: [[0.1, 2]] }, { values: [[[0.1]], [[2]]] }];
    const row = planesIn(await read(new TextEncoder().encode('A,B\n0.1,2\n'), model))[0];
    assert.deepEqual(planesIn(await read(requestOf(inputs), model)), [row, row, row]);
  });
});

describe('each input succeeds or fails by itself', () => {
  test('one that cannot be read is refused, and the others are read', async () => {
    const model = await rowModel('uint8');
    const good = [{ values: [1, 2] }, { id: 'd', values: [3, 4] }];
    const inputs = [good[0], { id: 'bad', values: [1, 256] }, { s3: 's3://inbox/a' }, 'x', good[1]];
    const { taken, measured, refusals } = await read(requestOf(inputs), model);
    assert.equal(measured.chips, 2);
    const places = taken.map(({ place, member, request: id }) => `${place.kind} ${place.index} ${member} ${id}`);
    assert.deepEqual(places, ['index 0 undefined r-17', 'index 4 d r-17']);
    const message =
      'inputs[3]: found “x”, allowed is an object with one of image, bands, values, text, texts, features, pair, s3';
    assert.deepEqual(refusals, [
      { index: 1, name: 'bad', message: 'inputs[1].values: band B: found 256, allowed is a value of uint8' },
      { index: 3, name: null, message },
    ]);
  });

  const png = (width: number, height: number, channels = 3) =>
    base64(encode({ width, height, channels, data: new Uint8Array(width * height * channels).fill(7) }));
  const truncated = base64(new Uint8Array(Buffer.from(png(4, 4), 'base64')).subarray(0, 40));
  const line = (text: string) => `${text.slice(0, 8)}\n${text.slice(8)}`;
  for (const [what, input, says] of [
    [
      'an image of another size',
      { image: png(5, 4) },
      /inputs\[0\]\.image: found 5 × 4 pixels, of which droughtwatch-baseline makes 2 chips; allowed in a request are/,
    ],
    [
      'an image of another number of bands',
      { image: png(4, 4, 1) },
      /\.image: found 1 band, allowed are the bands R, G, B/,
    ],
    ['a damaged image', { image: truncated }, /\.image: /],
    [
      'a text',
      { image: base64(new TextEncoder().encode('hello')) },
      /\.image: found a file that starts with “hello”; allowed in a request are images: GeoTIFF, PNG, /,
    ],
    ['nothing', { image: '' }, /\.image: is empty, allowed is base64 \(RFC 4648\) of a file or of values$/],
    [
      'base64 in lines',
      { image: line(png(4, 4)) },
      /\.image: found “\\n.*” at character 8, allowed is base64 \(RFC 4648\) without line breaks/,
    ],
    [
      'base64 as a data: URL',
      { image: `data:image/png;base64,${png(4, 4)}` },
      /\.image: found “:image.*” at character 4, allowed is base64 .* without data:/,
    ],
    [
      'base64 with a letter whose lower byte is one of base64',
      { image: `${png(4, 4).slice(0, 4)}\u0141${png(4, 4).slice(5)}` },
      /\.image: found “Ł.*” at character 4, allowed is base64/,
    ],
    [
      'a band of letters beyond ASCII',
      { bands: { R: 'AAAA', G: 'ŁA==', B: 'AAAA' } },
      /\.G: found “ŁA==” at character 0/,
    ],
    [
      'base64 that is cut off',
      { image: png(4, 4).slice(0, -5) },
      /\.image: found \d+ characters, allowed is base64 \(RFC 4648\), which has a multiple of four/,
    ],
    [
      'bands of which one is missing',
      { bands: { R: 'AAAA', B: 'AAAA' } },
      /\.bands: found “R, B”, but not G; allowed is an entry for each band: R, G, B/,
    ],
    [
      'a band that is too short',
      { bands: { R: 'AAAA', G: 'AAAA', B: 'AAAA' } },
      /\.bands: band R: found 3 bytes, .* 16 \(4/,
    ],
  ] as [string, unknown, RegExp][])
    test(what, async () => {
      const model = await editedPackage(smallModel(rgb, [4, 4]));
      const good = { image: png(4, 4) };
      const { measured, refusals = [] } = await read(requestOf([input, good]), model);
      assert.deepEqual([measured.chips, refusals.length, refusals[0]!.index], [1, 1, 0]);
      assert.match(refusals[0]!.message, says);
      assert.match(refusals[0]!.message, /^inputs\[0\]/);
    });

  test('an image for a model of rows is refused', async () => {
    const file = requestOf([{ image: png(1, 1) }, { values: [1, 2] }]);
    const { refusals = [] } = await read(file, await rowModel('uint8'));
    assert.match(refusals[0]!.message, /inputs\[0\]\.image: found an image, but .* takes rows of numbers; allowed are/);
  });

  test('images beyond the size that a file may unpack to are refused', async () => {
    const model = await editedPackage([...smallModel(rgb, [40, 40])]);
    const limits = { maxRecordBytes: 5000, maxFileBytes: 12_000 };
    const inputs = [1, 2, 3].map(() => ({ image: png(40, 40) }));
    const { taken, refusals = [] } = await read(requestOf(inputs), model, limits);
    assert.equal(taken.length, 2);
    assert.match(
      refusals[0]!.message,
      /^inputs\[2\]: takes the inputs up to it to 14400 bytes .* at most 12000 in one/,
    );
  });
});

describe('a file of a request', () => {
  const message = { id: 'r', inputs: [{ values: [1, 2] }] };

  for (const [what, text] of [
    ['as it is sent', JSON.stringify(message)],
    ['spread over lines', JSON.stringify({ id: 'r', model: 'm/1', replyTo: null, inputs: [] }, null, 4)],
    ['with its inputs first', '{"inputs":[],"id":"r"}'],
    ['behind the mark of UTF-8', `\ufeff${JSON.stringify(message)}`],
  ] as const)
    test(`is recognised by its beginning, ${what}`, () => {
      const head = new TextEncoder().encode(text);
      assert.equal(formatOf({ key: 'a', size: head.length }, head, [request, ...FORMATS]).format, request);
    });

  test('is no STAC Item, and no other JSON', () => {
    const others = ['{"type":"Feature","id":"a"}', '{"id":"a","inputs":{}}', '{"id":"a","type":"Feature","inputs":[]}'];
    for (const text of others) assert.equal(request.sniff(new TextEncoder().encode(text), text.length), 'no');
  });

  for (const [what, file, says] of [
    [
      'that is no UTF-8',
      Uint8Array.of(...bytesOf(message).slice(0, -1), 0xff, 0x7d),
      /^a: found a request that is not UTF-8/,
    ],
    [
      'that is cut off',
      bytesOf(message).slice(0, -3),
      /^a: The request cannot be taken: found a text that starts with .* and is not JSON/,
    ],
    [
      'that asks for another model',
      bytesOf({ model: 'digits/2', ...message }),
      /^a: asks for digits 2, and is read for \S+ 1\.0\.0$/,
    ],
    ['of no input', bytesOf({ id: 'r', inputs: [] }), /^a: The request r cannot be taken: inputs: found a list of 0/],
    [
      'of which no input can be read',
      requestOf([7, {}]),
      /^a: none of its 2 chips can be read: inputs\[0\]: found 7, allowed/,
    ],
  ] as const)
    test(`${what} is refused`, async () => {
      const reading = read(file, await rowModel('uint8'));
      await assert.rejects(reading, (error: Error) => error instanceof InvalidSceneFile && says.test(error.message));
    });

  test('is read for the model that it asks for, with or without a version', async () => {
    const model = await rowModel('uint8');
    for (const named of [model.name, `${model.name}/${model.version}`])
      assert.equal((await read(requestOf([{ values: [1, 2] }], { model: named }), model)).measured.chips, 1);
  });

  test('that is too large is refused before any of it is read', async () => {
    const reading = read(requestOf([{ values: [1, 2] }]), await rowModel('uint8'), { maxRecordBytes: 20 });
    await assert.rejects(reading, /^InvalidSceneFile: a: found a request of \d+ bytes, allowed are at most 20 /);
  });

  test('fails with the first refusal if the reader does not collect refusals', async () => {
    const file = requestOf([{ values: [1, 2] }, { values: [1] }]);
    const chunks = inOneChunk(file);
    const stream = { key: 'a', size: file.length, chunks, range: rangesIn(file) };
    const readChips = request.makeReader(await rowModel('uint8'), SCENE_LIMITS);
    const reading = readChips(stream)[Symbol.asyncIterator]();
    assert.equal((await reading.next()).done, false);
    await assert.rejects(reading.next(), /^InvalidSceneFile: a: inputs\[1\]\.values: found a list of 1/);
  });
});

describe('a chip is read again by its place', () => {
  const scene = { bucket: 'inbox', key: 'a', versionId: 'v' };

  test('and is the same', async () => {
    const model = await rowModel('int16');
    const file = requestOf([{ id: 'a', values: [9, -2] }, { s3: 's3://inbox/b' }, { values: [3, 4] }, 7]);
    const chipAt = makeChipAt(
      async (_, offset, length) => rangesIn(file)(offset, length),
      () => [request],
    );
    const at = (index: number) => chipAt({ ...scene, size: file.length }, { index, offset: 0, length: 0 }, model);
    const { taken } = await read(file, model);
    assert.equal(taken.length, 2);
    for (const chip of taken) {
      const again = await chipAt({ ...scene, size: file.length }, storedPlace(chip.place), model);
      assert.deepEqual(again, chip);
    }
    await assert.rejects(at(1), { name: 'InvalidSceneFile', message: /^a: has no chip 1, as it names a file$/ });
    await assert.rejects(at(3), { name: 'InvalidSceneFile', message: /^a: inputs\[3\]: found 7/ });
    await assert.rejects(at(4), { name: 'InvalidSceneFile', message: /^a: has no chip 4, as it has fewer inputs$/ });
  });
});

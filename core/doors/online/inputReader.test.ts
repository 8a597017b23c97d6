import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, test } from 'node:test';
import { encode } from 'fast-png';
import { editedPackage, smallModel } from '../../../test/benches/packages.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { SMALL_BYTES } from './bodyInputs.ts';
import { isSmallImage, makeInputReader } from './inputReader.ts';

describe('an input that is read apart', async () => {
  const model = await editedPackage(smallModel([{ name: 'A', data_type: 'uint8' }], [1, 2]));
  const read = makeInputReader(model, 1e6);
  const png = Buffer.from(encode({ data: Uint8Array.of(3, 4), width: 2, height: 1, channels: 1, depth: 8 }));
  const of = (json: unknown) => ({ json: Buffer.from(JSON.stringify(json)), where: 'inputs[3]', index: 3 });

  test('is its chip, its id and the digest of its image', async () => {
    const image = await read(of({ id: 'a', image: png.toString('base64') }));
    assert.partialDeepStrictEqual(image, {
      id: 'a',
      digest: hash('sha256', png),
      chip: { planes: [Uint8Array.of(3, 4)] },
    });
    const values = await read(of({ id: 'b', values: [[[3, 4]]] }));
    assert.partialDeepStrictEqual(values, { id: 'b', digest: null, chip: { planes: [Uint8Array.of(3, 4)] } });
  });

  test('is an image, whose digest is only that of one that came along', async () => {
    const job = { where: 'inputs[3]', index: 3, id: 'a', image: png };
    assert.equal((await read({ ...job, member: 'image' })).digest, hash('sha256', png));
    assert.equal((await read({ ...job, member: 'url' })).digest, null);
    const { chip } = await read({ ...job, image: Buffer.from('none'), member: 'url' });
    assert.ok(chip instanceof InvalidSceneFile && chip.message.startsWith('inputs[3].url: '), String(chip));
  });

  for (const input of [{ s3: 's3://inbox/a.png' }, { url: 'https://a.example.org/a.png' }])
    test(`is refused where it only names an image, and is that large: ${Object.keys(input)}`, async () => {
      const job = of(input);
      const { chip } = await read({ ...job, json: Buffer.concat([job.json, Buffer.alloc(SMALL_BYTES, ' ')]) });
      assert.match(
        String(chip),
        new RegExp(
          `inputs\\[3\\]: found \\d{5} bytes, allowed are at most 65536 for an input with ${Object.keys(input)}`,
        ),
      );
    });

  test('has an error of its own where it is no input, and fails the request where it is no JSON', async () => {
    const { id, chip } = await read(of({ id: 'a', values: 1 }));
    assert.ok(chip instanceof InvalidSceneFile);
    assert.equal(id, 'a');
    await assert.rejects(read({ ...of(0), json: Buffer.from('{') }), { name: 'Problem', status: 400 });
  });
});

describe('an image is small', () => {
  function header(width: number, height: number, { length = 24, signature = 0x89504e47, chunk = 'IHDR' } = {}) {
    const bytes = Buffer.alloc(Math.max(24, length));
    bytes.writeUInt32BE(signature, 0);
    bytes.write(chunk, 12);
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    return bytes.subarray(0, length);
  }

  for (const [what, isSmall, bytes] of [
    ['a PNG of 256 × 256 pixels', true, header(256, 256)],
    ['a PNG of as many bytes as are parsed at once', true, header(2, 2, { length: SMALL_BYTES })],
    ['a PNG of a pixel more', false, header(65_537, 1)],
    ['a PNG of a byte more', false, header(2, 2, { length: SMALL_BYTES + 1 })],
    ['half a header', false, header(2, 2, { length: 23 })],
    ['another format', false, header(2, 2, { signature: 0x49492a00 })],
    ['a PNG that begins with another chunk', false, header(2, 2, { chunk: 'CgBI' })],
  ] as const)
    test(`${isSmall ? '' : 'not '}where it is ${what}`, () => assert.equal(isSmallImage(bytes), isSmall));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editedPackage, smallModel } from '../../../test/benches/packages.ts';
import { SCENE_LIMITS } from '../../base/limits.ts';
import type { Chip } from '../../package/chip.ts';
import { jpeg } from '../formats/jpeg/format.ts';
import { png } from '../formats/png/format.ts';
import { webp } from '../formats/webp/format.ts';
import { rangesIn } from '../rangesIn.ts';
import vectors from './image.vectors.json' with { type: 'json' };

const SIDE = 8;

/** A model of chips of 8 × 8 pixels in three bands. */
const model = await editedPackage([
  ...smallModel(
    ['red', 'green', 'blue'].map((name) => ({ name, data_type: 'uint8' })),
    [SIDE, SIDE],
  ),
]);

for (const [format, what] of [
  [png, 'PNG, 4 bands of 8 bits'],
  [jpeg, 'JPEG, 3 bands'],
  [webp, 'WebP, 4 bands'],
] as const)
  test(`${what}: its chips come from the stream, with no other request, and are read again as they were`, async () => {
    const { file, width, height } = vectors.pictures.find((one) => one.what === what)!;
    const bytes = new Uint8Array(Buffer.from(file, 'base64'));
    const chunks = (async function* () {
      for (let at = 0; at < bytes.length; at += 100) yield bytes.slice(at, at + 100);
    })();
    const requests: number[] = [];
    const range = (offset: number, length: number) => {
      requests.push(offset);
      return rangesIn(bytes)(offset, length);
    };
    const chips: Chip[] = [];
    const scene = { key: 'a', size: bytes.length, chunks, range };
    for await (const some of format.makeReader(model, SCENE_LIMITS)(scene)) chips.push(...some);
    assert.deepEqual(requests, []);
    assert.equal(chips.length, Math.ceil(width / SIDE) * Math.ceil(height / SIDE));
    const ranges = { key: 'a', size: bytes.length, head: bytes.subarray(0, 64), range };
    for (const { place, planes, nodataShare } of chips.slice(0, 3)) {
      assert.equal(planes.length, 3); // a band that says how opaque a pixel is, is none of them
      const { index } = place;
      assert.deepEqual(await format.readChip(ranges, { index, kind: 'index' }, model), {
        place,
        planes,
        truth: null,
        nodataShare,
      });
    }
    assert.deepEqual([...new Set(requests)], [0]);
  });

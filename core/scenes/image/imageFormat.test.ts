import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editedPackage, smallModel } from '../../../test/benches/packages.ts';
import { readAgain, readScene } from '../../../test/benches/sceneFiles.ts';
import { jpeg } from '../formats/jpeg/format.ts';
import { png } from '../formats/png/format.ts';
import { webp } from '../formats/webp/format.ts';
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
    const { chips, requests } = await readScene(format, bytes, model, { size: 100 });
    assert.deepEqual(requests, []);
    assert.equal(chips.length, Math.ceil(width / SIDE) * Math.ceil(height / SIDE));
    for (const chip of chips.slice(0, 3)) {
      assert.equal(chip.planes.length, 3); // a band that says how opaque a pixel is, is none of them
      assert.deepEqual(await readAgain(format, bytes, chip.place.index, model), chip);
    }
  });

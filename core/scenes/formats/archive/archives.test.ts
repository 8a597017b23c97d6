import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { editedPackage, smallModel } from '../../../../test/benches/packages.ts';
import { SCENE_LIMITS } from '../../../limits.ts';
import type { Chip } from '../../chip.ts';
import { placeOf, storedPlace } from '../../chip.ts';
import { makeChipAt } from '../../chipAt.ts';
import { rangesIn } from '../../rangesIn.ts';
import { makeReadChips } from '../../readChips.ts';
import vectors from './archives.vectors.json' with { type: 'json' };

/** Archives of other software: see vectors.py. */

const bands = ['R', 'G', 'B'].map((name) => ({ name, data_type: 'uint8' }));
const model = await editedPackage([...smallModel(bands, [4, 4])]);
const scene = { bucket: 'inbox', key: 'north/a.tar', versionId: 'v' };

async function* inPieces(file: Uint8Array, bytes: number) {
  const piece = new Uint8Array(bytes); // a chunk is valid until the next
  for (let at = 0; at < file.length; at += bytes) {
    const part = file.subarray(at, at + bytes);
    piece.set(part);
    yield piece.subarray(0, part.length);
  }
}

describe('of an archive of images each is a chip with its name', () => {
  for (const { what, file: packed, images } of vectors) {
    const file = new Uint8Array(gunzipSync(Buffer.from(packed, 'base64')));
    const size = file.length;

    test(what, async () => {
      for (const piece of [1000, 7777, size]) {
        const chips: Chip[] = [];
        const read = makeReadChips(model, SCENE_LIMITS);
        await read({ key: 'a', size, chunks: inPieces(file, piece), range: rangesIn(file) }, (chip) => {
          chips.push({ ...chip, planes: chip.planes.map((plane) => plane.slice()) });
          return undefined;
        });
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

import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import { storedPlace, windowOf } from '../../../core/package/package.ts';
import { makeChipAt } from '../../../core/scenes/chipAt.ts';
import { tfrecord } from '../../../core/scenes/formats/tfrecord/format.ts';
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { readSmallModel } from '../../benches/scenes.ts';
import { encodeExample, encodeTfRecord, type FeatureToEncode } from '../../tfrecord.ts';
import type { Dice } from '../dice.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';
import { inPieces } from './records.ts';

const model = await readSmallModel();
const limits = { ...SCENE_LIMITS, maxRecordBytes: 2 ** 16, maxFileBytes: 2 ** 20 };
const scene = { bucket: 'inbox', key: 'north/a.tfrecord.gz', versionId: 'v1' };

/** A band as Earth Engine may write it, mostly of the small model's four pixels. */
function aBand(dice: Dice): FeatureToEncode {
  const values = Array.from({ length: dice.once(20) ? dice.below(6) : 4 }, () =>
    dice.below(dice.once(50) ? 1000 : 256),
  );
  if (dice.once(3)) return { kind: 'bytes', values: [Uint8Array.from(values)] };
  if (dice.once(2)) return { kind: 'int64', values: values.map(BigInt) };
  return { kind: 'float', values: values.map((value) => (dice.once(100) ? value / 2 : value)) };
}

function anExport(dice: Dice): Uint8Array {
  const record = () =>
    encodeTfRecord(
      encodeExample([
        ['A', aBand(dice)],
        ['B', aBand(dice)],
      ]),
    );
  return gzipSync(Buffer.concat(Array.from({ length: 1 + dice.below(4) }, record)), { level: dice.pick([0, 6]) });
}

/** What lies beside an export: a byte of the file's checksum says whether it fits. */
function mixerOf(file: Uint8Array): Uint8Array | null {
  const last = file.at(-5) ?? 0;
  if (last % 2) return null;
  const mixer = {
    projection: { crs: 'EPSG:4326', affine: { doubleMatrix: [1, 0, 10, 0, -1, 50] } },
    patchDimensions: [2, 2],
    patchesPerRow: 2,
    totalPatches: 1 + (last % 4),
  };
  return new TextEncoder().encode(JSON.stringify(mixer));
}

/** Exports of Earth Engine: in gzip, their bands as lists, and how they lie on earth beside them. */
export const exports: Target = {
  name: 'exports',
  // A byte may unpack to a thousand.
  limits: { share: 60, refuses: ['InvalidSceneFile'], bytesPerByte: 5000 },
  make: (dice) => {
    const file = anExport(dice);
    return dice.once(2) ? file : damage(file, dice, [anExport(dice)]);
  },
  read: async (file) => {
    const chipAt = makeChipAt(async (_scene, offset, length) => file.subarray(offset, offset + length));
    const sibling = async () => mixerOf(file);
    const stream = { key: scene.key, size: file.length, chunks: inPieces(file), range: rangesIn(file), sibling };
    let index = 0;
    for await (const chips of tfrecord.makeReader(model, limits)(stream))
      for (const { place, planes, truth } of chips) {
        assert.equal(place.index, index);
        assert.ok(planes.length === 2 && planes.every(({ length }) => length === 4));
        assert.equal(windowOf(place) === null, mixerOf(file) === null);
        if (index < 2) {
          const again = await chipAt({ ...scene, size: file.length }, storedPlace(place), model);
          assert.deepEqual([again.planes, again.truth], [planes, truth]);
        }
        index += 1;
      }
    assert.ok(index > 0, 'a file without a chip is refused');
  },
};

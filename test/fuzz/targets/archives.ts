import assert from 'node:assert/strict';
import { gunzipSync, gzipSync } from 'node:zlib';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import { storedPlace } from '../../../core/package/package.ts';
import { makeChipAt } from '../../../core/scenes/chipAt.ts';
import vectors from '../../../core/scenes/formats/archive/archives.vectors.json' with { type: 'json' };
import { gzip } from '../../../core/scenes/formats/gzip/format.ts';
import { tar } from '../../../core/scenes/formats/tar/format.ts';
import { zip } from '../../../core/scenes/formats/zip/format.ts';
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { editedPackage, smallModel } from '../../benches/packages.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';
import { inPieces } from './records.ts';

const bands = ['R', 'G', 'B'].map((name) => ({ name, data_type: 'uint8' }));
const model = await editedPackage([...smallModel(bands, [4, 4])]);
const limits = { ...SCENE_LIMITS, maxRecordBytes: 2 ** 16, maxFileBytes: 2 ** 20 };
const scene = { bucket: 'inbox', key: 'north/a', versionId: 'v1' };

const ofOthers = vectors.map(({ file }) => new Uint8Array(gunzipSync(Buffer.from(file, 'base64'))));
const formats = [tar, zip, gzip];
const formatOf = (file: Uint8Array) => formats.find(({ sniff }) => sniff(file, file.length) === 'yes');

/** Tars, zips and tars in gzip of other software, each chip of which is read again. */
export const archives: Target = {
  name: 'archives',
  limits: { share: 20, refuses: ['InvalidSceneFile'], bytesPerByte: 200 },
  make: (dice) => {
    const file = dice.pick(ofOthers);
    if (dice.once(8)) return file;
    const damaged = damage(file, dice, ofOthers);
    return dice.once(4) ? new Uint8Array(gzipSync(damaged)) : damaged;
  },
  read: async (file) => {
    const format = formatOf(file);
    if (format === undefined) return;
    const size = file.length;
    const chunks = inPieces(file);
    const chipAt = makeChipAt(async (_, offset, length) => rangesIn(file)(offset, length));
    const stream = { key: scene.key, size, chunks, range: rangesIn(file) };
    let index = 0;
    for await (const chips of format.makeReader(model, limits)(stream))
      for (const { place, planes, member } of chips) {
        assert.equal(place.index, index);
        assert.ok(member !== undefined);
        index += 1;
        const again = await chipAt({ ...scene, size }, storedPlace(place), model);
        assert.deepEqual(again.planes, planes);
      }
  },
};

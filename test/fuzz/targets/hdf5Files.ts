import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import { cubeFormat } from '../../../core/scenes/cubes/cubeFormat.ts';
import vectors from '../../../core/scenes/cubes/hdf5.vectors.json' with { type: 'json' };
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { editedPackage, smallModel } from '../../benches/packages.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';
import { inPieces } from './records.ts';

const SIDE = 4;
const model = await editedPackage([...smallModel([{ name: 'b02', data_type: 'uint16' }], [SIDE, SIDE])]);
const limits = { ...SCENE_LIMITS, maxRecordBytes: 2 ** 16, maxFileBytes: 2 ** 20, maxChips: 1000 };
const unpacked = (file: string) => new Uint8Array(inflateSync(Buffer.from(file, 'base64')));
const FILES = [
  ...vectors.vectors.filter(({ type }) => type === 'uint16').map(({ file }) => unpacked(file)),
  ...Object.values(vectors.others).map(unpacked),
];

/** NetCDF4 and HDF5 files, of every filter that is read and of some that are not. */
export const hdf5Files: Target = {
  name: 'hdf5Files',
  // HDF5 follows some damage in circles, until it is stopped after five seconds.
  limits: { share: 20, refuses: ['InvalidSceneFile'], bytesPerByte: 400, mostBytes: 2 ** 26, mostMilliseconds: 8000 },
  make: (dice) => {
    const whole = dice.pick(FILES);
    return dice.once(8) ? whole : damage(whole, dice, FILES);
  },
  read: async (file) => {
    const stream = { key: 'north/a.nc', size: file.length, chunks: inPieces(file), range: rangesIn(file) };
    let index = 0;
    for await (const chips of cubeFormat.makeReader(model, limits)(stream))
      for (const { place, planes } of chips) {
        assert.equal(place.index, index);
        index += 1;
        assert.ok(planes.every(({ length }) => length === SIDE * SIDE));
        if (index === limits.maxChips) return; // where readChips ends it
      }
    assert.ok(index > 0);
  },
};

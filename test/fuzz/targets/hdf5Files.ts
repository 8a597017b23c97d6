import { inflateSync } from 'node:zlib';
import vectors from '../../../core/scenes/cubes/hdf5.vectors.json' with { type: 'json' };
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';
import { readCubeChips } from './cubeChips.ts';
import { inPieces } from './records.ts';

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
    await readCubeChips(stream);
  },
};

import assert from 'node:assert/strict';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import { storedPlace } from '../../../core/package/package.ts';
import { makeChipAt } from '../../../core/scenes/chipAt.ts';
import { numpy } from '../../../core/scenes/formats/numpy/format.ts';
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { readSmallModel } from '../../benches/scenes.ts';
import { encodeNpy, encodeNpz } from '../../numpy.ts';
import type { Dice } from '../dice.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';
import { inPieces } from './records.ts';

const model = await readSmallModel();
const limits = { ...SCENE_LIMITS, maxRecordBytes: 1024 ** 2 };
const scene = { bucket: 'inbox', key: 'north/scene', versionId: 'v1' };

const TYPES = ['|u1', '|b1', '|i1', '>u2', '<f4', '<i8', '>u8', '|O', '<U4', "[('a', '|u1')]"];
const SHAPES = [[2, 2, 2], [2, 2, 1], [4], [2, 2, 2, 2]];

/** Mostly of the small model's chips. */
function anArray(dice: Dice, chips = dice.below(6)): Uint8Array {
  const descr = dice.once(6) ? dice.pick(TYPES) : '|u1';
  const shape = [chips, ...(dice.once(8) ? dice.pick(SHAPES) : [2, 2, 2])];
  const values = shape.reduce((product, size) => product * size) * Number(/\d/.exec(descr)?.[0] ?? 8);
  const major = dice.once(4) ? dice.pick([1, 2, 3] as const) : 1;
  return encodeNpy({ descr, shape, data: dice.bytes(values), isFortranOrder: dice.once(4), major });
}

function anArchive(dice: Dice): Uint8Array {
  const chips = 1 + dice.below(5);
  const x = anArray(dice, chips);
  const labels = encodeNpy({ descr: '|u1', shape: [chips], data: dice.bytes(chips).map((value) => value % 5) });
  const arrays = dice.pick<Record<string, Uint8Array>>([{ x }, { x, y: labels }, { label: labels, x }, { x, z: x }]);
  const isDeflated = dice.once(2);
  if (!dice.once(4)) return encodeNpz(arrays, { isDeflated });
  // What the directory says is damaged, and nothing else is.
  const field = dice.pick(['flags', 'method', 'checksum', 'packed', 'bytes', 'offset'] as const);
  const value = dice.pick([0, 1, 8, 100, 0xffff]);
  return encodeNpz(arrays, { isDeflated, member: (fields) => ({ ...fields, [field]: value }) });
}

/** Arrays of chips, alone and in archives. */
export const arrays: Target = {
  name: 'numpy',
  // A chip of eight bytes is an object with two arrays.
  limits: { share: 100, refuses: ['InvalidSceneFile'], bytesPerByte: 200 },
  make: (dice) => {
    const file = dice.once(2) ? anArray(dice) : anArchive(dice);
    return dice.once(3) ? file : damage(file, dice, [anArray(dice), anArchive(dice)]);
  },
  read: async (file) => {
    const chipAt = makeChipAt(async (_scene, offset, length) => file.subarray(offset, offset + length));
    let index = 0;
    const stream = { key: scene.key, size: file.length, chunks: inPieces(file), range: rangesIn(file) };
    const read = numpy.makeReader(model, limits)(stream);
    for await (const chips of read)
      for (const chip of chips) {
        assert.equal(chip.place.index, index);
        assert.ok(chip.planes.length === 2 && chip.planes.every(({ length }) => length === 4));
        // What is found again is what was seen.
        if (index < 3 && numpy.sniff(file.subarray(0, 64), file.length) === 'yes')
          assert.deepEqual(
            { ...(await chipAt({ ...scene, size: file.length }, storedPlace(chip.place), model)) },
            { ...chip, planes: chip.planes.map((plane) => plane.slice()) },
          );
        index += 1;
      }
    assert.ok(index > 0, 'a file without a chip is refused');
  },
};

import assert from 'node:assert/strict';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import { type ModelPackage, storedPlace } from '../../../core/package/package.ts';
import { makeChipAt } from '../../../core/scenes/chipAt.ts';
import { csv } from '../../../core/scenes/formats/csv/format.ts';
import type { Format } from '../../../core/scenes/formats/format.ts';
import { parquet } from '../../../core/scenes/formats/parquet/format.ts';
import vectors from '../../../core/scenes/formats/parquet/parquet.vectors.json' with { type: 'json' };
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { rowModel } from '../../benches/rowModel.ts';
import type { Dice } from '../dice.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';
import { inPieces } from './records.ts';

const carry = [{ name: 'id', type: 'STRING' }] as const;
const bytes = { ...(await rowModel('uint8')), carry };
const floats = { ...(await rowModel('float64')), carry };
const limits = { ...SCENE_LIMITS, maxRecordBytes: 2 ** 20 };
const scene = { bucket: 'inbox', key: 'north/table', versionId: 'v1' };

/** Reads a table, and of its first rows each once more. */
async function readTable(format: Format, file: Uint8Array, model: ModelPackage): Promise<void> {
  const chipAt = makeChipAt(async (_scene, offset, length) => file.subarray(offset, offset + length));
  const stream = { key: scene.key, size: file.length, chunks: inPieces(file), range: rangesIn(file) };
  const isKnown = format.sniff(file.subarray(0, 64), file.length) !== 'no';
  let index = 0;
  for await (const chips of format.makeReader(model, limits)(stream))
    for (const chip of chips) {
      assert.equal(chip.place.index, index);
      assert.ok(chip.planes.length === 2 && chip.planes.every(({ length }) => length === 1));
      assert.equal(chip.carried?.length, 1);
      if (index < 2 && isKnown)
        assert.deepEqual(await chipAt({ ...scene, size: file.length }, storedPlace(chip.place), model), chip);
      index += 1;
    }
  assert.ok(index > 0, 'a table without a row is refused');
}

const CELLS = ['7', '255', '0', '1e2', ' 3', '"4"', '256', '2.5', 'NA', '', '"a ""b"""', '"two\nlines"', 'ü', '-1'];

function aTable(dice: Dice): Uint8Array {
  const delimiter = dice.pick([',', ';', '\t']);
  const usual = dice.pick([
    ['A', 'B'],
    ['B', 'id', 'A'],
    ['A', 'B', 'label'],
  ]);
  const header = dice.once(8) ? ['b', 'x', 'A'] : usual;
  const cell = (name: string) => {
    if (dice.once(60)) return dice.pick(CELLS);
    return name === 'id' ? dice.pick(CELLS.slice(-5)) : String(dice.below(name === 'label' ? 4 : 256));
  };
  const rows = Array.from({ length: 1 + dice.below(6) }, () => header.map(cell));
  const text = [header, ...rows].map((row) => row.join(delimiter)).join(dice.pick(['\n', '\r\n']));
  return new TextEncoder().encode((dice.once(8) ? '\ufeff' : '') + text + (dice.once(2) ? '\n' : ''));
}

/** Tables as text. */
export const csvTables: Target = {
  name: 'csv',
  // A cell of one character is a text, in an array, beside a plane of one value.
  limits: { share: 60, refuses: ['InvalidSceneFile'], bytesPerByte: 500 },
  make: (dice) => (dice.once(2) ? aTable(dice) : damage(aTable(dice), dice, [aTable(dice)])),
  read: (file) => readTable(csv, file, bytes),
};

const files = vectors.tables.map(({ file }) => new Uint8Array(Buffer.from(file, 'base64')));

/** Tables by columns, as Apache Arrow writes them. */
export const parquetTables: Target = {
  name: 'parquet',
  // A byte of its footer is an object with a dozen fields.
  limits: { share: 60, refuses: ['InvalidSceneFile'], bytesPerByte: 2000 },
  make: (dice) => {
    const file = dice.pick(files);
    return dice.once(8) ? file : damage(file, dice, files);
  },
  read: (file) => readTable(parquet, file, floats),
};

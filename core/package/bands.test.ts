import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Edit, editedPackage, INPUT, PROPERTIES, smallModel } from '../../test/benches/packages.ts';
import { bytesOf, sampleChips } from '../../test/models/sampleChips.ts';
import { makePlane, type Plane } from '../arrays/dataTypes.ts';
import { isBlank } from '../measures/blanks/blanks.ts';
import { makeBandSelector, makeSourceReader, preparedBands } from './bands.ts';
import type { ModelPackage } from './package.ts';

const where = () => 'a.tfrecord, record 3';

function prepare(model: ModelPackage, source: readonly Plane[]): Plane[] {
  const { height, width } = model.tensor;
  const out = preparedBands(model).map(({ dataType }) => makePlane(dataType, height * width));
  makeBandSelector(model)(source, out);
  return out;
}

const A = { name: 'A', data_type: 'uint8' };
const B = { name: 'B', data_type: 'uint16' };

test('bands come in the order of the model, each with the type of the file', async () => {
  const model = await editedPackage(smallModel([A, B], [1, 2], ['B', 'A']));
  assert.deepEqual(preparedBands(model), [
    { name: 'B', dataType: 'uint16', bytesPerChip: 4 },
    { name: 'A', dataType: 'uint8', bytesPerChip: 2 },
  ]);
  assert.deepEqual(prepare(model, [Uint8Array.of(1, 2), Uint16Array.of(300, 400)]), [
    Uint16Array.of(300, 400),
    Uint8Array.of(1, 2),
  ]);
});

test('a derived band is float32 and sees the values of the file', async () => {
  const ratio = { name: 'ratio', format: 'rio-calc', expression: '(B - A) / (A + B)' };
  const model = await editedPackage(smallModel([A, B], [1, 3], ['A', ratio]));
  assert.deepEqual(preparedBands(model)[1], { name: 'ratio', dataType: 'float32', bytesPerChip: 12 });
  const [a, derived] = prepare(model, [Uint8Array.of(100, 0, 0), Uint16Array.of(300, 400, 0)]);
  assert.deepEqual(a, Uint8Array.of(100, 0, 0));
  assert.deepEqual([...derived!], [0.5, 1, NaN]);
});

test('a derived band may have the name of a source band, and its expression can still use that band', async () => {
  const model = await editedPackage(smallModel([A], [1, 2], [{ name: 'A', format: 'swath', expression: 'A / 4' }]));
  assert.deepEqual(prepare(model, [Uint8Array.of(1, 255)]), [Float32Array.of(0.25, 63.75)]);
});

test('a crop, a padding and the nearest pixel keep the type of the file', async () => {
  for (const [type, height, expected] of [
    ['crop', 1, [3, 4]],
    ['pad', 4, [1, 2, 3, 4, 5, 6, 0, 0]],
    ['interpolation-nearest', 2, [1, 2, 3, 4]],
  ] as const) {
    const model = await editedPackage([
      ...smallModel([A], [height, 2]),
      [`${INPUT}/resize_type`, type],
      [`${PROPERTIES}/swath:source_shape`, [3, 2]],
    ]);
    assert.deepEqual(prepare(model, [Uint8Array.of(1, 2, 3, 4, 5, 6)]), [Uint8Array.from(expected)], type);
    assert.equal(model.source.bands[0]!.bytesPerChip, 6);
  }
});

test('an interpolated band is float32, and a derived band is computed before the interpolation', async () => {
  const square = { name: 'square', format: 'swath', expression: 'A * A' };
  const model = await editedPackage([
    ...smallModel([A], [1, 1], ['A', square]),
    [`${INPUT}/resize_type`, 'interpolation-linear'],
    [`${PROPERTIES}/swath:source_shape`, [1, 2]],
  ]);
  assert.deepEqual(prepare(model, [Uint8Array.of(1, 2)]), [Float32Array.of(1.5), Float32Array.of(2.5)]);
  const same = await editedPackage([...smallModel([A], [1, 2]), [`${INPUT}/resize_type`, 'interpolation-linear']]);
  assert.equal(preparedBands(same)[0]!.dataType, 'uint8', 'nothing is computed between equal sizes');
});

for (const [taken, type, expected] of [
  ['float32', 'uint16', 'float32'],
  ['float32', 'float32', 'float32'],
  ['float16', 'int16', 'float32'],
  ['float32', 'int32', 'float64'],
  ['float32', 'uint32', 'float64'],
  ['float32', 'float64', 'float64'],
  ['float64', 'uint8', 'float64'],
  ['int64', 'uint16', 'float64'],
] as const)
  test(`bands that are computed of ${type} for an input of ${taken} are ${expected}`, async () => {
    const sum = { name: 'sum', format: 'swath', expression: 'A + A' };
    const edits: Edit[] = [...smallModel([{ name: 'A', data_type: type }], [1, 1], ['A', sum])];
    edits.push([`${INPUT}/input/data_type`, taken], [`${INPUT}/resize_type`, 'interpolation-area']);
    const types = (model: ModelPackage) => preparedBands(model).map(({ dataType }) => dataType);
    assert.deepEqual(types(await editedPackage(edits)), [type, expected]);
    edits.push([`${PROPERTIES}/swath:source_shape`, [1, 2]]);
    assert.deepEqual(types(await editedPackage(edits)), [expected, expected]);
  });

test('the bytes of a record become planes, at any byte offset', async () => {
  const model = await editedPackage(smallModel([A, B], [1, 2]));
  const bytes = Uint8Array.of(9, 9, 9, 0x2c, 0x01, 0x90, 0x01);
  const planes = makeSourceReader(model)([bytes.subarray(0, 2), bytes.subarray(3)], where);
  assert.deepEqual(planes, [Uint8Array.of(9, 9), Uint16Array.of(300, 400)]);
});

for (const length of [0, 3, 5])
  test(`a band of ${length} instead of 4 bytes is refused`, async () => {
    const read = makeSourceReader(await editedPackage(smallModel([A, B], [1, 2])));
    assert.throws(() => read([new Uint8Array(2), new Uint8Array(length)], where), {
      name: 'InvalidSceneFile',
      message: `a.tfrecord, record 3: band B: found ${length} bytes, allowed are 4 (1 × 2 uint16)`,
    });
  });

test('the bundled shard has two blank chips', async () => {
  const model = await editedPackage([]);
  const read = makeSourceReader(model);
  const blanks = sampleChips().map((chip) =>
    isBlank({ planes: read(bytesOf(chip, model.source.bands), where) }, model),
  );
  // numpy 2.4: the records whose maximum over B1 … B11 is at most 1
  assert.deepEqual(
    blanks.flatMap((blank, i) => (blank ? [i] : [])),
    [39, 46],
  );
});

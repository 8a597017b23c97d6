import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { chipId } from '../run.ts';
import { decodePredictions, encodePredictions } from './batchPredictions.ts';
import { judged, numbersOf } from './chipPrediction.ts';
import { makePredictions } from './predictionFile.ts';

const classes = [
  { value: 30, name: 'three' },
  { value: -1, name: 'none' },
  { value: 4, name: 'four' },
];
const digest = '0123456789abcdef'.repeat(4);
const outputs = [
  [0.25, 0.5, 0.25],
  [0.25, 0.375, 0.375],
  [0, 0, 0],
  [0.5, Number.NaN, 0.5],
  [0, Number.POSITIVE_INFINITY, 0],
  [-3, -2, -1],
];

test('what is read of a batch is what is read of a run: the same columns, of the same types, with the same values', async () => {
  const ofRun = makePredictions(classes, outputs.length);
  ofRun.add(0, outputs.flat());
  const part = {
    chips: outputs.length,
    index: Int32Array.from(outputs.keys()),
    offset: BigInt64Array.from(outputs, (_, i) => BigInt(100 * i)),
    length: new Int32Array(outputs.length).fill(100),
    truth: outputs.map((_, i) => (i === 2 ? 4 : null)),
    bands: [],
  };
  const run = ofRun.toParquet(digest, part);
  const batch = encodePredictions(classes, chips(), 'first');
  assert.deepEqual(await rowsOf(batch), await rowsOf(run));
  const schemaOf = (bytes: Uint8Array) => parquetMetadata(new Uint8Array(bytes).buffer).schema;
  assert.deepEqual(schemaOf(batch), schemaOf(run));
  const { counts, missing, probabilitySum } = ofRun;
  const numbers = { counts, missing: missing(), probabilitySum: probabilitySum() };
  assert.deepEqual(numbersOf(chips(), classes.length), numbers);
});

test('what is written can be read back and written once more', async () => {
  const batch = encodePredictions(classes, chips(), 'first');
  const back = await decodePredictions(classes, batch);
  assert.deepEqual(back, chips());
  assert.deepEqual(await rowsOf(encodePredictions(classes, back, 'second')), await rowsOf(batch));
});

test('two writes of the same predictions are two contents', () => {
  assert.notDeepEqual(encodePredictions(classes, chips(), 'first'), encodePredictions(classes, chips(), 'other'));
});

test('the columns are of the same types whatever is in them, nothing or a great deal, which is read in one go', async () => {
  const metadataOf = (bytes: Uint8Array) => parquetMetadata(new Uint8Array(bytes).buffer);
  const { schema, key_value_metadata } = metadataOf(encodePredictions(classes, chips(), 'first'));
  assert.deepEqual(key_value_metadata, [{ key: 'swath:write', value: 'first' }]);
  const missing = chips().map((chip) => ({ ...chip, ...judged([Number.NaN, 0, 0]), truth: null }));
  const many = Array.from({ length: 500 }, chips).flat();
  for (const some of [[], missing, many]) {
    const { schema: own, row_groups } = metadataOf(encodePredictions(classes, some, 'first'));
    const shapeOf = ({ num_children, ...column }: (typeof schema)[number]) => column;
    assert.deepEqual(own.map(shapeOf), schema.map(shapeOf));
    assert.ok(row_groups.length <= 1, `${row_groups.length} groups of rows`);
  }
});

test('what is no such file is refused', async () => {
  const columns = {
    ...{ chip_id: ['a-0'], index: [0], offset: [0n], length: [9], label: [4], truth: [null] },
    ...Object.fromEntries(classes.map(({ value }) => [`p_${value}`, [0.5]])),
  };
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data }));
  const encoded = (some: typeof columnData) =>
    new Uint8Array(parquetWriteBuffer({ columnData: some as Parameters<typeof parquetWriteBuffer>[0]['columnData'] }));
  assert.equal((await decodePredictions(classes, encoded(columnData)))[0]?.winner, 2);
  for (const name of ['chip_id', 'index', 'offset', 'length', 'label', 'truth'])
    await assert.rejects(
      decodePredictions(classes, encoded(columnData.filter((column) => column.name !== name))),
      { name: 'ZodError' },
      name,
    );
});

test('no prediction at all is a file, too', async () => {
  assert.deepEqual(await decodePredictions(classes, encodePredictions(classes, [], 'first')), []);
});

function chips() {
  return outputs.map((row, index) => ({
    ...{ chip_id: chipId(digest, index), index, offset: BigInt(100 * index), length: 100 },
    ...judged(row),
    ...{ truth: index === 2 ? 4 : null, digest },
  }));
}

async function rowsOf(bytes: Uint8Array) {
  return parquetReadObjects({ file: new Uint8Array(bytes).buffer });
}

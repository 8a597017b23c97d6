import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { makePredictions } from '../infer/predictions.ts';
import { chipId } from '../shared/run.ts';
import { decodePredictions, encodePredictions } from './batchPredictions.ts';
import { judged, numbersOf } from './chipPrediction.ts';

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

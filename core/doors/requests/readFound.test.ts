import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MODEL, makeBench, sceneOf } from '../../../test/benches/batch.ts';
import { encodeGeoTiff } from '../../../test/geoTiff.ts';
import { ObjectNotFound } from '../../base/errors.ts';
import { requestKey } from '../../base/keys.ts';
import { SCENE_LIMITS } from '../../base/limits.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { makeAnswer } from './answer.ts';
import { makeReadPredictions, readFound } from './readFound.ts';
import { encodeRequest, parseRequest, splitRequest } from './request.ts';

/** A request that a batch has classified among others, and its answer out of what that has left. */

const bench = await makeBench();
const model = Object.assign(await bench.ports.models.load(MODEL), { isOfPictures: true });
const ports = {
  readPredictions: makeReadPredictions(async (key: string) => {
    const found = bench.results.get(key);
    if (found === undefined) throw new ObjectNotFound(key);
    return found.bytes;
  }),
  sceneLimits: SCENE_LIMITS,
};
const values = (value: number) => ['A', 'B'].map(() => [0, 1].map(() => [value, value]));
const asked = (id: string, inputs: object[], more = {}) => {
  const request = parseRequest(JSON.stringify({ id, inputs, ...more }));
  const object = { key: requestKey(id), bytes: encodeRequest(request) };
  return { request, split: { ...splitRequest(request, { bucket: 'inbox', prefix: 'north/' }), object } };
};

type Asked = ReturnType<typeof asked>;

/** Answers a request whose files have no rows but those given. */
async function answered({ request, split }: Asked, inline: LedgerRow | null, files = new Map<number, LedgerRow>()) {
  const found = await readFound(ports, split.object, model, inline);
  const refusals = [...split.refusals, ...found.refusals];
  return makeAnswer(request, model, { ...found, refusals, files, addressOf: (key) => `s3://results/${key}` });
}

async function rowOf(key: string): Promise<LedgerRow> {
  return (await bench.ledger.get(sceneOf(key), MODEL))!;
}

describe('for a request that was classified in a batch with others', async () => {
  const long = 'x'.repeat(300);
  const bad = Array.from({ length: 8 }, (_, i) => ({ id: `bad ${i}`, values: long }));
  const inputs = [
    { id: 'a', values: values(5) },
    ...bad,
    { s3: 's3://elsewhere/a' },
    { values: values(0) },
    { values: values(6) },
  ];
  const { request, split } = asked('r-17', inputs);
  const other = asked('r-18', [{ values: values(7) }]);
  const objects = [split, other.split].map(({ object }) => [object.key, object.bytes] as const);
  await bench.classify(bench.batchOf(Object.fromEntries(objects)));
  const inline = await rowOf(split.object.key);

  test('each input has its answer, and each refused input its full reason', async () => {
    const { results } = await answered({ request, split }, inline);
    const label = (value: number) => model.classes[value % 4]!.value;
    assert.partialDeepStrictEqual(results, [
      { index: 0, id: 'a', label: label(5), error: null },
      ...bad.map(({ id }, i) => ({ index: i + 1, id })),
      { index: 9, error: 'inputs[9].s3: found “s3://elsewhere/a”, allowed are files of the inbox, s3://inbox/north/…' },
      { index: 10, error: null },
      { index: 11, label: label(6), error: null },
    ]);
    assert.equal(inline.refused?.count, 8);
    for (const { error } of results!.slice(1, 9))
      assert.match(error!, /^inputs\[\d\]\.values: found “x+”, allowed is a list/);
    assert.match(results![10]!.warnings[0]!, /^It is blank/);
  });

  test('no answer is made if the predictions are gone', async () => {
    const gone = { ...ports, readPredictions: async (key: string) => Promise.reject(new ObjectNotFound(key)) };
    await assert.rejects(readFound(gone, split.object, model, inline), ObjectNotFound);
  });
});

test('each converted image of a request has its warnings', async () => {
  const pixels = (side: number) => [1, 2].map((value) => new Uint8Array(side * side).fill(value));
  const image = (side: number) =>
    Buffer.from(encodeGeoTiff({ width: side, height: side, bands: pixels(side) })).toString('base64');
  const { request, split } = asked('r-22', [{ image: image(2) }, { values: values(5) }, { image: image(4) }]);
  await bench.classify(bench.batchOf({ [split.object.key]: split.object.bytes }));
  const inline = await rowOf(split.object.key);
  assert.deepEqual([inline.warned, inline.warnings], [1, ['It was resized from 4 × 4 to 2 × 2 (interpolation-area).']]);
  const { results } = await answered({ request, split }, inline);
  assert.deepEqual(
    results!.map(({ warnings }) => warnings),
    [[], [], ['It was resized from 4 × 4 to 2 × 2 (interpolation-area).']],
  );
  assert.deepEqual([...results!.map(({ error }) => error)], [null, null, null]);
});

test('a request of unconverted images is read again for warnings only if its run did not end', async () => {
  const image = (side: number) => {
    const bands = [5, 6].map((value) => new Uint8Array(side * side).fill(value));
    return Buffer.from(encodeGeoTiff({ width: side, height: side, bands })).toString('base64');
  };
  const { split } = asked('r-23', [{ image: image(2) }]);
  await bench.classify(bench.batchOf({ [split.object.key]: split.object.bytes }));
  const row = await rowOf(split.object.key);
  assert.deepEqual([row.state, row.warned], ['DONE', undefined]);
  const converted = asked('r-23', [{ image: image(4) }]).split; // whoever reads it has a warning to tell
  const warnings = async (inline: LedgerRow) => (await readFound(ports, converted.object, model, inline)).warnings.size;
  assert.equal(await warnings(row), 0);
  assert.equal(await warnings({ ...row, state: 'FAILED' }), 1);
});

test('if no input of a request can be read, each has its own reason', async () => {
  const { request, split } = asked('r-20', [{ values: 7 }, { id: 'b', image: '?' }]);
  await bench.classify(bench.batchOf({ [split.object.key]: split.object.bytes }));
  const inline = await rowOf(split.object.key);
  assert.equal(inline.state, 'INVALID');
  const { results } = await answered({ request, split }, inline);
  assert.match(results![0]!.error!, /^inputs\[0\]\.values: found 7/);
  assert.match(results![1]!.error!, /^inputs\[1\]\.image: found “\?”/);
});

test('if a request asks for another model, each input has the error of the run', async () => {
  const { request, split } = asked('r-21', [{ values: values(5) }], { model: 'another' });
  await bench.classify(bench.batchOf({ [split.object.key]: split.object.bytes }));
  const inline = await rowOf(split.object.key);
  const { results } = await answered({ request, split }, inline);
  assert.match(results![0]!.error!, /asks for another, and is read for/);
});

test('if a request names only files, its answer is made from their runs', async () => {
  const { request, split } = asked('r-19', [{ s3: 's3://inbox/north/a' }]);
  const file = await rowOf('requests/r-18.json');
  const { results, files } = await answered({ request, split }, null, new Map([[0, file]]));
  assert.partialDeepStrictEqual(results, [{ run: file.run, state: 'DONE', chips: 1, error: null }]);
  assert.deepEqual(files, ['s3://results/requests/r-19.json']);
});

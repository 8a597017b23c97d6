import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rowIn } from '../../../test/benches/ledgerRows.ts';
import { modelOf, partOf, predict } from '../../../test/benches/predictions.ts';
import { storedCounts } from '../../../test/benches/summaries.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { ModelPackage } from '../../package/package.ts';
import { taskNamed } from '../../tasks/registry.ts';
import { encodeAnswer, type Found, makeAnswer } from './answer.ts';
import type { Request } from './request.ts';

const classes = ['field', 'forest', 'lake'].map((name, i) => ({ name, value: 10 * i }));
const model: ModelPackage = { ...modelOf(classes), blankMax: 0, nodataLimit: 0.5, reference: [1, 1, 1] };
const origin = { run: 'a'.repeat(32), digest: 'b'.repeat(64), scene: 'requests/r-17.json' };
const row = rowIn('DONE', {
  run: origin.run,
  scene: { bucket: 'results', key: origin.scene, versionId: 'v' },
  model: { name: 'model', version: '1.0.0' },
  day: '2026-03-01',
  parts: 1,
  batch: 'c'.repeat(32),
});
const requestOf = (inputs: readonly unknown[]): Request => ({ id: 'r-17', model: null, replyTo: null, inputs });
const NOTHING: Found = {
  inline: null,
  refusals: [],
  warnings: new Map(),
  files: new Map(),
  addressOf: (key) => `s3://results/${key}`,
};

/** The answer for one input of a model, which has put out these numbers. */
function answered(of: ModelPackage, outputs: readonly number[]) {
  const { predictions } = predict(of, [outputs], origin);
  return makeAnswer(requestOf([{ id: 'a', values: [] }]), of, { ...NOTHING, inline: { row, predictions } }).results![0];
}

test('an answer has the result of each input, in the order of the inputs', () => {
  const inputs = [
    { id: 'a', image: '' },
    { values: 'x' },
    { id: 'f', s3: 's3://inbox/f' },
    { id: 'dark', image: '' },
    { id: 'n', image: '' },
  ];
  const part = partOf(2, { index: Int32Array.of(0, 4) });
  const { predictions } = predict(
    model,
    [
      [0.25, 0.5, 0.25],
      [Number.NaN, 0, 0],
    ],
    origin,
    part,
  );
  const { batch: _, ...alone } = row;
  const file: LedgerRow = {
    ...alone,
    run: 'f'.repeat(32),
    chips: 5,
    blank: 1,
    ...storedCounts([3, 1, 0], { names: classes.map(({ name }) => name), probabilitySum: 3 }),
  };
  const found: Found = {
    inline: { row, predictions },
    refusals: [{ index: 1, name: null, message: 'inputs[1].values: found “x”, allowed is a list of numbers' }],
    warnings: new Map([
      [0, ['It was resized.']],
      [3, ['It was resized.']],
    ]),
    files: new Map([[2, file]]),
    addressOf: NOTHING.addressOf,
  };
  const folder = 's3://results/predictions/model=model/version=1.0.0/date=2026-03-01';
  const about = (index: number, id: string | null) => ({ index, id, warnings: [], error: null });
  assert.deepEqual(makeAnswer(requestOf(inputs), model, found), {
    id: 'r-17',
    model: 'model',
    version: '1.0.0',
    inputs: 5,
    errors: 2,
    leftOut: null,
    results: [
      {
        ...about(0, 'a'),
        warnings: ['It was resized.'],
        class: 'forest',
        label: 10,
        probability: 0.5,
        probabilities: { field: 0.25, forest: 0.5, lake: 0.25 },
      },
      { ...about(1, null), error: 'inputs[1].values: found “x”, allowed is a list of numbers' },
      {
        ...about(2, 'f'),
        run: 'f'.repeat(32),
        state: 'DONE',
        duplicateOf: null,
        chips: 5,
        blank: 1,
        counts: { field: 3, forest: 1, lake: 0 },
        results: [`${folder}/${'f'.repeat(32)}-00000.parquet`],
      },
      {
        ...about(3, 'dark'),
        warnings: [
          'It was resized.',
          'It is blank: no value of it exceeds 0, or a share of more than 0.5 of its pixels holds no data. It was not classified.',
        ],
      },
      {
        ...about(4, 'n'),
        class: null,
        label: null,
        probability: null,
        error: 'model 1.0.0 has no finite number for it.',
        probabilities: { field: null, forest: null, lake: null },
      },
    ],
    files: [`${folder}/${'c'.repeat(32)}-00000.parquet`, 's3://results/requests/r-17.json'],
  });
});

describe('an answer has for each task', () => {
  test('labels, of which a chip may have none', () => {
    const output = { ...model.output, activation: 'sigmoid', thresholds: [0.5, 0.5, 0.5] } as const;
    const reference = { chips: 3, counts: [1, 1, 1] };
    const of: ModelPackage = { ...model, task: taskNamed('multilabel'), output, reference };
    const found = answered(of, [0.9, 0.1, 0.625]) as unknown as {
      labels: string[];
      certainty: number;
      probabilities: object;
    };
    assert.deepEqual(found.labels, ['field', 'lake']);
    assert.deepEqual(Object.keys(found.probabilities), ['field', 'forest', 'lake']);
    assert.ok(found.certainty > 0 && found.certainty < 1);
    assert.deepEqual((answered(of, [0.1, 0.2, 0.3]) as unknown as typeof found).labels, []);
    const none = answered(of, [Number.NaN, 0, 0]);
    assert.partialDeepStrictEqual(none, { labels: null, error: 'model 1.0.0 has no finite number for it.' });
  });

  test('the class of most pixels, and the shares of all', () => {
    const { predictions } = predict(model, [[0.25, 0.5, 0.25]], origin);
    const shares = { share_0: [0.25], share_10: [0.75], share_20: [0], pixels: [4] };
    const inline = { row, predictions: { ...predictions, ...shares } };
    const of = { ...model, task: taskNamed('segmentation') };
    const { results } = makeAnswer(requestOf([{ id: 'a', image: '' }]), of, { ...NOTHING, inline });
    assert.deepEqual(results, [
      {
        index: 0,
        id: 'a',
        warnings: [],
        class: 'forest',
        label: 10,
        share: 0.75,
        error: null,
        meanProbability: 0.5,
        shares: { field: 0.25, forest: 0.75, lake: 0 },
      },
    ]);
  });

  test('a value', () => {
    const reference = { edges: [0, 1], counts: [0, 1, 0] };
    const of = { ...model, task: taskNamed('regression'), classes: [], reference };
    assert.deepEqual(answered(of, [1.5]), { index: 0, id: 'a', warnings: [], value: 1.5, error: null });
    assert.partialDeepStrictEqual(answered(of, [Number.NaN]), {
      value: null,
      error: 'model 1.0.0 has no finite number for it.',
    });
  });
});

describe('a run without predictions', () => {
  const inputs = [{ values: [] }, { values: [] }];
  const error = {
    name: 'InvalidSceneFile',
    message: 'requests/r-17.json: asks for another',
    step: 'Batch',
    attempt: 1,
    at: row.changed,
  };

  test('gives each of its inputs the error of the run', () => {
    const inline = { row: { ...row, state: 'INVALID', error } as const, predictions: null };
    const { results, errors } = makeAnswer(requestOf(inputs), model, { ...NOTHING, inline });
    assert.deepEqual([errors, results!.map((one) => one.error)], [2, [error.message, error.message]]);
  });

  test('gives a scene file the error of the run, and no counts', () => {
    const files = new Map([[0, { ...row, state: 'FAILED', error } as const]]);
    const { results, files: written } = makeAnswer(requestOf(inputs.slice(1)), model, { ...NOTHING, files });
    assert.partialDeepStrictEqual(results, [{ state: 'FAILED', counts: null, results: [], error: error.message }]);
    assert.deepEqual(written, ['s3://results/requests/r-17.json']);
  });

  test('marks all inputs as blank if all of them were', () => {
    const inline = { row: { ...row, state: 'EMPTY' } as const, predictions: null };
    const { results, errors } = makeAnswer(requestOf(inputs), model, { ...NOTHING, inline });
    assert.equal(errors, 0);
    for (const { warnings } of results!) assert.match(warnings[0]!, /^It is blank/);
  });
});

describe('an answer fits into a message', () => {
  const inputs = Array.from({ length: 100 }, (_, i) => ({ id: `ünïque ${i} 🛰`, values: [] }));
  const rows = inputs.map(() => [0.25, 0.5, 0.25]);
  const inline = { row, predictions: predict(model, rows, origin).predictions };
  const answer = makeAnswer(requestOf(inputs), model, { ...NOTHING, inline });
  const whole = Buffer.byteLength(encodeAnswer(answer));

  test('as a whole if it is small enough', () => {
    assert.deepEqual(JSON.parse(encodeAnswer(answer, whole)), answer);
  });

  test('without the numbers of each class if it is too large', () => {
    const message = encodeAnswer(answer, whole - 1);
    assert.ok(Buffer.byteLength(message) < whole);
    const { results, leftOut } = JSON.parse(message);
    assert.equal(results.length, 100);
    assert.deepEqual(Object.keys(results[0]), ['index', 'id', 'warnings', 'class', 'label', 'probability', 'error']);
    assert.match(leftOut, /numbers of each class are left out/);
  });

  test('without results if it is still too large, since the files have them', () => {
    const message = encodeAnswer(answer, 2000);
    assert.ok(Buffer.byteLength(message) < 2000);
    const { leftOut, ...rest } = JSON.parse(message);
    assert.match(leftOut, /results are left out/);
    assert.deepEqual(rest, { ...rest, id: 'r-17', inputs: 100, errors: 0, results: null, files: answer.files });
  });

  test('with only characters that SQS accepts', () => {
    const odd = makeAnswer(requestOf([{ id: 'a\ufffe\uffff\u0001\ud800', values: [] }]), model, NOTHING);
    const bad = { ...odd, id: 'a\ufffe\uffff\u0001' };
    const message = encodeAnswer(bad);
    assert.match(message, /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
    assert.equal(JSON.parse(message).id, bad.id);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editedPackage, readFrom, smallModel } from '../../../test/benches/packages.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../../base/limits.ts';
import { compareSample } from '../../package/compareSample.ts';
import { readSample } from './sample.ts';

const model = await editedPackage([
  ...smallModel(
    ['A', 'B'].map((name) => ({ name, data_type: 'uint8' })),
    [1, 2],
  ),
  ['properties/swath:blank_max', 0],
]);
const input = { values: [[[1, 2]], [[3, 4]]] };
const prediction = { class: 'cows-0', label: 0, probability: 0.5, probabilities: { 'cows-0': 0.5, 'cows-1': null } };
const read = (sample: unknown) => readSample(readFrom({ 'sample.json': JSON.stringify(sample) }), model);

describe('the sample of a package', () => {
  test('is a chip of the model and its prediction', async () => {
    const sample = await read({ input, prediction });
    assert.partialDeepStrictEqual(sample, { input, prediction });
    assert.deepEqual(sample?.chip.planes, [Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
  });

  test('may be missing', async () => {
    assert.equal(await readSample(readFrom({}), model), null);
  });

  for (const [what, sample, says] of [
    ['no object', [], /^sample\.json: the file: found \[\], allowed is an object with "input" and "prediction"/],
    [
      'without an input',
      { prediction },
      /^sample\.json: input: found nothing, allowed is an input as a request has it$/,
    ],
    ['without a prediction', { input }, /prediction: found nothing, allowed is an object of what an answer has/],
    ['with another member', { input, prediction, note: '' }, /^sample\.json: the file: found/],
    [
      'with a prediction of lists of numbers',
      { input, prediction: { a: [1] } },
      /prediction\.a: found \[1\], allowed is a number, a text/,
    ],
    [
      'of another model',
      { input: { values: [1] }, prediction },
      /^sample\.json: input\.values: found a list of 1, allowed/,
    ],
    [
      'of a scene file',
      { input: { s3: 's3://inbox/a' }, prediction },
      /^sample\.json: input: found s3, allowed is one of image, bands, values/,
    ],
    [
      'that is blank',
      { input: { values: [[[0, 0]], [[0, 0]]] }, prediction },
      /^sample\.json: input: found a blank chip/,
    ],
  ] as const)
    test(`is refused: ${what}`, async () => {
      await assert.rejects(read(sample), { name: 'InvalidModelPackage', message: says });
    });

  test('is limited in bytes like any text of a package', async () => {
    const files = readFrom({ 'sample.json': ' '.repeat(MAX_PACKAGE_TEXT_BYTES + 1) });
    await assert.rejects(readSample(files, model), /^InvalidModelPackage: sample\.json: found 1048577 bytes, allowed/);
  });
});

describe('a prediction', () => {
  for (const [what, found] of [
    ['itself', {}],
    ['one that differs by less than 1e-4', { probability: 0.50009 }],
    ['one of other last digits in an object', { probabilities: { 'cows-0': 0.49991, 'cows-1': null } }],
  ] as const)
    test(`matches ${what}`, () => {
      assert.equal(compareSample({ ...prediction, ...found }, prediction), null);
    });

  test('of a large number is compared with a relative tolerance', () => {
    assert.equal(compareSample({ value: 20_001 }, { value: 20_000 }), null);
    assert.equal(compareSample({ value: 20_003 }, { value: 20_000 }), 'prediction.value: found 20003, stored is 20000');
  });

  for (const [what, found, says] of [
    ['another class', { class: 'cows-1' }, 'prediction.class: found "cows-1", stored is "cows-0"'],
    ['another probability', { probability: 0.5002 }, 'prediction.probability: found 0.5002, stored is 0.5'],
    ['no number', { probability: null }, 'prediction.probability: found null, stored is 0.5'],
    [
      'another number in an object',
      { probabilities: { 'cows-0': 0.6, 'cows-1': null } },
      'prediction.probabilities.cows-0: found 0.6, stored is 0.5',
    ],
    ['an extra field', { labels: [] }, 'prediction.labels: found [], stored is nothing'],
  ] as const)
    test(`does not match one with ${what}`, () => {
      assert.equal(compareSample({ ...prediction, ...found }, prediction), says);
    });

  test('does not match one without a field or with other labels', () => {
    assert.equal(compareSample({}, { class: 'a' }), 'prediction.class: found nothing, stored is "a"');
    assert.equal(compareSample({ labels: ['a'] }, { labels: ['a'] }), null);
    assert.equal(
      compareSample({ labels: ['a'] }, { labels: ['a', 'b'] }),
      'prediction.labels: found ["a"], stored is ["a","b"]',
    );
  });
});

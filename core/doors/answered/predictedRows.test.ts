import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBaselineFile } from '../../../test/benches/packages.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { predictedRows } from './predictedRows.ts';

const model = await readModelPackage(readBaselineFile);
const columns = ['label', 'class', 'probability', 'p_0', 'p_1', 'p_2', 'p_3'];
const good = [1, 'cows-1', 0.5, 0.25, 0.5, 0.125, 0.125];
const inputsOf = (...rows: ((string | number | null)[] | null)[]) =>
  rows.map((values, place) => ({ place, id: null, digest: '', values }));

describe('predictions that come with a message', () => {
  test('are matched to the columns by name, in the order of the task', () => {
    const nothing = columns.map(() => null);
    assert.deepEqual(predictedRows({ columns, inputs: inputsOf(good, null, nothing) }, model), {
      rows: [good, null, nothing],
    });
    const turned = { columns: ['later', ...columns.toReversed()], inputs: inputsOf(['x', ...good.toReversed()]) };
    assert.deepEqual(predictedRows(turned, model), { rows: [good] });
  });

  for (const [what, about, why] of [
    ['a column is missing', { columns: columns.slice(1), inputs: inputsOf(good.slice(1)) }, /found no column “label”/],
    [
      'a label is a text',
      { columns, inputs: inputsOf(['1', ...good.slice(1)]) },
      /as “label” of the input 0, .* INT32/,
    ],
    ['a label is no whole number', { columns, inputs: inputsOf([1.5, ...good.slice(1)]) }, /INT32/],
    ['a name is a number', { columns, inputs: inputsOf([1, 2, ...good.slice(2)]) }, /STRING/],
    ['a probability is a text', { columns, inputs: inputsOf([1, 'cows-1', '0.5', ...good.slice(3)]) }, /FLOAT/],
    ['a class is not one of the model', { columns, inputs: inputsOf(good, [7, ...good.slice(1)]) }, /cannot give/],
  ] as const)
    test(`are refused where ${what}`, () => {
      const found = predictedRows(about as never, model);
      assert.match('offence' in found ? found.offence : '', why);
    });
});

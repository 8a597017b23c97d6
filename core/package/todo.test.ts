import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidModelPackage } from '../base/errors.ts';
import { refuseTodos, TODO, todosIn } from './todo.ts';

test('each TODO mark is reported with its place', () => {
  const json = {
    id: TODO('a name'),
    bands: [{ name: 'B02' }, { name: TODO('the second band'), note: 'a TODO: that is no mark' }],
    properties: { 'mlm:input': [{ value_scaling: TODO('null') }] },
  };
  assert.deepEqual(todosIn(json), [
    'id is still to be written: a name',
    'bands[1].name is still to be written: the second band',
    'properties.mlm:input[0].value_scaling is still to be written: null',
  ]);
  assert.throws(
    () => refuseTodos('item.json', json),
    (error) => error instanceof InvalidModelPackage && error.problems.length === 3,
  );
});

for (const json of [null, 7, 'text', [], {}, { a: [null, { b: '' }] }])
  test(`nothing is marked in ${JSON.stringify(json)}`, () => {
    assert.deepEqual(todosIn(json), []);
    refuseTodos('item.json', json);
  });

test('the whole file may be a TODO mark', () => {
  assert.deepEqual(todosIn(TODO('all of it')), [' is still to be written: all of it']);
});

test('a very deeply nested TODO mark is found, and its place is shortened', () => {
  const depth = 200_000;
  const json: unknown = JSON.parse(`${'['.repeat(depth)}${JSON.stringify(TODO('deep'))}${']'.repeat(depth)}`);
  assert.deepEqual(todosIn(json), [`…${'[0]'.repeat(20)} is still to be written: deep`]);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editedPackage, PROPERTIES, smallModel } from '../../test/benches/packages.ts';
import { InvalidModelPackage } from '../base/errors.ts';
import { carriedBy, coordinatesIn } from './carry.ts';

const carrying = (carry: unknown) =>
  editedPackage([...smallModel([{ name: 'A', data_type: 'uint8' }], [1, 1]), [[...PROPERTIES, 'swath:carry'], carry]]);

test('coordinates are numbers and other features are texts, unless the package says otherwise', async () => {
  const model = await carrying(['id', 'Lon', 'latitude', { name: 'altitude', data_type: 'float64' }, { name: 'code' }]);
  assert.deepEqual(carriedBy(model), [
    { name: 'id', type: 'STRING' },
    { name: 'Lon', type: 'DOUBLE' },
    { name: 'latitude', type: 'DOUBLE' },
    { name: 'altitude', type: 'DOUBLE' },
    { name: 'code', type: 'STRING' },
  ]);
  assert.deepEqual(coordinatesIn(carriedBy(model)), { longitude: 'Lon', latitude: 'latitude' });
});

test('a package without swath:carry carries no features', async () => {
  assert.deepEqual(carriedBy(await carrying(undefined)), []);
});

for (const carry of [['lon'], ['east', 'north'], ['lat', { name: 'lon', data_type: 'string' }]])
  test(`${JSON.stringify(carry)} are not coordinates of a place`, async () => {
    assert.equal(coordinatesIn(carriedBy(await carrying(carry))), null);
  });

describe('what cannot be a column of the predictions is refused:', () => {
  for (const { what, carry, message } of [
    { what: 'a band', carry: ['a'], message: /swath:carry: found "a", allowed is no band/ },
    {
      what: 'a column of every model',
      carry: ['id', 'Index'],
      message: /found "Index", allowed is no band, and no column/,
    },
    { what: "a column of the model's task", carry: ['p_0'], message: /found "p_0"/ },
    { what: 'a folder of the predictions', carry: ['version'], message: /found "version"/ },
    {
      what: 'two that differ by a capital letter',
      carry: ['id', 'ID'],
      message: /found \["id"\], allowed is each name/,
    },
    { what: 'another type', carry: [{ name: 'id', data_type: 'int8' }], message: /allowed is "string", "float64"/ },
    { what: 'a value that is not a list', carry: 'id', message: /allowed is a list of features/ },
  ])
    test(what, () =>
      assert.rejects(carrying(carry), (error: Error) => {
        assert.ok(error instanceof InvalidModelPackage);
        assert.match(error.message, message);
        return true;
      }),
    );
});

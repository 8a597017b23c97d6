import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editedPackage, isRefusedPackage, PROPERTIES, smallModel } from '../../test/benches/packages.ts';
import { coordinatesIn } from './carry.ts';

const carrying = (carry: unknown) =>
  editedPackage([...smallModel([{ name: 'A', data_type: 'uint8' }], [1, 1]), [`${PROPERTIES}/swath:carry`, carry]]);

test('coordinates are numbers and other features are texts, unless the package says otherwise', async () => {
  const model = await carrying(['id', 'Lon', 'latitude', { name: 'altitude', data_type: 'float64' }, { name: 'code' }]);
  assert.deepEqual(model.carry, [
    { name: 'id', type: 'STRING' },
    { name: 'Lon', type: 'DOUBLE' },
    { name: 'latitude', type: 'DOUBLE' },
    { name: 'altitude', type: 'DOUBLE' },
    { name: 'code', type: 'STRING' },
  ]);
  assert.deepEqual(coordinatesIn(model.carry!), { longitude: 'Lon', latitude: 'latitude' });
});

test('a package without swath:carry carries no features', async () => {
  assert.equal((await carrying(undefined)).carry, undefined);
});

for (const carry of [['lon'], ['east', 'north'], ['lat', { name: 'lon', data_type: 'string' }]])
  test(`${JSON.stringify(carry)} are not coordinates of a place`, async () => {
    assert.equal(coordinatesIn((await carrying(carry)).carry!), null);
  });

describe('what cannot be a column of the predictions is refused:', () => {
  for (const [carry, message] of [
    [['a'], /swath:carry: found "a", allowed is no band/],
    [['id', 'Index'], /found "Index", allowed is no band, and no column/],
    [['p_0'], /found "p_0"/],
    [['version'], /found "version"/],
    [['id', 'ID'], /found \["id"\], allowed is each name/],
    [[{ name: 'id', data_type: 'int8' }], /allowed is "string", "float64"/],
    ['id', /allowed is a list of features/],
  ] as const)
    test(String(message), () => isRefusedPackage(carrying(carry), message));
});

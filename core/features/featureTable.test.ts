import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEATURES_TABLE } from '../../local/tables/tables.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { makeFeatures, makeFeatureTable } from './featureTable.ts';

const record = (id: string, day: number, values = {}) => ({ id, time: `2026-05-0${day}T00:00:00.000Z`, values });

test('of each id, the record with the latest event time is kept, whatever the order and however often it is put', async () => {
  const tables = await startTestTables();
  const { put, read, list } = makeFeatures(tables, FEATURES_TABLE);
  const values = { A: 0.1, B: -1e-7, word: 'ü', none: null, large: 1e300, exact: 2 ** 60 };
  for (const [group, one, outcome] of [
    ['g', record('a/1 ☂', 2, values), 'new'],
    ['g', record('a/1 ☂', 2, { ...values }), 'same'],
    ['g', record('a/1 ☂', 2, { ...values, A: 0.2 }), 'other'],
    ['g', record('a/1 ☂', 1, { A: 9 }), 'older'],
    ['h', record('a/1 ☂', 1, { A: 9 }), 'new'],
    ['z', record('zero', 1, { A: -0 }), 'new'],
    ['z', record('zero', 1, { A: -0 }), 'same'],
    ['g', record('b', 1), 'new'],
    ['g', record('b', 3, { A: 3 }), 'new'],
  ] as const)
    assert.equal(await put(group, one), outcome, JSON.stringify(one));
  assert.deepEqual(await read({ name: 'g' }, ['b', 'a/1 ☂', 'none']).then((found) => Object.fromEntries(found)), {
    'a/1 ☂': { ...record('a/1 ☂', 2, values), version: 1 },
    b: { ...record('b', 3, { A: 3 }), version: 2 },
  });
  assert.deepEqual(
    (await Array.fromAsync(list('g'))).map(({ id }) => id),
    ['a/1 ☂', 'b'],
  );
});

test('two that put at once leave the latest, counted once each', async () => {
  const tables = await startTestTables();
  const { put, read } = makeFeatures(tables, FEATURES_TABLE);
  const days = [3, 1, 4, 2, 5, 5, 4, 5];
  const outcomes = await Promise.all(days.map((day) => put('g', record('a', day, { A: day }))));
  const found = (await read({ name: 'g' }, ['a'])).get('a')!;
  assert.deepEqual([found.values, found.version], [{ A: 5 }, outcomes.filter((one) => one === 'new').length]);
  assert.ok(!outcomes.includes('other'));
});

test('250 records are read by three requests', async () => {
  const tables = await startTestTables();
  const { put } = makeFeatures(tables, FEATURES_TABLE);
  const ids = Array.from({ length: 250 }, (_, i) => `id-${i}`);
  await Promise.all(ids.map((id) => put('g', record(id, 1, { A: 1 }))));
  let requests = 0;
  const counting = {
    batchGet: (input: Parameters<typeof tables.batchGet>[0]) => {
      requests += 1;
      return tables.batchGet(input);
    },
  };
  const { read } = makeFeatureTable(counting, FEATURES_TABLE);
  assert.equal((await read({ name: 'g' }, ids)).size, 250);
  assert.equal(requests, 3);
});

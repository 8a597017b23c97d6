import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeReadSigns } from './signs.ts';

test('the signs of what cannot be read are left out until it can be, and each error is reported', async () => {
  const now = { runs: 'a', metrics: 'a', alarms: 'a' };
  const errors: unknown[] = [];
  let isRefused = true;
  const alarms = async () => {
    if (isRefused) throw new Error('no permission');
    return now.alarms;
  };
  const signs = { runs: async () => now.runs, metrics: async () => now.metrics, alarms };
  const read = makeReadSigns(signs, 0, (error) => errors.push(error));
  const first = await read();
  assert.deepEqual(Object.keys(first), ['runs', 'metrics']);
  assert.deepEqual(errors.map(String), ['Error: no permission']);
  isRefused = false;
  now.metrics = 'b';
  const second = await read();
  assert.deepEqual(Object.keys(second), ['runs', 'metrics', 'alarms']);
  assert.deepEqual([second.runs === first.runs, second.metrics === first.metrics], [true, false]);
});

test('many pages read the signs together once in a while', async () => {
  let looks = 0;
  const sign = async () => {
    looks += 1;
    return String(looks);
  };
  const read = makeReadSigns({ runs: sign, metrics: sign, alarms: sign }, 5000, (error) => assert.fail(String(error)));
  const found = await Promise.all([read(), read(), read()]);
  assert.deepEqual([new Set(found).size, looks], [1, 3]);
});

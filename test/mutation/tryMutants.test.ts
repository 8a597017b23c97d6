import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentOf, tryMutants } from './tryMutants.ts';

/** The search for changes that no test notices, on a module whose test is known to be half blind. */

const FILE = 'test/mutation/fixture/fares.ts';
const module = { sources: [FILE], tests: ['test/mutation/fixture/*.test.ts'] };
const code = 'return age >= 65 ? 5 : 9;';
const [boundary, limit] = [
  { file: FILE, code, change: 'age >= 65 → age > 65' },
  { file: FILE, code, change: '65 → 66' },
];
const options = { sample: 100, seed: 1, atOnce: 2 };

test('what a test overlooks survives, all else is noticed', async () => {
  const score = await tryMutants(module, options);
  assert.deepEqual(
    score.survivors.map(({ line: _, ...survivor }) => survivor),
    [boundary, limit],
  );
  assert.ok(score.tried > 10 && score.killed === score.tried - 2, JSON.stringify(score));
  assert.equal(percentOf(score), (100 * (score.tried - 2)) / score.tried);
});

test('what runs in a thread alone is changed there', async () => {
  const { tried, survivors } = await tryMutants({ ...module, sources: ['test/mutation/fixture/refunds.ts'] }, options);
  assert.deepEqual(survivors, []);
  assert.ok(tried > 5, `${tried} tried`);
});

test('a sample is the same of the same seed', async () => {
  const few = { ...options, sample: 3 };
  const [once, again] = [await tryMutants(module, few), await tryMutants(module, few)];
  assert.deepEqual([once.tried, once], [3, again]);
});

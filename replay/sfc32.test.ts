import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sfc32 } from './sfc32.ts';

// Made with another implementation (github.com/bryc/code, jshash/PRNGs.md), seeded as PractRand's sfc32::seed does. Its
// seeding by 64 bits sets the same state with 0 as the first word and passes three numbers fewer over.
const sequences: { seed: [number, number, number]; numbers: number[] }[] = [
  { seed: [0, 0, 0], numbers: [4216505632, 947923937, 2491578854, 3964400089, 2091952393] },
  { seed: [0, 42, 0], numbers: [1251167922, 656401615, 478193053, 3278332503, 1360198844] },
  { seed: [0, 0x89abcdef, 0x01234567], numbers: [903895892, 1281522849, 866141154, 3054582887, 2091619993] },
];
for (const { seed, numbers } of sequences)
  test(`seed ${seed.join(', ')}: the numbers that others get`, () => {
    const random = sfc32(...seed);
    assert.deepEqual(
      numbers.map(() => random() * 2 ** 32),
      numbers,
    );
  });

test('each word of the seed begins another sequence', () => {
  const firstOf = (...seed: [number, number, number]) => sfc32(...seed)();
  assert.equal(new Set([firstOf(1, 1, 1), firstOf(2, 1, 1), firstOf(1, 2, 1), firstOf(1, 1, 2)]).size, 4);
});

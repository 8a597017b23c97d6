import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jensenShannonDistance } from './jensenShannon.ts';
import { noiseFloor, spreadOfClasses } from './noiseFloor.ts';

const floorOf = (n: number, reference: number, classes: number, alpha?: number) =>
  noiseFloor({ n, reference }, spreadOfClasses(classes), alpha);

test('one class cannot differ by chance', () => {
  assert.equal(floorOf(10, 100, 1), 0);
});

test('the noise floor falls with the size of either side, and rises with classes and confidence', () => {
  const floor = floorOf(100, 1000, 4);
  assert.ok(floorOf(101, 1000, 4) < floor);
  assert.ok(floorOf(100, 1001, 4) < floor);
  assert.ok(floorOf(100, 1000, 5) > floor);
  assert.ok(floorOf(100, 1000, 4, 0.001) > floor);
  assert.equal(floorOf(1000, 100, 4), floor);
});

test('quiet windows pass the noise floor in a share alpha of trials', () => {
  const random = seededRandom(7);
  const trials = 3000;
  for (const alpha of [0.01, 0.1]) {
    let passed = 0;
    for (let trial = 0; trial < trials; trial++) {
      const window = draw([0.6, 0.15, 0.15, 0.1], 300, random);
      const reference = draw([0.6, 0.15, 0.15, 0.1], 700, random);
      if (jensenShannonDistance(window, reference) > floorOf(300, 700, 4, alpha)) passed++;
    }
    const tolerance = 4 * Math.sqrt((alpha * (1 - alpha)) / trials); // four standard errors
    assert.ok(Math.abs(passed / trials - alpha) < tolerance, `${passed} of ${trials} for ${alpha}`);
  }
});

/** Counts of `n` draws from a distribution. */
const draw = (shares: readonly number[], n: number, random: () => number): number[] => {
  const counts = shares.map(() => 0);
  for (let i = 0; i < n; i++) {
    let rest = random();
    const found = shares.findIndex((share) => {
      rest -= share;
      return rest < 0;
    });
    counts[found < 0 ? counts.length - 1 : found]! += 1;
  }
  return counts;
};

/** The Park–Miller generator: plenty for this, and the same on every machine. */
const seededRandom = (seed: number) => () => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};

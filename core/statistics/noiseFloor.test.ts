import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jensenShannonDistance } from './jensenShannon.ts';
import { floorOfEqual, noiseFloor, spreadOfClasses } from './noiseFloor.ts';

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

test('of equal chips, as many may be odd as chance puts all into the sample', () => {
  // scipy.stats.hypergeom.sf(j - 1, n + N, j, n): with 3 and 20, 0.130, 0.0119 and 0.00056 for j = 1, 2 and 3.
  const floorOf = (n: number, reference: number, alpha: number) => floorOfEqual({ n, reference }, alpha);
  const ofShare = (share: number) => jensenShannonDistance([share, 1 - share], [0, 1]);
  assert.deepEqual(
    [0.2, 0.05, 0.002, 0.0005].map((alpha) => floorOf(3, 20, alpha)),
    [0, 1 / 3, 2 / 3, 1].map(ofShare),
  );
  assert.equal(floorOf(10, 20, 0.0018), ofShare(0.4));
  assert.equal(floorOf(2.5, 1, 0.01), Math.sqrt(Math.LN2));
});

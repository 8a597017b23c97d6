import assert from 'node:assert/strict';
import { test } from 'node:test';
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

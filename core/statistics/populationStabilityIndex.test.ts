import assert from 'node:assert/strict';
import { test } from 'node:test';
import { populationStabilityIndex } from './populationStabilityIndex.ts';

const assertNear = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${actual} is not ${expected}`);

test('a zero share becomes 1e-4, and the other shares stay as they are', () => {
  const expected = (0.5 - 1) * Math.log(0.5 / 1) + (0.5 - 1e-4) * Math.log(0.5 / 1e-4);
  assertNear(populationStabilityIndex([5, 0], [5, 5]), expected);
  assertNear(populationStabilityIndex([5, 5], [5, 0]), expected);
});

test('a zero share becomes a millionth of the smallest if its side has a share of 1e-4 or less', () => {
  const observed = [0.99995, 5e-5, 5e-11];
  const reference = [0.75, 1e-4, 0.25];
  const expected = reference.map((share, i) => (share - observed[i]!) * Math.log(share / observed[i]!));
  assertNear(
    populationStabilityIndex([19_999, 1, 0], [3, 0, 1]),
    expected.reduce((sum, term) => sum + term, 0),
  );
});

test('a class absent on both sides is not filled', () => {
  assert.equal(populationStabilityIndex([0, 5, 0], [0, 5, 5]), populationStabilityIndex([5, 0], [5, 5]));
});

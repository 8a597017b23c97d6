import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelOf } from '../../../test/benches/predictions.ts';
import { lookAtChips } from '../registry.ts';
import { blanks, isBlank } from './blanks.ts';

for (const { name, planes, limit, blank } of [
  { name: 'all values at the limit', planes: [Uint8Array.of(1, 0), Float32Array.of(1, -5)], limit: 1, blank: true },
  {
    name: 'the last value of the last band above',
    planes: [Uint8Array.of(0), Uint8Array.of(0, 2)],
    limit: 1,
    blank: false,
  },
  { name: 'a float just above', planes: [Float32Array.of(1.0000001)], limit: 1, blank: false },
  { name: 'nothing but NaN', planes: [Float64Array.of(NaN, NaN)], limit: 1, blank: true },
  { name: 'NaN beside a value', planes: [Float64Array.of(NaN, 2)], limit: 1, blank: false },
  { name: 'infinity', planes: [Float32Array.of(Infinity)], limit: 1, blank: false },
  { name: 'a negative limit', planes: [Int8Array.of(-3, -2)], limit: -2, blank: true },
  { name: 'no limit', planes: [Uint8Array.of(0)], limit: null, blank: false },
])
  test(`${name}: ${blank ? 'blank' : 'not blank'}`, () => {
    assert.equal(isBlank({ planes }, { blankMax: limit, nodataLimit: 1 }), blank);
  });

test('the counts of chips and of blank chips add up from file to day', () => {
  const look = lookAtChips(modelOf([]));
  const chip = { place: { index: 0, kind: 'index' }, planes: [], truth: null } as const;
  for (const nothing of [true, false, true]) look.at(chip, nothing);
  assert.deepEqual(look.sum(), { chips: 3, blank: 2 });
  assert.deepEqual(blanks.add(look.sum(), blanks.zero), { chips: 3, blank: 2 });
  const datums = blanks.datums({ chips: 4, blank: 1 });
  assert.deepEqual(
    datums.map(({ value }) => value),
    [4, 1, 0.25],
  );
});

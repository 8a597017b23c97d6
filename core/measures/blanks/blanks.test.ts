import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelOf } from '../../../test/benches/predictions.ts';
import { lookAtChips } from '../registry.ts';
import { blanks, isBlank } from './blanks.ts';

for (const [name, planes, limit, blank] of [
  ['all values at the limit', [Uint8Array.of(1, 0), Float32Array.of(1, -5)], 1, true],
  ['the last value of the last band above', [Uint8Array.of(0), Uint8Array.of(0, 2)], 1, false],
  ['a float just above', [Float32Array.of(1.0000001)], 1, false],
  // numpy 2.4: (np.array([0.1, 0], 'f4') > 0.1).any() is False; of 0.10000001 as float32, and of 0.1 + 1e-9 as float64, True
  ['float32 at a limit that it rounds up', [Float32Array.of(0.1, 0)], 0.1, true],
  ['float32 just above such a limit', [Float32Array.of(0.10000001)], 0.1, false],
  ['float64 just above a limit', [Float64Array.of(0.1 + 1e-9)], 0.1, false],
  ['nothing but NaN', [Float64Array.of(NaN, NaN)], 1, true],
  ['NaN beside a value', [Float64Array.of(NaN, 2)], 1, false],
  ['infinity', [Float32Array.of(Infinity)], 1, false],
  ['a negative limit', [Int8Array.of(-3, -2)], -2, true],
  ['no limit', [Uint8Array.of(0)], null, false],
] as const)
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

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { halve } from './halve.ts';

/** The value that first reaches the highest count, in the order of rows: the rule, word for word. */
function modeOf(four: readonly number[], none: number): number {
  const counts = new Map<number, number>();
  let best = none;
  for (const value of four.filter((one) => one !== none)) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.get(value)! > (counts.get(best) ?? 0)) best = value;
  }
  return best;
}

test('the mode of four pixels is their most frequent value with data, for all combinations of values', () => {
  const values = [0, 1, 2, 3, 4];
  for (const a of values)
    for (const b of values)
      for (const c of values)
        for (const d of values) {
          const into = new Uint8Array(1);
          halve(Uint8Array.of(a, b, c, d), { width: 2, rows: 2 }, into, 'mode', 0);
          assert.equal(into[0], modeOf([a, b, c, d], 0), [a, b, c, d].join());
        }
});

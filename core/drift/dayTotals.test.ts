import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storedCounts } from '../../test/benches/summaries.ts';
import type { EndedRun } from '../ledger/ledgerItem.ts';
import { totalsOf } from './dayTotals.ts';
import { addTotals, sumsOf, totalsOfRun } from './totals.ts';

/** A day's sums: of whole numbers, and of those that add up to something else in another order. */

const model = { name: 'baseline', version: '1.0.0' };

function runOf(run: string, second: number, probabilitySum = 0, more: Partial<EndedRun> = {}): EndedRun {
  const changed = `2026-03-01T10:00:${String(second).padStart(2, '0')}.000Z`;
  return { run, model, ...storedCounts([1], { probabilitySum }), chips: 2, blank: 1, changed, ...more };
}

async function* listed(runs: EndedRun[]): AsyncGenerator<EndedRun> {
  yield* runs;
}

describe("a day's sums", () => {
  test('are computed for each model version, with each run counted once', async () => {
    const other = { ...model, version: '2.0.0' };
    const runs = [runOf('a', 1), runOf('b', 2, 0, { model: other }), runOf('a', 1)];
    const totals = await totalsOf(listed(runs), [runOf('b', 2, 0, { model: other }), runOf('c', 3)]);
    const sums = { sceneSquares: 2, months: { 3: 2 }, blank: 2, counts: [2], missing: 0, probabilitySum: 0 };
    assert.deepEqual(totals.get('baseline/1.0.0'), { model, runs: 2, chips: 4, ...sums });
    assert.equal(totals.get('baseline/2.0.0')?.runs, 1);
  });

  test('add late runs in the order of end time, and of id where the end times are equal', async () => {
    const [large, small] = [2 ** 53, 1];
    const sumOf = async (runs: EndedRun[], landed: EndedRun[]) =>
      (await totalsOf(listed(runs), landed)).get('baseline/1.0.0')?.['probabilitySum'];
    // Of a large number, a small one and the large one again, nothing is left of the small one; else it is.
    const ends = [runOf('a', 1, large), runOf('c', 3, -large)];
    assert.equal(await sumOf(ends, [runOf('b', 2, small)]), 0);
    assert.equal(await sumOf(ends, [runOf('b', 4, small)]), 1);
    assert.equal(await sumOf(ends, [runOf('d', 3, small)]), 1);
    assert.equal(await sumOf(ends, [runOf('b', 3, small)]), 0);
    assert.equal(await sumOf(ends, [runOf('d', 5, -small), runOf('b', 2, small), runOf('e', 6, small)]), 0);
    assert.equal(await sumOf([], [runOf('c', 3, -large), runOf('b', 2, small), runOf('a', 1, large)]), 0);
  });

  test('have only the sum fields, and adding does not modify the operands', () => {
    const totals = totalsOfRun(runOf('a', 1));
    const sums = { sceneSquares: 1, months: { 3: 1 }, chips: 2, blank: 1, counts: [1], missing: 0, probabilitySum: 0 };
    assert.deepEqual(sumsOf({ ...totals, n: 1, shares: [1] }), sums);
    addTotals(totals, totals);
    assert.deepEqual(totals, sums);
  });

  test('have as many classes as any of their runs', () => {
    const [few, many] = [totalsOfRun(runOf('a', 1)), totalsOfRun(runOf('b', 1, 0, storedCounts([1, 2, 3])))];
    const sums = [few, many, many].reduce(addTotals);
    assert.deepEqual(
      [sums['counts'], addTotals(many, few)['counts']],
      [
        [3, 4, 6],
        [2, 2, 3],
      ],
    );
  });
});

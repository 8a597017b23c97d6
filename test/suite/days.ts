import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driftSchema, type LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { countsIn, judgedIn } from '../benches/summaries.ts';
import { blankFrames, named, sceneOf } from '../scenes.ts';
import type { Stacked } from './subject.ts';
import { baseline } from './subject.ts';

/** What the schedule makes of a day. */
export function days(stacked: Stacked): void {
  test('a closed day is judged over all its runs, empty ones too, and a late one makes a new revision', async () => {
    const { stack, run, unique, with: withModel } = stacked();
    await withModel(baseline, async (model) => {
      const rows = [
        await run('day/1', sceneOf(unique('day 1'), 40)),
        await run('day/2', sceneOf(unique('day 2'), 60, 40)),
        await run('day/blank', named(blankFrames[0]!, unique('day blank'))),
      ];
      await run('day/again', sceneOf(unique('day 1'), 40)); // a duplicate counts for nothing
      const tomorrow = new Date(Date.parse(rows[0]!.day!) + 86_400_000 + 900_000);
      const judged = async (revision: number) =>
        stack.metricsRow(model, `day#${rows[0]!.day}#${String(revision).padStart(6, '0')}`);

      await stack.judgeDays(tomorrow);
      const first = await judged(1);
      assert.partialDeepStrictEqual(judgedIn(first), sumOf(rows));
      assert.equal(driftSchema.parse(first?.['drift']).n, 101 - sumOf(rows).blank);

      await stack.judgeDays(tomorrow);
      assert.equal(await judged(2), undefined, 'nothing is new');

      rows.push(await run('day/3', sceneOf(unique('day 3'), 10)));
      await stack.judgeDays(tomorrow);
      assert.partialDeepStrictEqual(judgedIn(await judged(2)), sumOf(rows));
      assert.deepEqual(await judged(1), first);
    });
  });
}

function sumOf(rows: LedgerRow[]) {
  const sum = (value: (row: LedgerRow) => number) => rows.reduce((total, row) => total + value(row), 0);
  return {
    runs: rows.length,
    chips: sum(({ chips }) => chips!),
    blank: sum(({ blank }) => blank!),
    counts: countsIn(rows[0]!).counts.map((_, i) => sum((row) => countsIn(row).counts[i]!)),
    probabilitySum: sum((row) => countsIn(row).probabilitySum),
  };
}

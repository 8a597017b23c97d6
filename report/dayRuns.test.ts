import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ledger } from '../core/ledger/contract.ts';
import { errorOf, startTestDays } from '../test/benches/day.ts';
import { storedCounts } from '../test/benches/summaries.ts';
import { type DayRuns, readDayRuns } from './dayRuns.ts';

const { ledger, ports, classify, arrive } = await startTestDays();

describe("a day's runs", () => {
  test('are those of the files that arrived on it, in whatever state and since whenever', async () => {
    const day = '2026-05-01';
    await classify(day, 'b-done');
    await arrive(day, 'a-empty', 'EMPTY', { countedDay: day, chips: 2, blank: 2, ...storedCounts([0, 0, 0, 0]) });
    await arrive(day, 'e-failed-later', 'FAILED', errorOf('Error', 'x'), { later: '2026-05-04' });
    for (const state of ['INVALID', 'DUPLICATE', 'PREPARED', 'PREDICTED'] as const)
      await arrive(day, `d-${state}`, state);
    await classify('2026-05-02', 'of another day');
    await arrive('2026-04-30', 'of the day before, failed today', 'FAILED', errorOf('Error', 'x'), { later: day });
    const runs = await readDayRuns(ports, day);
    assert.deepEqual(keysOf(runs.counted), ['a-empty', 'b-done']);
    assert.deepEqual(keysOf(runs.others), ['d-DUPLICATE', 'd-INVALID', 'd-PREDICTED', 'd-PREPARED', 'e-failed-later']);
    assert.equal(runs.isCut, false);
  });

  test('are found once, even if one ends during the search', async () => {
    const row = await classify('2026-05-15', 'just done');
    const byState: Ledger['byState'] = async (state) => ({
      rows: state === 'PREDICTED' ? [{ ...row, state }] : [],
      cursor: undefined,
    });
    const runs = await readDayRuns({ ledger: { ...ledger, byState } }, '2026-05-15');
    assert.deepEqual([runs.counted.length, runs.others.length], [1, 0]);
  });

  test('of an old day are looked for page by page, and not for ever', async () => {
    const row = await arrive('2026-05-20', 'x', 'INVALID');
    let pages = 0;
    const byState: Ledger['byState'] = async (state) => {
      if (state !== 'INVALID') return { rows: [], cursor: undefined };
      pages += 1;
      const rows = Array.from({ length: 1000 }, (_, i) => ({
        ...row,
        run: `${pages}-${i}`,
        day: i === 0 ? '2026-05-20' : '2026-05-21',
      }));
      return { rows, cursor: { page: pages } };
    };
    const { others, isCut } = await readDayRuns({ ledger: { ...ledger, byState } }, '2026-05-20');
    assert.deepEqual([pages, others.length, isCut], [11, 10, true]);
  });
});

function keysOf(rows: DayRuns['counted']): string[] {
  return rows.map(({ scene }) => scene.key);
}

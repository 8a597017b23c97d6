import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { versionActivity } from './versionActivity.ts';

const [first, second, third] = ['1.0.0', '1.1.0', '1.2.0'].map((version) => ({ name: 'digits', version }));

test('the activity of a version is computed from its DONE runs, in any order', () => {
  const rows = [
    { model: first, state: 'DONE', changed: '2026-03-02T00:00:00.000Z', chips: 10, blank: 2 },
    { model: first, state: 'DONE', changed: '2026-03-01T00:00:00.000Z', chips: 5 },
    { model: first, state: 'FAILED', changed: '2026-03-03T00:00:00.000Z', chips: 100 },
    { model: first, state: 'CLAIMED', changed: '2026-03-04T00:00:00.000Z' },
    { model: second, state: 'DONE', changed: '2026-03-01T00:00:00.000Z', chips: 3, blank: 3 },
  ] as unknown as LedgerRow[];
  const activityOf = versionActivity(rows);
  assert.deepEqual(
    [activityOf(first!), activityOf(second!), activityOf(third!)],
    [
      { runs: 2, predictions: 13, lastRun: '2026-03-02T00:00:00.000Z', sum: null },
      { runs: 1, predictions: 0, lastRun: '2026-03-01T00:00:00.000Z', sum: null },
      { runs: 0, predictions: 0, lastRun: null, sum: null },
    ],
  );
});

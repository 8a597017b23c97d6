import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { SETTLED, STATES, type State } from '../../core/ledger/states.ts';
import { measureArrivals } from './arrivals.ts';

/** What the sweep tells of arrivals, by rows of the test's own. */

const now = new Date('2026-03-02T00:15:00.000Z');
type Ledger = Parameters<typeof measureArrivals>[0];

function told(rows: Partial<Record<State, Partial<LedgerRow>[]>>, more: Partial<Ledger> = {}) {
  return measureArrivals(
    {
      byState: async (state) => ({ rows: (rows[state] ?? []) as LedgerRow[], cursor: undefined }),
      countByState: async () => 7,
      ...more,
    },
    now,
  );
}

describe('files of the closed day', () => {
  test('are those that came to their end from midnight to midnight, for each end state', async () => {
    const asked: unknown[] = [];
    const countByState: Ledger['countByState'] = async (state, { from, to }) => {
      asked.push([state, from.toISOString(), to.toISOString()]);
      return asked.length;
    };
    const datums = await told({}, { countByState });
    const [from, to] = ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'];
    assert.deepEqual(
      asked,
      SETTLED.map((state) => [state, from, to]),
    );
    assert.deepEqual(
      datums,
      SETTLED.map((State, i) => ({ metric: 'FilesOfDay', value: i + 1, dimensions: { State } })),
    );
  });
});

describe('the days without a new file', () => {
  const days = async (rows: Parameters<typeof told>[0]) => (await told(rows)).at(-1);
  const since = (value: number) => ({ metric: 'DaysSinceArrival', value, dimensions: {} });

  test('count from the newest day of any state', async () => {
    const rows = {
      DONE: [{ day: '2026-02-20' }, { day: '2026-02-27' }, { day: '2026-02-21' }],
      FAILED: [{ day: '2026-02-26' }],
    };
    assert.deepEqual(await days(rows), since(2));
  });

  test('are 0 as long as files arrive daily, however late on the day, and 1 after a whole day without one', async () => {
    assert.deepEqual(await days({ DONE: [{ day: '2026-03-01', claimedAt: '2026-03-01T23:59:00.000Z' }] }), since(0));
    assert.deepEqual(await days({ DONE: [{ day: '2026-02-28', claimedAt: '2026-02-28T23:59:00.000Z' }] }), since(1));
  });

  test('go by the claim where no day is known', async () => {
    assert.deepEqual(await days({ FAILED: [{ claimedAt: '2026-02-27T23:00:00.000Z' }] }), since(2));
  });

  test('are 0 on the day itself, and ignore a row from a clock that was ahead', async () => {
    assert.deepEqual(await days({ CLAIMED: [{ day: '2026-03-02' }] }), since(0));
    assert.deepEqual(await days({ CLAIMED: [{ day: '2026-03-05' }], DONE: [{ day: '2026-02-28' }] }), since(1));
  });

  test('cost a look at twenty rows of each state', async () => {
    const asked: unknown[] = [];
    const byState: Ledger['byState'] = async (state, options) => {
      asked.push([state, options?.limit]);
      return { rows: [], cursor: undefined };
    };
    await told({}, { byState });
    assert.deepEqual(
      asked,
      STATES.map((state) => [state, 20]),
    );
  });
});

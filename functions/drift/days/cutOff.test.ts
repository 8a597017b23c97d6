import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Mark } from '../../../core/ledger/dueDays.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';
import { storedCounts } from '../../../test/benches/summaries.ts';
import { freshFrom, makeCutOff } from './cutOff.ts';

/** Up to when a day's runs can be counted, by rows of the test's own. */

const DAY = '2026-03-01';
const model = { name: 'baseline', version: '1.0.0' };
const asOf = new Date('2026-03-02T00:15:00.000Z');
type Ledger = Parameters<typeof makeCutOff>[0]['ledger'];

function rowOf(key: string, row: Partial<LedgerRow>): LedgerRow {
  const scene = { bucket: 'inbox', key, versionId: 'v1' };
  const counted = { ...storedCounts([]), chips: 1, blank: 0 };
  return { run: key, scene, model, day: DAY, changed: '2026-03-02T00:14:00.000Z', ...counted, ...row } as LedgerRow;
}

function markOf({ scene }: LedgerRow, at: string): Mark {
  return { day: DAY, mark: `${scene.key}-1`, at, landing: { scene, model } };
}

function cutOffOf(rows: LedgerRow[], fresh: Mark[], ledger: Partial<Ledger> = {}) {
  const ports: Ledger = {
    get: async ({ key }) => rows.find(({ scene }) => scene.key === key),
    byState: async () => ({ rows: [], cursor: undefined }),
    openBatches: async () => [],
    rowsOf: async () => new Map(),
    ...ledger,
  };
  return makeCutOff({ ledger: ports, readPiece: () => assert.fail('there is no batch') })(DAY, asOf, fresh);
}

test('a mark is fresh for the time that Lambda gives a call, and a minute for the index', () => {
  assert.equal(asOf.getTime() - freshFrom(asOf).getTime(), 16 * 60_000);
});

describe('a day is counted', () => {
  test('as of now, if no run is about to end', async () => {
    const { cutOff, isLanding, landed } = await cutOffOf([], []);
    assert.deepEqual([cutOff, isLanding, landed], [asOf.toISOString(), false, []]);
  });

  test('with those that have landed so lately that no index shows them: done or empty', async () => {
    const states = ['DONE', 'EMPTY', 'FAILED', 'INVALID', 'DUPLICATE'] as const;
    const rows = states.map((state) => rowOf(state, { state }));
    const gone = rowOf('gone', { state: 'DONE' });
    const at = '2026-03-02T00:14:00.000Z';
    const marks = [...rows, gone].map((row) => markOf(row, at));
    const { landed, isLanding } = await cutOffOf(rows, marks);
    assert.deepEqual([landed.map(({ run }) => run), isLanding], [['DONE', 'EMPTY'], false]);
  });

  test('up to the moment before the first run that is about to end, and without runs that ended since', async () => {
    const [first, second] = ['2026-03-02T00:10:00.000Z', '2026-03-02T00:12:00.000Z'];
    const rows = [
      rowOf('running', { state: 'PREDICTED' }),
      rowOf('later', { state: 'PREPARED' }),
      rowOf('before', { state: 'DONE', changed: '2026-03-02T00:09:59.999Z' }),
      rowOf('since', { state: 'DONE', changed: first }),
    ];
    const marks = rows.map((row, i) => markOf(row, i === 1 ? second : first));
    const { cutOff, isLanding, landed } = await cutOffOf(rows, marks);
    assert.deepEqual([cutOff, isLanding], ['2026-03-02T00:09:59.999Z', true]);
    assert.equal(landed.map(({ run }) => run).join(), 'before');
  });

  test('up to the first of those of the day that the index shows as predicted, on whichever page', async () => {
    const other = rowOf('a', { day: '2026-03-02', changed: '2026-03-02T00:01:00.000Z' });
    const pages = [[other, rowOf('b', {})], [rowOf('c', { changed: '2026-03-02T00:13:00.000Z' })]];
    const cursors: unknown[] = [];
    const byState: Ledger['byState'] = async (state, options) => {
      assert.equal(state, 'PREDICTED');
      cursors.push(options?.cursor);
      const rows = pages[cursors.length - 1]!;
      return { rows, cursor: cursors.length < pages.length ? { at: cursors.length } : undefined };
    };
    const { cutOff, isLanding } = await cutOffOf([], [], { byState });
    assert.deepEqual([cutOff, isLanding], ['2026-03-02T00:12:59.999Z', true]);
    assert.deepEqual(cursors, [undefined, { at: 1 }]);
  });

  test('after a look at each mark, twenty at a time', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => rowOf(String(i), { state: 'DONE' }));
    let [underWay, most] = [0, 0];
    const get: Ledger['get'] = async ({ key }) => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return rows.find(({ scene }) => scene.key === key);
    };
    const marks = rows.map((row) => markOf(row, '2026-03-02T00:14:00.000Z'));
    const { landed } = await cutOffOf([], marks, { get });
    assert.deepEqual([landed.length, most], [50, 20]);
  });
});

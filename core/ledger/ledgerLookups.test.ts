import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { MODEL as model, newScene } from '../../test/benches/ledgerRows.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { type Asked, through } from '../../test/benches/through.ts';
import type { ModelRef, SceneRef } from '../base/messages.ts';
import type { Cursor } from './contract.ts';
import { makeLedger } from './ledger.ts';
import type { EndedRun } from './ledgerItem.ts';
import type { LedgerRow } from './ledgerRow.ts';
import type { State } from './states.ts';

/** How the ledger is asked: by run, by scene, by state and time, by day. */

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);

describe('by run', () => {
  test('the whole row is found', async () => {
    const row = await newRun('2026-03-01T10:00:00.000Z', 'PREPARED', { chips: 81 });
    assert.deepEqual(await ledger.byRun(row.run), row);
    assert.equal(row.chips, 81);
  });

  test('nothing is found for a run that does not exist', async () => {
    assert.equal(await ledger.byRun('0'.repeat(32)), undefined);
  });

  test('nothing is found for a run that the index still shows but the table has no more', async () => {
    const row = await newRun('2026-03-01T10:00:00.000Z', 'FAILED');
    const gone = through(tables, async ({ command, answer }) => (command === 'Get' ? {} : answer()));
    assert.equal(await makeLedger(gone, LEDGER_TABLE).byRun(row.run), undefined);
  });
});

describe('by scene', () => {
  test('the runs of each model version are found, and of no other file or version', async () => {
    const scene = { bucket: 'inbox', key: 'a', versionId: 'v1' };
    const first = await claim(scene, model);
    const second = await claim(scene, { name: 'other', version: '1.0.0' });
    await claim({ ...scene, versionId: 'v2' }, model);
    await claim({ ...scene, key: 'a#v1' }, model);
    assert.deepEqual(await ledger.ofScene(scene), [first, second]);
  });

  test('a forgotten row is deleted', async () => {
    const row = await newRun('2026-03-01T10:00:00.000Z', 'FAILED');
    await ledger.forget(row);
    assert.deepEqual(await ledger.ofScene(row.scene), []);
    assert.equal(await ledger.byRun(row.run), undefined);
  });
});

describe('by state', () => {
  const times = ['10:00:00.000', '10:00:00.001', '10:00:00.001', '11:00:00.000', '23:59:59.999'];
  const yesterday = times.map((time) => `2030-05-01T${time}Z`);
  const since = new Date('2030-05-01T10:00:00.001Z');

  test('rows come page by page, the newest first or the oldest, none twice and none before "since"', async () => {
    const runs = await Promise.all(yesterday.map((time) => newRun(time, 'EMPTY')));
    await newRun('2030-05-01T12:00:00.000Z', 'DUPLICATE');
    const expected = runs.slice(1).map(({ run }) => run);
    const newestFirst = await runsIn('EMPTY', { since, limit: 2 });
    const oldestFirst = await runsIn('EMPTY', { since, limit: 1, oldestFirst: true });
    assert.deepEqual(newestFirst, oldestFirst.toReversed());
    assert.deepEqual(newestFirst.toSorted(), expected.toSorted());
    assert.equal(newestFirst[0], runs[4]?.run);
    assert.deepEqual(await runsIn('EMPTY', { since }), newestFirst, 'as in one page');
  });

  test('the rows are whole', async () => {
    const row = await newRun('2031-05-01T10:00:00.000Z', 'INVALID', { size: 17 });
    assert.deepEqual((await ledger.byState('INVALID')).rows, [row]);
  });

  test('a row that moved on is found in its new state only', async () => {
    const row = await newRun('2031-05-01T10:00:00.000Z', 'CLAIMED');
    await ledger.advance(row, 'PREPARED', new Date('2031-05-01T10:00:01.000Z'));
    assert.ok(!(await runsIn('CLAIMED')).includes(row.run));
    assert.ok((await runsIn('PREPARED')).includes(row.run));
  });
});

describe('by state and time', () => {
  const [from, to] = [new Date('2032-05-01T00:00:00.000Z'), new Date('2032-05-02T00:00:00.000Z')];

  test('runs are counted from one time, inclusive, to another, exclusive', async () => {
    const times = ['04-30T23:59:59.999', '05-01T00:00:00.000', '05-01T23:59:59.999', '05-02T00:00:00.000'];
    for (const time of times) await newRun(`2032-${time}Z`, 'EMPTY');
    await newRun('2032-05-01T12:00:00.000Z', 'DUPLICATE');
    assert.equal(await ledger.countByState('EMPTY', { from, to }), 2);
    assert.equal(await ledger.countByState('EMPTY', { from, to, atMost: 2 }), 2);
    assert.equal(await ledger.countByState('EMPTY', { from, to, atMost: 9 }), 2);
    assert.equal(await ledger.countByState('EMPTY', { from, to, atMost: 1 }), 1);
  });

  test('runs are counted across all pages without reading the rows, or up to a maximum', async () => {
    const asked: Asked['input'][] = [];
    const paged = through(tables, async ({ input }) => {
      asked.push(input);
      return { Count: 400, ...(asked.length < 4 && { LastEvaluatedKey: { run: 'r' } }) };
    });
    const { countByState } = makeLedger(paged, LEDGER_TABLE);
    assert.equal(await countByState('DONE', { from, to }), 1600);
    assert.deepEqual(
      asked.map(({ Select, Limit }) => [Select, Limit]),
      new Array(4).fill(['COUNT', undefined]),
    );
    asked.length = 0;
    assert.equal(await countByState('DONE', { from, to, atMost: 800 }), 800);
    assert.deepEqual(
      asked.map(({ Limit }) => Limit),
      [800, 800],
    );
  });
});

describe('by day', () => {
  const counts = storedCounts([2], { missing: 1, probabilitySum: 1.5 });
  const counted = { chips: 4, blank: 1, ...counts, bands: 'what they are like' };

  test('the runs that count are found with their numbers, for all models', async () => {
    const countedDay = '2026-03-01';
    const done = await newRun('2026-03-01T10:00:00.000Z', 'DONE', { ...counted, countedDay });
    const empty = await newRun('2026-03-02T10:00:00.000Z', 'EMPTY', { ...counted, chips: 1, countedDay });
    await newRun('2026-03-01T10:00:00.000Z', 'DUPLICATE');
    await newRun('2026-03-01T10:00:00.000Z', 'FAILED');
    await newRun('2026-03-01T10:00:00.000Z', 'DONE', { ...counted, countedDay: '2026-03-02' });
    assert.deepEqual(await runsOfDay(countedDay), [
      { run: done.run, scene: done.scene, model, ...counted, changed: done.changed },
      { run: empty.run, scene: empty.scene, model, ...counted, chips: 1, changed: empty.changed },
    ]);
  });

  test('runs can be limited to those that ended by a given time', async () => {
    const countedDay = '2026-06-01';
    const endOf = (hour: number) => `2026-06-01T${hour}:00:00.000Z`;
    for (const hour of [10, 10, 11, 12, 12, 13]) await newRun(endOf(hour), 'DONE', { ...counted, countedDay });
    const hours = async (asked: Parameters<typeof ledger.ofDay>[1]) =>
      (await runsOfDay(countedDay, asked)).map(({ changed }) => Number(changed.slice(11, 13)));
    assert.deepEqual(await hours({ cutOff: endOf(12) }), [10, 10, 11, 12, 12]);
    assert.deepEqual(await hours({ newestFirst: true, pageSize: 1 }), [13, 12, 12, 11, 10, 10]);
  });

  test('pages start small if a page size is given, and grow with each request', async () => {
    const limits: (number | undefined)[] = [];
    const endless = through(tables, async ({ input }) => {
      limits.push(input.Limit);
      return { Items: [], ...(limits.length < 5 && { LastEvaluatedKey: { run: 'r' } }) };
    });
    const { ofDay } = makeLedger(endless, LEDGER_TABLE);
    for await (const run of ofDay('2026-07-01', { pageSize: 10 })) assert.fail(run.run);
    assert.deepEqual(limits.splice(0), [10, 40, 160, 640, 1000]);
    for await (const run of ofDay('2026-07-01')) assert.fail(run.run);
    assert.deepEqual(limits, new Array(5).fill(undefined));
  });

  test('the rows of a large day are read by key in pages of a hundred, four pages in parallel', async () => {
    const { changed, ...row } = await newRun('2026-08-01T10:00:00.000Z', 'DONE', { ...counted, size: 7 });
    const keys = Array.from({ length: 1000 }, (_, i) => ({ scene: `inbox/${i}#v1`, model: 'baseline/1.0.0' }));
    const item = { ...row, ...row.scene, model: 'baseline/1.0.0', changed: `${changed}#${row.run}` };
    const pages: number[] = [];
    let [underWay, most] = [0, 0];
    const large = through(tables, async ({ command, input }) => {
      if (command === 'Query') {
        assert.equal(input.ProjectionExpression, 'scene, model');
        return { Items: keys };
      }
      const { Keys } = input.RequestItems[LEDGER_TABLE];
      pages.push(Keys.length);
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return {
        Responses: {
          [LEDGER_TABLE]: Keys.map((key: { scene: string }) => ({ ...item, ...key, key: key.scene.slice(6, -3) })),
        },
      };
    });
    const found: LedgerRow[] = [];
    for await (const one of makeLedger(large, LEDGER_TABLE).rowsOfDay('2026-08-01')) found.push(one);
    assert.deepEqual([found.length, pages, most], [1000, new Array(10).fill(100), 4]);
  });

  test('the rows of a day are complete', async () => {
    const countedDay = '2026-05-01';
    const runs = Array.from({ length: 25 }, () =>
      newRun('2026-05-01T10:00:00.000Z', 'DONE', { ...counted, size: 7, countedDay }),
    );
    const wanted = await Promise.all(runs);
    const found: LedgerRow[] = [];
    for await (const row of ledger.rowsOfDay(countedDay)) found.push(row);
    const byRun = (a: LedgerRow, b: LedgerRow) => a.run.localeCompare(b.run);
    assert.deepEqual(found.toSorted(byRun), wanted.toSorted(byRun));
    assert.equal(found[0]?.size, 7);
  });

  test('a day larger than one response of a megabyte is read completely', async () => {
    const { summary } = storedCounts([2], { names: ['x'.repeat(300_000)] });
    const runs = Array.from({ length: 5 }, () =>
      newRun('2026-04-01T10:00:00.000Z', 'DONE', { ...counted, summary, countedDay: '2026-04-01' }),
    );
    const wanted = (await Promise.all(runs)).map(({ run }) => run);
    const found = (await runsOfDay('2026-04-01')).map(({ run }) => run);
    assert.deepEqual(found.toSorted(), wanted.toSorted());
  });

  test('a day without runs returns none', async () => {
    assert.deepEqual(await runsOfDay('1999-12-31'), []);
  });
});

/** The runs in a state, gathered from all pages. */
async function runsIn(state: State, options: { since?: Date; limit?: number; oldestFirst?: boolean } = {}) {
  const runs: string[] = [];
  let cursor: Cursor | undefined;
  do {
    const page = await ledger.byState(state, { ...options, ...(cursor && { cursor }) });
    assert.ok(page.rows.length <= (options.limit ?? Number.POSITIVE_INFINITY));
    runs.push(...page.rows.map(({ run }) => run));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return runs;
}

async function runsOfDay(day: string, asked?: Parameters<typeof ledger.ofDay>[1]): Promise<EndedRun[]> {
  const runs: EndedRun[] = [];
  for await (const run of ledger.ofDay(day, asked)) runs.push(run);
  return runs;
}

/** A run of a new file, brought into a state at a time. */
async function newRun(time: string, state: State, attributes: Record<string, unknown> = {}): Promise<LedgerRow> {
  const row = await claim(newScene(), model);
  return ledger.advance(row, state, new Date(time), attributes);
}

async function claim(scene: SceneRef, model: ModelRef): Promise<LedgerRow> {
  const now = new Date('2020-01-01T00:00:00Z');
  const { row } = await ledger.claim({ scene, model, execution: 'e', now, leaseSeconds: 60, attemptLimit: 3 });
  return row;
}

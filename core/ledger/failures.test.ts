import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { batchOf, MODEL as model, newScene } from '../../test/benches/ledgerRows.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { makeEndedRow } from '../batches/batchRows.ts';
import type { Cursor } from './contract.ts';
import { makeLedger } from './ledger.ts';
import { makeFailures } from './ledgerQueries.ts';
import type { LedgerRow } from './ledgerRow.ts';

/** Runs that have failed, as a sweep looks for them: what it finds, and what that costs, on real tables. */

const failure = { name: 'Error', message: 'it broke', step: 'Infer' };
const since = new Date('2026-03-01T10:00:00Z');
const hours = (count: number) => new Date(since.getTime() + count * 3_600_000);

let tables: Awaited<ReturnType<typeof startTestTables>>;
let ledger: ReturnType<typeof makeLedger>;
/** Tables of a test's own. */
async function setUp(): Promise<void> {
  tables = await startTestTables();
  ledger = makeLedger(tables, LEDGER_TABLE);
}

async function claim(now: Date, attemptLimit = 3) {
  const scene = newScene();
  return (await ledger.claim({ scene, model, execution: 'first', now, leaseSeconds: 60, attemptLimit })).row;
}

async function fail(at: Date, attemptLimit = 3): Promise<LedgerRow> {
  return ledger.fail(await claim(at, attemptLimit), 'FAILED', failure, at);
}

async function pagesOf(from: Date | null, limit = 500, queries = ledger): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: Cursor | null = null;
  do {
    const page: Awaited<ReturnType<typeof ledger.failures>> = await queries.failures({ since: from, limit, cursor });
    pages.push(page.rows.map(({ run }) => run));
    cursor = page.cursor === undefined ? null : JSON.parse(JSON.stringify(page.cursor)); // it goes from state to state
  } while (cursor !== null);
  return pages;
}

describe('failed runs are found', () => {
  test('oldest first: all of them since a given time, and before it those with attempts left', async () => {
    await setUp();
    const rows = [await fail(hours(-999)), await fail(hours(-2), 1), await fail(hours(-1))];
    rows.push(await fail(since), await fail(hours(1), 1), await fail(hours(9_999)));
    const [old, , young, ...others] = rows.map(({ run }) => run);
    const wanted = [old!, young!, ...others];
    assert.deepEqual(await pagesOf(since), [wanted]);
    assert.deepEqual((await pagesOf(since, 1)).flat(), wanted, 'and page by page');
    assert.deepEqual((await pagesOf(since, 2)).flat(), wanted);
    assert.deepEqual(
      (await pagesOf(null)).flat(),
      rows.map(({ run }) => run),
      'and where all is looked at',
    );
  });

  test('only until they are claimed again, and only if they can be retried', async () => {
    await setUp();
    const [taken, gone] = [await fail(hours(-5)), await claim(hours(-5))];
    await ledger.fail(gone, 'INVALID', failure, hours(-5));
    const changed = await claim(hours(-5));
    await ledger.fail(changed, 'FAILED', { ...failure, name: 'SceneFileChanged' }, hours(-5));
    assert.deepEqual(await pagesOf(since), [[taken.run]]);
    const { row } = await ledger.claim({ ...taken, execution: 'second', now: hours(-4), leaseSeconds: 60 });
    assert.deepEqual(await pagesOf(since), [[]]);
    await ledger.fail(row, 'FAILED', failure, hours(-3));
    assert.deepEqual(await pagesOf(since), [[taken.run]]);
    await ledger.claim({ ...taken, execution: 'third', now: hours(-2), leaseSeconds: 60 });
    const [counted] = await ledger.ofScene(taken.scene);
    await ledger.advance(counted!, 'DONE', hours(-1), { countedDay: '2026-03-01' });
    assert.deepEqual(await pagesOf(since), [[]]);
  });

  test('again, once an attempt was granted, or where they were interrupted', async () => {
    await setUp();
    const [granted, interrupted] = [await fail(hours(-5), 1), await claim(hours(-4), 1)];
    await ledger.fail(interrupted, 'FAILED', { ...failure, name: 'Interrupted' }, hours(-4));
    assert.deepEqual(await pagesOf(since), [[interrupted.run]]);
    await ledger.grantAttempt(granted, hours(-3));
    assert.deepEqual(await pagesOf(since), [[interrupted.run, granted.run]]);
  });

  test('if they failed in a batch', async () => {
    await setUp();
    const batch = batchOf();
    const times = { lease: since.toISOString(), openedAt: since.toISOString() };
    const makeRow = makeEndedRow({ batch, execution: 'sweep', attempt: 1, executions: 1, ...times }, 2);
    const scene = { bucket: 'inbox', key: 'bulk/a', versionId: 'v1' };
    const about = { scene, since: hours(-9), at: hours(-9), seen: undefined };
    const row = makeRow.failed(about, 'FAILED', failure);
    await ledger.end(row, undefined);
    await ledger.end(makeRow.failed({ ...about, scene: { ...scene, key: 'bulk/b' } }, 'INVALID', failure), undefined);
    assert.deepEqual(await pagesOf(since), [[row.run]]);
    const [seen] = await ledger.ofScene(scene);
    await ledger.end(makeRow.failed({ ...about, seen }, 'FAILED', failure), seen);
    assert.deepEqual(await pagesOf(since), [[]], 'that was its last attempt');
  });
});

test('runs without attempts left are not read, however many there are', async () => {
  await setUp();
  const rows = await Promise.all(Array.from({ length: 60 }, (_, i) => fail(hours(-100 - i), 1)));
  const waiting = [await fail(hours(-50)), await fail(hours(-40))];
  const asked: string[] = [];
  let read = 0;
  tables.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const answer = await next(args);
        asked.push(commandName.replace(/Command$/, ''));
        read += (answer.output as { ScannedCount?: number }).ScannedCount ?? 0;
        return answer;
      },
    { step: 'initialize', name: 'counted' },
  );
  const queries = { ...ledger, ...makeFailures(tables, LEDGER_TABLE) };
  assert.deepEqual(await pagesOf(since, 500, queries), [waiting.map(({ run }) => run)]);
  assert.deepEqual([asked, read], [['Query', 'BatchGetItem', 'Query'], 2]);
  assert.equal((await pagesOf(null, 500, queries)).flat().length, rows.length + 2);
});

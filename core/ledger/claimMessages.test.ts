import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { makeLedger } from './ledger.ts';

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);

test('a message belongs to the run that claims it first, which may claim it again', async () => {
  const ids = Array.from({ length: 100 }, (_, i) => `r-${i}/0`);
  assert.deepEqual(await ledger.claimMessages(ids.slice(0, 60), 'first', '2026-03-01'), new Set(ids.slice(0, 60)));
  assert.deepEqual(await ledger.claimMessages(ids.slice(40), 'second', '2026-03-01'), new Set(ids.slice(60)));
  assert.deepEqual(
    await ledger.claimMessages(ids, 'first', '2026-03-01'),
    new Set(ids.slice(0, 60)),
    'once more, as a retry does',
  );
  assert.deepEqual(await ledger.claimMessages([...ids, ...ids], 'third', '2026-03-01'), new Set());
  assert.equal(await ledger.byRun('first'), undefined, 'it is no row of a run');
});

test('if several runs claim messages at the same time, each message belongs to exactly one', async () => {
  const ids = Array.from({ length: 50 }, (_, i) => `at-once-${i}/0`);
  const claims = await Promise.all(['a', 'b', 'c'].map((run) => ledger.claimMessages(ids, run, '2026-03-01')));
  const all = claims.flatMap((own) => [...own]);
  assert.deepEqual([all.length, new Set(all).size], [ids.length, ids.length]);
});

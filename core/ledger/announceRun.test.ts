import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { makeLedger } from './ledger.ts';

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);
const model = { name: 'm', version: '1.0.0' };
const fixed = { day: '2026-03-01', chipsPerPart: 7 };
const scene = { bucket: 'results', key: 'requests/a.json', versionId: 'v1' };
const now = new Date('2026-03-02T10:00:00.000Z');
const asked = { scene, model, now, leaseSeconds: 300, attemptLimit: 3, fixed };

describe('a run that is announced', () => {
  test('has the row that its execution would have claimed, and only that execution can claim it', async () => {
    await ledger.announceRun({ ...asked, execution: 'first' });
    const announced = await ledger.get(scene, model);
    const claim = await ledger.claim({ ...asked, execution: 'first' });
    assert.deepEqual([claim.held, claim.row], [true, announced]);
    assert.deepEqual((await ledger.claim({ ...asked, execution: 'second' })).held, false);
    const claimed = await ledger.claim({ ...asked, scene: { ...scene, versionId: 'v2' }, execution: 'first' });
    const { run: _, scene: __, ...row } = claimed.row;
    assert.partialDeepStrictEqual(announced, row);
    const { rows } = await ledger.byState('CLAIMED', { limit: 10 });
    assert.equal(rows.length, 2, 'a sweep finds it');
  });

  test('does not change an existing row', async () => {
    const before = await ledger.get(scene, model);
    await ledger.announceRun({ ...asked, execution: 'third', now: new Date('2026-03-05T10:00:00.000Z') });
    assert.deepEqual(await ledger.get(scene, model), before);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { MODEL as model, newScene } from '../../test/benches/ledgerRows.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { makeLedger } from './ledger.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { makeStartWaitingDuplicates, type WaitingDuplicatesPorts } from './startAttempt.ts';

/** Duplicates that are tried in the place of a run that has failed, on a real ledger; executions are a list. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const now = new Date('2026-03-01T10:00:00.000Z');

describe('when the duplicates that wait for a run are started', () => {
  test('those that are gone, running, or duplicates of another run by now are skipped', async () => {
    const owner = await newRun();
    const [duplicate, gone, elsewhere, onItsWay] = [
      await waitingDuplicateOf(owner),
      await waitingDuplicateOf(owner),
      await waitingDuplicateOf(owner),
      await waitingDuplicateOf(owner),
    ];
    await ledger.forget(gone);
    await ledger.letTakeOver(elsewhere);
    await ledger.advance(await claim(elsewhere, 'second'), 'DUPLICATE', now, { duplicateOf: 'another' });
    await ledger.letTakeOver(onItsWay);
    await claim(onItsWay, 'second');
    const { startWaitingDuplicates, started } = makeBench();
    assert.deepEqual(await startWaitingDuplicates(owner, 10), { started: 1, settled: 0 });
    assert.deepEqual(started, [`${duplicate.run}-2`]);
  });

  test('no more are started than the given number', async () => {
    const owner = await newRun();
    for (let i = 0; i < 5; i += 1) await waitingDuplicateOf(owner);
    const { startWaitingDuplicates, started } = makeBench();
    assert.equal((await startWaitingDuplicates(owner, 3)).started, 3);
    assert.equal(started.length, 3);
  });

  test('a lost attempt of a duplicate is recorded before its next one', async () => {
    const owner = await newRun();
    const duplicate = await waitingDuplicateOf(owner);
    const { startWaitingDuplicates } = makeBench({ isTaken: (name) => name.endsWith('-2') });
    assert.deepEqual(await startWaitingDuplicates(owner, 10), { started: 1, settled: 1 });
    const row = await ledger.get(duplicate.scene, model);
    assert.deepEqual([row?.state, row?.attempt, row?.error?.name], ['FAILED', 2, 'ExecutionLost']);
  });

  test('one that has been claimed in the meantime is skipped; other errors are thrown', async () => {
    const owner = await newRun();
    const duplicate = await waitingDuplicateOf(owner);
    const quicker: typeof ledger.letTakeOver = async (row) => {
      await ledger.letTakeOver(row);
      await claim(duplicate, 'second');
      return ledger.letTakeOver(row);
    };
    const { startWaitingDuplicates, started } = makeBench({ letTakeOver: quicker });
    assert.deepEqual([await startWaitingDuplicates(owner, 10), started], [{ started: 0, settled: 0 }, []]);
    await waitingDuplicateOf(owner);
    const ill = makeBench({ letTakeOver: () => Promise.reject(new Error('Rate exceeded')) });
    await assert.rejects(ill.startWaitingDuplicates(owner, 10), /Rate exceeded/);
  });
});

type Bench = { isTaken?: (name: string) => boolean; letTakeOver?: typeof ledger.letTakeOver };

function makeBench({ isTaken = () => false, letTakeOver = ledger.letTakeOver }: Bench = {}) {
  const started: string[] = [];
  const ports: WaitingDuplicatesPorts = {
    ledger: { ...ledger, letTakeOver },
    executions: {
      start: async (name) => {
        if (isTaken(name)) return 'known';
        started.push(name);
        return 'started';
      },
      describe: async () => ({ status: 'FAILED' }),
      arnOf: (name) => `arn:${name}`,
    },
    now: () => now,
    attemptLimit: 3,
  };
  return { ...makeStartWaitingDuplicates(ports), started };
}

async function newRun(): Promise<LedgerRow> {
  return claim({ scene: newScene() });
}

/** A run that waits for another one, as its duplicate. */
async function waitingDuplicateOf(owner: LedgerRow): Promise<LedgerRow> {
  const row = await newRun();
  const digest = 'd'.repeat(64);
  const refOf = (one: LedgerRow) => ({ ...one, id: one.run, digest: `${owner.run}${digest}`, day: '2026-03-01' });
  await ledger.claimContent(refOf(owner));
  const duplicateOf = await ledger.claimContent(refOf(row));
  return ledger.advance(row, 'DUPLICATE', now, { duplicateOf });
}

async function claim({ scene }: Pick<LedgerRow, 'scene'>, execution = 'first'): Promise<LedgerRow> {
  const { row } = await ledger.claim({ scene, model, execution, now, leaseSeconds: 60, attemptLimit: 3 });
  return row;
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { before, makeBench, namesOf, now } from '../../test/benches/sweep.ts';
import type { DiscoverPorts } from './discover.ts';

describe('the same bytes under other keys', () => {
  /** A run that owns its bytes and has failed, with two duplicates. */
  async function makeDuplicates(attemptLimit = 1) {
    const { owner, ...bench } = await makeWaiting(attemptLimit);
    const failure = { name: 'Error', message: 'x', step: 'Infer' };
    return { ...bench, owner: await bench.ledger.fail(owner, 'FAILED', failure, before) };
  }

  /** One that is on its way. */
  async function makeWaiting(attemptLimit = 1, known: Parameters<typeof makeBench>[0] = {}) {
    const bench = await makeBench(known);
    const { ledger, claim } = bench;
    const digest = crypto.randomUUID().replaceAll('-', '').repeat(2);
    const [owner, ...others] = [await claim({ attemptLimit }), await claim(), await claim()];
    const refOf = (row: LedgerRow) => ({ ...row, id: row.run, digest, day: '2026-03-01' });
    await ledger.claimContent(refOf(owner));
    const duplicates: LedgerRow[] = [];
    for (const row of others) {
      const duplicateOf = await ledger.claimContent(refOf(row));
      assert.equal(duplicateOf, owner.run);
      duplicates.push(await ledger.advance(row, 'DUPLICATE', before, { duplicateOf }));
    }
    return { ...bench, owner, duplicates };
  }

  test('are tried when the run that was first has failed for good', async () => {
    const { sweep, started, duplicates, ledger } = await makeDuplicates();
    await ledger.raiseWatermark(before); // a sweep that looks at everything would find them by themselves
    assert.deepEqual(await sweep(), { started: 2, settled: 0 });
    assert.deepEqual(namesOf(started).sort(), duplicates.map(({ run }) => `${run}-2`).sort());
    for (const { scene, model } of duplicates) {
      const request = { scene, model, execution: 'second', now, leaseSeconds: 60, attemptLimit: 3 };
      const { held, row } = await ledger.claim(request);
      assert.deepEqual([held, row.attempt, row.duplicateOf, row.heir], [true, 2, undefined, undefined]);
    }
    assert.deepEqual(await sweep(), { started: 0, settled: 0 }, 'they are on their way');
  });

  test('are tried by the sweep that finds its last attempt lost, also where the index does not show that failure yet', async () => {
    const { sweep, started, owner, duplicates, ledger } = await makeWaiting(1, { first: { status: 'FAILED' } });
    await ledger.raiseWatermark(before); // a sweep that looks at everything would find them by themselves
    const byState: typeof ledger.byState = async (state, options) =>
      state === 'FAILED' ? { rows: [], cursor: undefined } : ledger.byState(state, options);
    assert.deepEqual(await sweep({ ledger: { ...ledger, byState } }), { started: 2, settled: 1 });
    assert.deepEqual(namesOf(started).sort(), duplicates.map(({ run }) => `${run}-2`).sort());
    assert.equal((await ledger.get(owner.scene, owner.model))?.error?.name, 'ExecutionLost');
  });

  test('are left alone as long as it is tried again', async () => {
    const { sweep, started, owner, duplicates, ledger } = await makeDuplicates(3);
    assert.deepEqual(await sweep(), { started: 1, settled: 0 });
    assert.deepEqual(namesOf(started), [`${owner.run}-2`]);
    const { scene, model } = duplicates[0]!;
    const claim = await ledger.claim({ scene, model, execution: 'x', now, leaseSeconds: 60, attemptLimit: 3 });
    assert.equal(claim.held, false);
  });

  test('are found by a full sweep even if they were never recorded as waiting', async () => {
    const { sweep, duplicates, ledger } = await makeDuplicates();
    const none: Pick<DiscoverPorts['ledger'], 'waitingDuplicatesOf'> = { waitingDuplicatesOf: async function* () {} };
    assert.equal((await sweep({ ledger: { ...ledger, ...none } }, true)).started, duplicates.length);
  });
});

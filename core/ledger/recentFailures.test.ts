import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { MODEL as model, newScene } from '../../test/benches/ledgerRows.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { makeLedger } from './ledger.ts';
import { countRecentFailures } from './recentFailures.ts';

/** The number that the alarms on failures follow, on a real ledger. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);

describe('the number of recent failures', () => {
  test('counts the last five minutes, without interrupted runs', async () => {
    const now = new Date('2026-03-01T10:05:00.000Z');
    await fail('Error', '2026-03-01T09:59:59.999Z');
    await fail('Error', '2026-03-01T10:00:00.000Z');
    await fail('Error', '2026-03-01T10:04:59.000Z');
    await fail('Interrupted', '2026-03-01T10:04:59.000Z');
    await fail('InvalidSceneFile', '2026-03-01T10:04:59.000Z', 'INVALID');
    assert.deepEqual(await count('FAILED', 1, now), { metric: 'FailedRuns', value: 2, dimensions: {} });
    assert.deepEqual(await count('INVALID', 0, now), { metric: 'InvalidFiles', value: 1, dimensions: {} });
  });

  test('is at least the number of runs that have just failed, even if the index does not show them yet', async () => {
    const now = new Date('2026-03-02T10:00:00.000Z');
    assert.equal((await count('FAILED', 0, now)).value, 0);
    assert.equal((await count('FAILED', 1, now)).value, 1);
    assert.equal((await count('FAILED', 7, now)).value, 7);
  });

  test('is counted up to a hundred', async () => {
    const limits: unknown[] = [];
    const byState: typeof ledger.byState = (state, options) => {
      limits.push(options?.limit);
      return ledger.byState(state, options);
    };
    await countRecentFailures({ ledger: { byState }, now: () => new Date() }, 'FAILED', 0);
    assert.deepEqual(limits, [100]);
  });
});

function count(state: 'FAILED' | 'INVALID', atLeast: number, now: Date) {
  return countRecentFailures({ ledger, now: () => now }, state, atLeast);
}

async function fail(name: string, at: string, state: 'FAILED' | 'INVALID' = 'FAILED'): Promise<void> {
  const scene = newScene();
  const now = new Date('2026-03-01T09:00:00.000Z');
  const { row } = await ledger.claim({ scene, model, execution: 'e', now, leaseSeconds: 60, attemptLimit: 3 });
  await ledger.fail(row, state, { name, message: 'x', step: 'Infer' }, new Date(at));
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables.ts';
import type { Executions } from './executions.ts';
import { makeLedger } from './ledger.ts';
import { makeStart } from './startAttempt.ts';
import { startTestTables } from './testTables.ts';

/** Starting an attempt whose name was used before, on a real ledger; the sweep's own tests have the rest. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const now = new Date('2026-03-01T10:00:00Z');
const model = { name: 'baseline', version: '1.0.0' };

/** Whose executions have all been started before, and are over. */
const executions: Executions = {
  start: async () => 'name taken',
  describe: async () => ({ status: 'FAILED', error: 'States.Runtime' }),
  arnOf: (name) => `arn:${name}`,
};
const { start } = makeStart({ ledger, executions, now: () => now, attemptLimit: 3 });

test('an attempt that the ledger knows of costs no other one, however old the view of who starts it', async () => {
  const scene = { bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' };
  const request = { scene, model, execution: 'first', now, leaseSeconds: 60, attemptLimit: 3 };
  const { row } = await ledger.claim(request);
  const failed = await ledger.fail(row, 'FAILED', { name: 'Error', message: 'it broke', step: 'Infer' }, now);
  assert.deepEqual(await start(scene, model, 1), { started: 0, settled: 0 });
  assert.deepEqual(await ledger.get(scene, model), failed);
});

test('attempts that ended without a word are recorded as lost, one after the other, until they are used up', async () => {
  const scene = { bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' };
  assert.deepEqual(await start(scene, model, 1), { started: 0, settled: 3 });
  const row = await ledger.get(scene, model);
  assert.deepEqual([row?.state, row?.attempt, row?.error?.name], ['FAILED', 3, 'ExecutionLost']);
  assert.deepEqual(
    row?.failures?.map(({ execution }) => execution),
    [1, 2, 3].map((attempt) => `arn:${row!.run}-${attempt}`),
  );
});

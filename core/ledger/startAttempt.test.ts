import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { MODEL as model, newScene } from '../../test/benches/ledgerRows.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { ClaimLost, TransientTrouble } from '../base/errors.ts';
import type { Executions } from '../base/executions.ts';
import { makeLedger } from './ledger.ts';
import { makeStart, none, noneIfTaken } from './startAttempt.ts';

/** Starting an attempt whose name was used before, on a real ledger; the sweep's own tests have the rest. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const now = new Date('2026-03-01T10:00:00Z');

/** Whose executions have all been started before, and are over. */
const executions: Executions = {
  start: async () => 'known',
  describe: async () => ({ status: 'FAILED', error: 'States.Runtime' }),
  arnOf: (name) => `arn:${name}`,
};
const { start } = makeStart({ ledger, executions, now: () => now, attemptLimit: 3 });

test('an attempt that the ledger already knows is not recorded again, even if the caller has old data', async () => {
  const scene = newScene();
  const request = { scene, model, execution: 'first', now, leaseSeconds: 60, attemptLimit: 3 };
  const { row } = await ledger.claim(request);
  const failed = await ledger.fail(row, 'FAILED', { name: 'Error', message: 'it broke', step: 'Infer' }, now);
  assert.deepEqual(await start(scene, model, 1), { started: 0, settled: 0 });
  assert.deepEqual(await ledger.get(scene, model), failed);
});

test('attempts that ended without a result are recorded as lost, one after another, until they are used up', async () => {
  const scene = newScene();
  assert.deepEqual(await start(scene, model, 1), { started: 0, settled: 3 });
  const row = await ledger.get(scene, model);
  assert.deepEqual([row?.state, row?.attempt, row?.error?.name], ['FAILED', 3, 'ExecutionLost']);
  assert.deepEqual(
    row?.failures?.map(({ execution }) => execution),
    [1, 2, 3].map((attempt) => `arn:${row!.run}-${attempt}`),
  );
});

test('attempts of another model version are not counted', async () => {
  const scene = newScene();
  const other = { ...model, version: '2.0.0' };
  await ledger.claim({ scene, model: other, execution: 'other', now, leaseSeconds: 60, attemptLimit: 3 });
  assert.deepEqual(await start(scene, model, 1), { started: 0, settled: 3 });
  assert.equal((await ledger.get(scene, other))?.state, 'CLAIMED');
});

test('an attempt whose execution is still running is left alone', async () => {
  const scene = newScene();
  const describe: Executions['describe'] = async () => ({ status: 'RUNNING' });
  const ports = { ledger, executions: { ...executions, describe }, now: () => now, attemptLimit: 3 };
  assert.deepEqual(await makeStart(ports).start(scene, model, 1), none);
  assert.equal(await ledger.get(scene, model), undefined);
});

test('an error while an attempt is recorded as lost is thrown, and leaves an expired claim', async () => {
  const scene = newScene();
  const fail = () => Promise.reject(new TransientTrouble('throttled'));
  const ill = makeStart({ ledger: { ...ledger, fail }, executions, now: () => now, attemptLimit: 3 });
  await assert.rejects(ill.start(scene, model, 1), TransientTrouble);
  assert.equal((await ledger.get(scene, model))?.lease, now.toISOString());
});

test('a lost claim counts as nothing to do, and other errors are thrown', () => {
  assert.deepEqual(noneIfTaken(new ClaimLost('it is another one')), none);
  const trouble = new TransientTrouble('throttled');
  assert.throws(() => noneIfTaken(trouble), trouble);
});

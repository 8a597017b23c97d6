import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidModelPackage } from '../../core/base/errors.ts';
import { runId, shadowRunId } from '../../core/base/messages.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { shadowRow } from '../../core/ledger/shadowRuns.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { startTestTables } from '../../test/benches/tablesInMemory.ts';
import { runOf } from './run.ts';

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const live = { name: 'baseline', version: '1.0.0' };
const model = { ...live, version: '2.0.0' };
const scene = { bucket: 'inbox', key: 'a', versionId: 'v1' };
const now = new Date('2026-03-01T10:00:00Z');
const models = { load: () => Promise.reject(new InvalidModelPackage('gone')) };
const parameters = { driftThreshold: 0.25, driftMinimum: 1 };
const service = { ledger, models, parameters, listResults: async () => [] } as unknown as Parameters<typeof runOf>[0];

test("a run's page names its shadows, and a shadow's says what it is and offers no retry", async () => {
  const asked = { scene, model: live, execution: 'first', now, leaseSeconds: 60, attemptLimit: 1 };
  const { row } = await ledger.claim({ ...asked, fixed: { day: '2026-03-01', chipsPerPart: 1 } });
  await ledger.fail(row, 'FAILED', { name: 'E', message: 'x', step: 'Drift' }, now);
  const run = { id: runId(scene, live), scene, model: live, attempt: 1, execution: 'first', day: '2026-03-01' };
  const shadow = { model, run: { ...run, digest: 'ab'.repeat(32) }, parts: 1, chips: 1, blank: 0 };
  const about = shadowRow(shadow, { execution: 'second', began: now, ended: now });
  await ledger.endShadow({ ...about, state: 'FAILED' });
  const id = shadowRunId(scene, model);

  const ofLive = await runOf(service, row.run);
  assert.deepEqual([ofLive.shadows, ofLive.canRetry], [[{ run: id, version: '2.0.0', state: 'FAILED' }], true]);
  const ofShadow = await runOf(service, id);
  assert.deepEqual([ofShadow.row.shadow, ofShadow.row.state, ofShadow.canRetry], [true, 'FAILED', false]);
  assert.deepEqual([ofShadow.shadows, ofShadow.nextSteps], [[], null]);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { batchOf, MODEL as model, newScene } from '../../test/benches/ledgerRows.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { behind, troubled } from '../../test/benches/through.ts';
import { type RunRef, runId, type SceneRef, sceneId } from '../base/messages.ts';
import { makeLedger } from './ledger.ts';

/** What the ledger may not know late, and what it may not keep to itself. */

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);
/** Of tables that are behind, where nobody asks for what there is now: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html */
const late = makeLedger(behind(tables), LEDGER_TABLE);
const now = new Date('2026-03-01T10:00:00.000Z');
const batch = batchOf();

describe('consistent reads are used for', () => {
  test('a run, by its key, among those of its file, and among those of a batch', async () => {
    const scene = newScene();
    const row = await claim(scene);
    assert.deepEqual(await late.get(scene, model), row);
    assert.deepEqual(await late.ofScene(scene), [row]);
    assert.deepEqual(await late.rowsOf([scene], model), new Map([[sceneId(scene), row]]));
  });

  test('the owner of some bytes, and the runs that wait for it', async () => {
    const [first, second] = [await runOf(newScene()), await runOf(newScene())];
    await ledger.claimContent(first);
    assert.equal(await late.claimContent(second), first.id);
    const waiting: string[] = [];
    for await (const { key } of late.waitingDuplicatesOf(first.id)) waiting.push(key);
    assert.deepEqual(waiting, [second.scene.key]);
  });

  test('the open batches', async () => {
    const opened = await ledger.openBatch(batch, 'e', () => now, 60);
    assert.equal(await late.isOpen(batch.id), true);
    assert.deepEqual(await late.openBatches(), [opened]);
    assert.equal(await late.openBatch(batch, 'another', () => now, 60), undefined);
  });

  test('the times up to which all was swept and judged, and the days that are due', async () => {
    await ledger.raiseWatermark(now);
    await ledger.setJudgedUntil('2026-02-28');
    await ledger.markDue({ day: '2026-02-27', mark: 'r-1', at: now.toISOString() });
    assert.deepEqual([await late.sweptUntil(now), await late.judgedUntil()], [now, '2026-02-28']);
    assert.deepEqual(await late.dueDays('2026-03-01'), ['2026-02-27']);
    assert.equal((await late.marksSince('2026-02-27', now)).length, 1);
    assert.equal((await late.marksBefore('2026-02-27', new Date('2026-03-02T00:00:00Z'))).length, 1);
  });
});

describe('errors of the tables are passed on by', () => {
  const trouble = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  const ill = makeLedger(troubled(tables, trouble), LEDGER_TABLE);
  const failure = { name: 'Error', message: 'x', step: 'Infer' };
  for (const [what, go] of Object.entries({
    'a claim': () => ill.claim({ scene: newScene(), model, execution: 'e', now, leaseSeconds: 60, attemptLimit: 3 }),
    'a step forward': async () => ill.advance(await claim(newScene()), 'PREPARED', now),
    'a failure': async () => ill.fail(await claim(newScene()), 'FAILED', failure, now),
    'a content that is owned': async () => ill.claimContent({ ...(await runOf(newScene())), digest: 'e'.repeat(64) }),
    'an end in a batch': async () => {
      const row = await claim(newScene());
      await ill.end({ ...row, state: 'DONE', batch: batch.id }, undefined);
    },
    'a batch that is opened': () => ill.openBatch({ ...batch, id: 'cd'.repeat(16) }, 'e', () => now, 60),
    'a batch that is closed': () => ill.closeBatch({ batch, attempt: 1, execution: 'e', openedAt: now.toISOString() }),
    'a watermark that is raised': () => ill.raiseWatermark(new Date('2026-04-01T00:00:00Z')),
  }))
    test(what, async () => {
      await assert.rejects(go, trouble);
    });
});

async function claim(scene: SceneRef) {
  const { row } = await ledger.claim({ scene, model, execution: 'e', now, leaseSeconds: 60, attemptLimit: 3 });
  return row;
}

async function runOf(scene: SceneRef): Promise<RunRef> {
  await claim(scene);
  const about = { execution: 'e', digest: 'd'.repeat(64), day: '2026-03-01' };
  return { id: runId(scene, model), scene, model, attempt: 1, ...about };
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClaimLost, TransientTrouble } from '../../core/base/errors.ts';
import { predictionsKey } from '../../core/base/keys.ts';
import type { BatchRef, SceneRef } from '../../core/base/messages.ts';
import { chipId, runId, UNASSIGNED } from '../../core/base/run.ts';
import { removeUnfinishedCopy } from '../../core/batches/batchFile.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { State } from '../../core/ledger/states.ts';
import { joined } from '../../core/package/column.ts';
import { encodePredictions } from '../../core/results/encodePredictions.ts';
import { columnsOf } from '../../core/results/predictionColumns.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { predict } from '../../test/benches/predictions.ts';
import { makeTestResults } from '../../test/benches/results.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { startTestTables } from '../../test/benches/tablesInMemory.ts';
import { readPredictions } from '../../test/predictions.ts';
import { makeSupersede, type Prefix, type SupersedePorts } from './supersede.ts';

/** What becomes of an unfinished copy when the whole file comes, on a real ledger. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const model = await readModelPackage(readBaselineFile);
const ref = { name: 'baseline', version: '1.0.0' };
const day = '2026-03-01';
const began = new Date(`${day}T10:00:00.000Z`);
const now = new Date(`${day}T10:05:00.000Z`);
const results = makeTestResults();
const by = { id: 'f'.repeat(32), model: ref, execution: 'whole' };

function supersede(prefix: Prefix, ports: Partial<SupersedePorts> = {}, successor = by) {
  return makeSupersede({ ...portsOf(), ...ports })(prefix, successor);
}

function portsOf(): SupersedePorts {
  return {
    ledger,
    loadModel: async () => model,
    leaseSeconds: 60,
    attemptLimit: 3,
    now: () => now,
    ...results.ports,
    executions: { start: async () => 'started', describe: async () => ({ status: 'RUNNING' }), arnOf: (name) => name },
  };
}

const newScene = (): SceneRef => ({ bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' });
const newDigest = () => crypto.randomUUID().replaceAll('-', '').repeat(2);
const prefixOf = (scene: SceneRef, digest = newDigest()): Prefix => ({ scene, size: 100, digest });

/** A run of a former version, brought to a state as its steps do. */
async function former(state: State, scene = newScene(), digest = newDigest()) {
  const request = { scene, model: ref, execution: 'first', now: began, leaseSeconds: 900, attemptLimit: 3 };
  const { row } = await ledger.claim({ ...request, fixed: { day, chipsPerPart: 512 } });
  const run = { ...row, id: row.run, digest, day };
  await ledger.claimContent(run);
  const keys = [0, 1].map((part) => predictionsKey(run, part));
  if (state !== 'CLAIMED' && state !== 'DUPLICATE')
    await ledger.advance(row, 'PREPARED', began, { digest, chips: 2, blank: 0 });
  if (state === 'PREDICTED' || state === 'DONE') for (const key of keys) results.put(key, new Uint8Array([1]));
  const classes = [{ name: 'a', count: 2 }];
  if (state === 'PREDICTED' || state === 'DONE' || state === 'EMPTY')
    await ledger.advance(row, 'PREDICTED', began, { classes, missing: 0, probabilitySum: 1 });
  if (state === 'DONE' || state === 'EMPTY') await ledger.advance(row, state, began, { countedDay: day });
  if (state === 'DUPLICATE') await ledger.advance(row, state, began, { duplicateOf: 'another run' });
  if (state === 'FAILED' || state === 'INVALID')
    await ledger.fail(row, state, { name: 'Error', message: 'x', step: 'Infer' }, began);
  return { row: (await ledger.get(scene, ref)) as LedgerRow, scene, keys, prefix: prefixOf(scene, digest) };
}

async function countedOn(which: string): Promise<string[]> {
  const runs: string[] = [];
  for await (const { run } of ledger.ofDay(which)) runs.push(run);
  return runs;
}

for (const state of ['CLAIMED', 'PREPARED', 'PREDICTED', 'DONE', 'EMPTY', 'FAILED', 'DUPLICATE'] as const)
  test(`a run that is ${state} ends as a DUPLICATE of the whole file's, counts for no day, and has no predictions`, async () => {
    const { row, scene, keys, prefix } = await former(state);
    await supersede(prefix);
    const ended = await ledger.get(scene, ref);
    assert.partialDeepStrictEqual(ended, {
      state: 'DUPLICATE',
      duplicateOf: by.id,
      prefix: true,
      attempt: 2,
      execution: 'whole',
      size: prefix.size,
      digest: prefix.digest,
    });
    assert.deepEqual(
      [ended?.chips, ended?.summary, ended?.bands, ended?.drift, ended?.error],
      Array(5).fill(undefined),
    );
    assert.ok(!(await countedOn(day)).includes(row.run));
    assert.deepEqual(
      keys.filter((key) => results.objects.has(key)),
      [],
    );
    await assert.rejects(ledger.advance(row, 'DONE', now), ClaimLost, 'who has worked on it has lost it');
  });

test('a run that is INVALID stays so: it counts nothing, and is never tried again', async () => {
  const { row, scene, prefix } = await former('INVALID');
  await supersede(prefix);
  assert.deepEqual(await ledger.get(scene, ref), row);
});

test('a file whose run has not begun finds it at its end', async () => {
  const scene = newScene();
  await supersede(prefixOf(scene));
  assert.partialDeepStrictEqual(await ledger.get(scene, ref), { state: 'DUPLICATE', prefix: true });
  const request = { scene, model: ref, execution: 'late event', now, leaseSeconds: 60, attemptLimit: 3 };
  assert.equal((await ledger.claim(request)).held, false);
});

test('the runs of other model versions go as well', async () => {
  const scene = newScene();
  const other = { name: 'baseline', version: '0.9.0' };
  const request = { scene, model: other, execution: 'before', now: began, leaseSeconds: 60, attemptLimit: 3 };
  const { row } = await ledger.claim({ ...request, fixed: { day, chipsPerPart: 512 } });
  await ledger.advance(row, 'DONE', began, { countedDay: day });
  await supersede(prefixOf(scene));
  assert.equal((await ledger.get(scene, other))?.state, 'DUPLICATE');
});

test('what failed before a model was known stays as it is', async () => {
  const { scene, prefix } = await former('DONE');
  const request = { scene, model: UNASSIGNED, execution: 'before', now: began, leaseSeconds: 60, attemptLimit: 1 };
  const { row } = await ledger.claim(request);
  const failed = await ledger.fail(row, 'FAILED', { name: 'Error', message: 'x', step: 'Preprocess' }, began);
  await supersede(prefix);
  assert.deepEqual(await ledger.get(scene, UNASSIGNED), failed);
});

test('doing it again changes nothing', async () => {
  const { scene, prefix } = await former('DONE');
  await supersede(prefix);
  const first = await ledger.get(scene, ref);
  await supersede(prefix);
  assert.deepEqual(await ledger.get(scene, ref), first);
});

test('an interrupted step is completed by its repetition', async () => {
  const { scene, keys, prefix } = await former('DONE');
  const removeVersion = () => Promise.reject(new TransientTrouble('throttled'));
  await assert.rejects(supersede(prefix, { removeVersion }), TransientTrouble);
  assert.deepEqual(
    keys.filter((key) => results.objects.has(key)),
    keys,
  );
  await supersede(prefix);
  assert.equal((await ledger.get(scene, ref))?.state, 'DUPLICATE');
  assert.deepEqual(
    keys.filter((key) => results.objects.has(key)),
    [],
  );
});

describe('the same bytes under another key, which may be a whole file there,', () => {
  async function duplicateOf(owner: LedgerRow, digest: string) {
    const scene = newScene();
    const request = { scene, model: ref, execution: 'other', now: began, leaseSeconds: 60, attemptLimit: 3 };
    const { row } = await ledger.claim({ ...request, fixed: { day, chipsPerPart: 512 } });
    assert.equal(await ledger.claimContent({ ...row, id: row.run, digest, day }), owner.run);
    return ledger.advance(row, 'DUPLICATE', began, { duplicateOf: owner.run });
  }

  test('are tried in its place, and come to own them', async () => {
    const { row, prefix } = await former('DONE');
    const duplicate = await duplicateOf(row, prefix.digest);
    const started: string[] = [];
    const start = async (name: string) => {
      started.push(name);
      return 'started' as const;
    };
    await supersede(prefix, { executions: { ...portsOf().executions, start } });
    assert.deepEqual(started, [`${duplicate.run}-2`]);
    const { scene } = duplicate;
    const request = { scene, model: ref, execution: 'next', now, leaseSeconds: 60, attemptLimit: 3 };
    const { held, row: claimed } = await ledger.claim(request);
    assert.equal(held, true);
    assert.equal(await ledger.claimContent({ ...claimed, id: claimed.run, digest: prefix.digest, day }), claimed.run);
  });
});

describe('the day of a run that counted', () => {
  test('is marked before the run stops counting, if the day has closed: it is judged again', async () => {
    const { row, prefix } = await former('DONE');
    const later = new Date('2026-03-02T00:20:00.000Z');
    await supersede(prefix, { now: () => later });
    const marks = (await ledger.marksSince(day, later)).map(({ mark }) => mark);
    assert.deepEqual(marks, [`${row.run}-1-left`]);
  });

  test('is not, while it goes on', async () => {
    const { row, prefix } = await former('DONE');
    await supersede(prefix);
    assert.ok((await ledger.marksSince(day, began)).every(({ mark }) => !mark.startsWith(row.run)));
  });
});

describe('a run that a batch has brought to its end', () => {
  const batch: BatchRef = { id: 'b'.repeat(32), manifest: 'm', offset: 0, length: 1, files: 2, day, model: ref };
  const key = predictionsKey(batch, 0);
  const chipOf = (run: string, digest: string) =>
    predict(model, [model.classes.map(() => 0.25)], { run, digest, scene: 'a scene' }).predictions;

  async function ofBatch() {
    const [scene, digest, other] = [newScene(), newDigest(), newDigest()];
    const run = runId(scene, ref);
    const both = joined(columnsOf(model), [chipOf(run, digest), chipOf('another run', other)]);
    results.put(key, encodePredictions(model, both, 'first'));
    const row = {
      run,
      scene,
      model: ref,
      state: 'DONE' as const,
      batch: batch.id,
      day,
      countedDay: day,
      changed: began.toISOString(),
      claimedAt: began.toISOString(),
      execution: 'sweep',
      attempt: 1,
      attemptLimit: 3,
      digest,
      chips: 1,
      blank: 0,
      ...storedCounts([]),
    };
    assert.equal(await ledger.end(row, undefined), true);
    return { scene, prefix: prefixOf(scene, digest), other };
  }

  test('goes from its file, and the others stay in it', async () => {
    const { scene, prefix, other } = await ofBatch();
    await supersede(prefix);
    assert.partialDeepStrictEqual(await ledger.get(scene, ref), { state: 'DUPLICATE', prefix: true });
    const { rows } = await readPredictions(results.objects.get(key)!.bytes);
    assert.deepEqual(
      rows.map(({ chip_id }) => chip_id),
      [chipId(other, 0)],
    );
  });

  test('waits for the batch, where that is still at work: the step is tried again', async () => {
    const { scene, prefix } = await ofBatch();
    const opened = (await ledger.openBatch(batch, 'sweep', () => began, 60))!;
    await assert.rejects(supersede(prefix), TransientTrouble);
    assert.equal((await ledger.get(scene, ref))?.state, 'DONE');
    await ledger.closeBatch(opened);
    await supersede(prefix);
    assert.equal((await ledger.get(scene, ref))?.state, 'DUPLICATE');
  });

  test('goes from its file as well where the execution died that was to take it out', async () => {
    const { scene, prefix, other } = await ofBatch();
    const died = () => Promise.reject(new Error('killed'));
    await assert.rejects(supersede(prefix, { readVersion: died }), /killed/);
    const row = (await ledger.get(scene, ref))!;
    assert.equal(row.state, 'DUPLICATE');
    const chips = async () =>
      (await readPredictions(results.objects.get(key)!.bytes)).rows.map((one) => one['chip_id']);
    assert.equal((await chips()).length, 2);
    const opened = (await ledger.openBatch(batch, 'sweep', () => began, 60))!;
    await assert.rejects(removeUnfinishedCopy(portsOf(), row), TransientTrouble);
    await ledger.closeBatch(opened);
    await removeUnfinishedCopy(portsOf(), row);
    assert.deepEqual(await chips(), [chipId(other, 0)]);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClaimLost, TransientTrouble } from '../../core/base/errors.ts';
import { predictionsKey } from '../../core/base/keys.ts';
import { type BatchRef, chipId, runId, type SceneRef, UNASSIGNED } from '../../core/base/messages.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { State } from '../../core/ledger/states.ts';
import { joined } from '../../core/package/carry.ts';
import { encodePredictions } from '../../core/results/encodePredictions.ts';
import { columnsOf } from '../../core/results/predictionColumns.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { newScene, rowIn } from '../../test/benches/ledgerRows.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { predict } from '../../test/benches/predictions.ts';
import { makeTestResults } from '../../test/benches/results.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { startTestTables } from '../../test/benches/tablesInMemory.ts';
import { readPredictions } from '../../test/predictions.ts';
import { LEDGER_TABLE } from '../tables/tables.ts';
import { type GrownPorts, makeGrown } from './grown.ts';

/** What becomes of the runs of a file that has grown, on a real ledger. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const model = await readModelPackage(readBaselineFile);
const ref = { name: 'baseline', version: '1.0.0' };
const day = '2026-03-01';
const began = new Date(`${day}T10:00:00.000Z`);
const now = new Date(`${day}T10:05:00.000Z`);
const results = makeTestResults();

/** The longer version of a file. */
const longer = (scene: SceneRef): SceneRef => ({ ...scene, versionId: 'v2' });
const byOf = (scene: SceneRef, version = ref) => runId(longer(scene), version);

function grow(scene: SceneRef, ports: Partial<GrownPorts> = {}) {
  return makeGrown({ ...portsOf(), ...ports })(scene, longer(scene));
}

function portsOf(): GrownPorts {
  return {
    ledger,
    models: { serving: async () => ({ live: [{ model: ref, accepts: ['*'], since: null }], waiting: [] }) },
    loadModel: async () => model,
    leaseSeconds: 60,
    attemptLimit: 3,
    now: () => now,
    ...results.ports,
    executions: { start: async () => 'started', describe: async () => ({ status: 'RUNNING' }), arnOf: (name) => name },
  };
}

const newDigest = () => crypto.randomUUID().replaceAll('-', '').repeat(2);

/** A run of the shorter version, brought to a state as its steps do. */
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
  return { row: (await ledger.get(scene, ref)) as LedgerRow, scene, keys, digest };
}

async function countedOn(which: string): Promise<string[]> {
  const runs: string[] = [];
  for await (const { run } of ledger.ofDay(which)) runs.push(run);
  return runs;
}

for (const state of ['CLAIMED', 'PREPARED', 'PREDICTED', 'DONE', 'EMPTY', 'FAILED', 'DUPLICATE'] as const)
  test(`a run that is ${state} ends as a DUPLICATE of the longer file's, counts for no day, and has no predictions`, async () => {
    const { row, scene, keys } = await former(state);
    await grow(scene);
    const ended = await ledger.get(scene, ref);
    const { digest, execution } = row;
    assert.partialDeepStrictEqual(ended, { state: 'DUPLICATE', duplicateOf: byOf(scene), attempt: 2, execution });
    assert.equal(ended?.digest, digest);
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
  const { row, scene } = await former('INVALID');
  await grow(scene);
  assert.deepEqual(await ledger.get(scene, ref), row);
});

test('a file whose run has not begun finds it at its end', async () => {
  const scene = newScene();
  await grow(scene);
  assert.partialDeepStrictEqual(await ledger.get(scene, ref), { state: 'DUPLICATE', duplicateOf: byOf(scene) });
  const request = { scene, model: ref, execution: 'late event', now, leaseSeconds: 60, attemptLimit: 3 };
  assert.equal((await ledger.claim(request)).held, false);
});

test('the run of a version that served before ends, and the promoted one gets none', async () => {
  const scene = newScene();
  const other = { name: 'baseline', version: '0.9.0' };
  const request = { scene, model: other, execution: 'before', now: began, leaseSeconds: 60, attemptLimit: 3 };
  const { row } = await ledger.claim({ ...request, fixed: { day, chipsPerPart: 512 } });
  await ledger.advance(row, 'DONE', began, { countedDay: day });
  await grow(scene);
  const rows = await ledger.ofScene(scene);
  assert.deepEqual(
    rows.map((one) => [one.model, one.state, one.duplicateOf]),
    [[other, 'DUPLICATE', byOf(scene, other)]],
  );
});

test('what failed before a model was known stays as it is', async () => {
  const { scene } = await former('DONE');
  const request = { scene, model: UNASSIGNED, execution: 'before', now: began, leaseSeconds: 60, attemptLimit: 1 };
  const { row } = await ledger.claim(request);
  const failed = await ledger.fail(row, 'FAILED', { name: 'Error', message: 'x', step: 'Preprocess' }, began);
  await grow(scene);
  assert.deepEqual(await ledger.get(scene, UNASSIGNED), failed);
});

test('doing it again changes nothing', async () => {
  const { scene } = await former('DONE');
  await grow(scene);
  const first = await ledger.get(scene, ref);
  await grow(scene);
  assert.deepEqual(await ledger.get(scene, ref), first);
});

test('an interrupted step is completed by its repetition', async () => {
  const { scene, keys } = await former('DONE');
  const removeVersion = () => Promise.reject(new TransientTrouble('throttled'));
  await assert.rejects(grow(scene, { removeVersion }), TransientTrouble);
  assert.deepEqual(
    keys.filter((key) => results.objects.has(key)),
    keys,
  );
  await grow(scene);
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
    const { row, scene, digest } = await former('DONE');
    const duplicate = await duplicateOf(row, digest);
    const started: string[] = [];
    const start = async (name: string) => {
      started.push(name);
      return 'started' as const;
    };
    await grow(scene, { executions: { ...portsOf().executions, start } });
    assert.deepEqual(started, [`${duplicate.run}-2`]);
    const request = { scene: duplicate.scene, model: ref, execution: 'next', now, leaseSeconds: 60, attemptLimit: 3 };
    const { held, row: claimed } = await ledger.claim(request);
    assert.equal(held, true);
    assert.equal(await ledger.claimContent({ ...claimed, id: claimed.run, digest, day }), claimed.run);
  });
});

describe('the day of a run that counted', () => {
  test('is marked before the run stops counting, if the day has closed: it is judged again', async () => {
    const { row, scene } = await former('DONE');
    const later = new Date('2026-03-02T00:20:00.000Z');
    await grow(scene, { now: () => later });
    const marks = (await ledger.marksSince(day, later)).map(({ mark }) => mark);
    assert.deepEqual(marks, [`${row.run}-1-left`]);
  });

  test('is not, while it goes on', async () => {
    const { row, scene } = await former('DONE');
    await grow(scene);
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
    const about = { run, scene, model: ref, execution: 'sweep', digest, at: began.toISOString() };
    const row = rowIn('DONE', { ...about, day, chips: 1, blank: 0, ...storedCounts([]) });
    const ended = { ...row, batch: batch.id, countedDay: day };
    assert.equal(await ledger.end(ended, undefined), true);
    return { scene, other };
  }

  test('goes from its file, and the others stay in it', async () => {
    const { scene, other } = await ofBatch();
    await grow(scene);
    assert.partialDeepStrictEqual(await ledger.get(scene, ref), { state: 'DUPLICATE', duplicateOf: byOf(scene) });
    const { rows } = await readPredictions(results.objects.get(key)!.bytes);
    assert.deepEqual(
      rows.map(({ chip_id }) => chip_id),
      [chipId(other, 0)],
    );
  });

  test('waits for the batch, where that is still at work', async () => {
    const { scene } = await ofBatch();
    const opened = (await ledger.openBatch(batch, 'sweep', () => began, 60))!;
    await assert.rejects(grow(scene), TransientTrouble);
    assert.equal((await ledger.get(scene, ref))?.state, 'DONE');
    await ledger.closeBatch(opened);
    await grow(scene);
    assert.equal((await ledger.get(scene, ref))?.state, 'DUPLICATE');
  });

  test('goes from its file as well where that was interrupted: the next look does it again', async () => {
    const { scene, other } = await ofBatch();
    const died = () => Promise.reject(new Error('killed'));
    await assert.rejects(grow(scene, { readVersion: died }), /killed/);
    assert.equal((await ledger.get(scene, ref))?.state, 'DUPLICATE');
    await grow(scene);
    const { rows } = await readPredictions(results.objects.get(key)!.bytes);
    assert.deepEqual(
      rows.map(({ chip_id }) => chip_id),
      [chipId(other, 0)],
    );
  });
});

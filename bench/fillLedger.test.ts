import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { RunRef, SceneRef } from '../core/base/messages.ts';
import { makeMetricsTable } from '../core/drift/metricsTable.ts';
import { judgeDrift } from '../core/drift/window.ts';
import { makeLedger } from '../core/ledger/ledger.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../local/tables/tables.ts';
import { storedCounts } from '../test/benches/summaries.ts';
import { startTestTables } from '../test/benches/tables.ts';
import { model } from './bundledModel.ts';
import { copyOf, fillLedger, type Rows, rowsOf } from './fillLedger.ts';
import { MODEL, sha256 } from './memoryPorts.ts';

const NAMES = { ledger: LEDGER_TABLE, metrics: METRICS_TABLE };
const AT = new Date('2026-03-01T12:00:00.000Z');
const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);
const sceneOf = (key: string): SceneRef => ({ bucket: 'inbox', key, versionId: 'v1' });

describe('a ledger that is filled', () => {
  let rows: Rows;

  /** A run from its claim to its end, by the functions that the service has for it. */
  async function lived(key: string): Promise<Rows> {
    const scene = sceneOf(key);
    const day = '2026-03-01';
    const claim = { scene, model: MODEL, execution: 'e', now: AT, leaseSeconds: 60, attemptLimit: 3 };
    const { row } = await ledger.claim({ ...claim, fixed: { day, chipsPerPart: 512 } });
    const digest = sha256(key);
    const run: RunRef = { id: row.run, scene, model: MODEL, attempt: 1, execution: 'e', digest, day };
    await ledger.claimContent(run);
    const found = { size: 1, digest, chips: 81, blank: 2, parts: 1, preparedAt: AT.toISOString() };
    await ledger.advance(run, 'PREPARED', AT, found);
    const counts = model.classes.map(({ value }) => (value === 0 ? 79 : 0));
    await ledger.advance(run, 'PREDICTED', AT, storedCounts(counts, { probabilitySum: 40 }));
    const totals = { sceneSquares: 79 ** 2, chips: 81, blank: 2, counts, missing: 0, probabilitySum: 40 };
    await makeMetricsTable(tables, METRICS_TABLE).putRun(
      run,
      judgeDrift(totals, model, { threshold: 0.25, minimum: 1 }),
    );
    await ledger.advance(run, 'DONE', AT, { countedDay: day, drift: null });
    return rowsOf(tables, NAMES, scene, MODEL);
  }

  before(async () => {
    rows = await lived('first');
  });

  it('has the rows that its functions would have written, to the last attribute', async () => {
    const { run, digest, numbers } = await lived('second');
    const copied = copyOf(rows, sceneOf('second'), AT);
    assert.deepEqual(copied.run, run);
    assert.deepEqual(copied.digest, digest);
    assert.deepEqual(copied.numbers, numbers);
  });

  it('finds each of them by its scene, its run and its day', async () => {
    const when = (file: number) => new Date(Date.UTC(2026, 3, 1 + file));
    const scenes = await fillLedger(tables, NAMES, rows, { first: 5, count: 60, when });
    assert.equal(scenes.length, 60);
    const row = await ledger.get(scenes[3]!, MODEL);
    assert.equal(row?.state, 'DONE');
    assert.deepEqual((await ledger.byRun(row.run))?.scene, scenes[3]);
    const ofDay: string[] = [];
    for await (const { run } of ledger.ofDay(when(8).toISOString().slice(0, 10))) ofDay.push(run);
    assert.deepEqual(ofDay, [row.run]);
  });
});

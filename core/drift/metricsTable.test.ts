import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { METRICS_TABLE } from '../../local/tables/tables.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { behind, through, troubled } from '../../test/benches/through.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { type DayRow, makeMetricsTable } from './metricsTable.ts';
import { judgeDrift } from './window.ts';

const table = await startTestTables();
const metrics = makeMetricsTable(table, METRICS_TABLE);
const model = await readModelPackage(readBaselineFile);
const totals = {
  sceneSquares: 98 ** 2,
  chips: 100,
  blank: 1,
  counts: [60, 15, 14, 9],
  missing: 1,
  probabilitySum: 80.5,
};
const run = { id: 'abc', model, attempt: 2 };
const judgement = judgeDrift(totals, model, { threshold: 0.25, minimum: 1 });

describe("a run's numbers", () => {
  test('are one row of the model version, with the p-value as text', async () => {
    await metrics.putRun(run, judgement);
    const { Item } = await table.get({
      TableName: METRICS_TABLE,
      Key: { model: 'droughtwatch-baseline/1.0.0', window: 'run#abc' },
    });
    assert.equal(typeof Item?.['drift'].chiSquare.pValue, 'string');
    assert.deepEqual([Item?.['chips'], Item?.['blank'], Item?.['n']], [100, 1, 98]);
    const { chips: _, blank: __, n: ___, drift: ____, shares: _____, ...others } = judgement;
    assert.deepEqual(JSON.parse(Item?.['judgement']), others);
  });

  test('are those that the same attempt has written last', async () => {
    const repeated = { ...run, id: 'repeated' };
    await metrics.putRun(repeated, judgement);
    await metrics.putRun(repeated, { ...judgement, chips: 101 });
    const Key = { model: 'droughtwatch-baseline/1.0.0', window: 'run#repeated' };
    assert.equal((await table.get({ TableName: METRICS_TABLE, Key })).Item?.['chips'], 101);
  });

  test('are those of its latest attempt, even if an earlier attempt writes late', async () => {
    const chipsOf = async () => {
      const Key = { model: 'droughtwatch-baseline/1.0.0', window: 'run#abc' };
      return (await table.get({ TableName: METRICS_TABLE, Key })).Item?.['chips'];
    };
    await metrics.putRun({ ...run, attempt: 3 }, { ...judgement, chips: 103 });
    await metrics.putRun({ ...run, attempt: 2 }, { ...judgement, chips: 102 });
    assert.equal(await chipsOf(), 103);
    await metrics.putRun({ ...run, attempt: 4 }, { ...judgement, chips: 104 });
    assert.equal(await chipsOf(), 104);
  });
});

describe("a day's numbers", () => {
  test('are read as they were written, however small the p-value', async () => {
    const chiSquare = { statistic: null, degreesOfFreedom: 3, pValue: 1e-300 };
    const tiny = { ...judgement, drift: judgement.drift && { ...judgement.drift, chiSquare } };
    const row = newDay({ judgement: tiny });
    assert.equal(await metrics.putDay(model, row), true);
    assert.deepEqual(await metrics.latestDay(model, row.day), row);
  });

  test('keep the sums of the source bands, however large or small their numbers', async () => {
    const sum = {
      chips: 300,
      nodata: 0,
      counts: [0, 0, 600, 0],
      mean: 1e9,
      squares: 1.25e19,
      minimum: -1e-140,
      maximum: 2e9,
      chipMean: 1e9,
      chipSquares: 3e18,
    };
    const numbers = { mean: 5, deviation: 2, betweenChips: 2, valuesPerChip: 1, degreesOfFreedom: 1 };
    const profile = [{ name: 'B1', source: 0, chips: 80, edges: [2, 8, 12], counts: [10, 10], ...numbers }];
    const judged = judgeDrift({ ...totals, bands: [sum] }, { ...model, profile }, { threshold: 0.25, minimum: 1 });
    assert.equal(judged.bandDrift?.[0]?.verdict, 'drift');
    const row = newDay({ judgement: judged });
    assert.equal(await metrics.putDay(model, row), true);
    assert.deepEqual(await metrics.latestDay(model, row.day), row);
  });

  test('may have no scores', async () => {
    const row = newDay({
      judgement: judgeDrift({ ...totals, counts: [0, 0, 0, 0] }, model, { threshold: 0.25, minimum: 1 }),
    });
    await metrics.putDay(model, row);
    assert.deepEqual(await metrics.latestDay(model, row.day), row);
  });

  test('are never changed: only one writer can write a revision', async () => {
    const row = newDay();
    const written = await Promise.all([1, 2, 3].map((runs) => metrics.putDay(model, { ...row, runs })));
    assert.deepEqual(written.toSorted(), [false, false, true]);
    assert.equal((await metrics.latestDay(model, row.day))?.runs, written.indexOf(true) + 1);
  });

  test('are those of the latest revision, counted as numbers', async () => {
    const row = newDay();
    for (const revision of [9, 10, 2, 100]) await metrics.putDay(model, { ...row, revision });
    assert.equal((await metrics.latestDay(model, row.day))?.revision, 100);
  });

  test('are separate for each day and model version', async () => {
    const row = newDay();
    await metrics.putDay(model, row);
    const { year, rest } = { year: row.day.slice(0, 4), rest: row.day.slice(4) };
    assert.equal(await metrics.latestDay(model, `${Number(year) + 1000}${rest}`), undefined);
    assert.equal(await metrics.latestDay({ ...model, version: '1.0.1' }, row.day), undefined);
    assert.equal(await metrics.latestDay(model, row.day.slice(0, -1)), undefined, 'nor of days that begin like it');
  });
});

let days = 0;
function newDay(more: Partial<DayRow> = {}): DayRow {
  const day = new Date(Date.UTC(2026, 0, ++days)).toISOString().slice(0, 10);
  return { day, revision: 1, runs: 2, cutOff: '2026-03-02T00:15:00.000Z', judgement, ...more };
}

describe("days' numbers", () => {
  const ref = { name: 'many-days', version: '1.0.0' };
  const rowOf = (day: string, revision: number): DayRow => ({ day, revision, runs: revision, cutOff: day, judgement });
  const prepared = (async () => {
    for (const [day, revisions] of [
      ['2026-05-01', 1],
      ['2026-05-02', 11],
      ['2026-05-04', 2],
      ['2026-05-05', 1],
    ] as const)
      for (let revision = 1; revision <= revisions; revision += 1) await metrics.putDay(ref, rowOf(day, revision));
  })();

  test('are the latest revision of each day from one day to another, in order', async () => {
    await prepared;
    const rows = await metrics.days(ref, '2026-05-02', '2026-05-04');
    assert.deepEqual(rows, [rowOf('2026-05-02', 11), rowOf('2026-05-04', 2)]);
    assert.deepEqual(await metrics.days(ref, '2026-06-01', '2026-06-30'), []);
  });

  test('have keys that never change between releases', async () => {
    await prepared;
    const Key = { model: 'many-days/1.0.0', window: 'day#2026-05-02#000011' };
    assert.equal((await table.get({ TableName: METRICS_TABLE, Key })).Item?.['revision'], 11);
  });

  test('of one day are read consistently, in a read of one item', async () => {
    await prepared;
    let read = 0;
    const counted = through(behind(table), async ({ answer }) => {
      const answered = await answer();
      read += answered.Items.length;
      return answered;
    });
    const latest = await makeMetricsTable(counted, METRICS_TABLE).latestDay(ref, '2026-05-02');
    assert.deepEqual([latest?.revision, read], [11, 1]);
    assert.equal(await metrics.latestDay(ref, '2026-05-03'), undefined);
  });

  test('that cannot be written because of a table error throw that error', async () => {
    const trouble = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    const ill = makeMetricsTable(troubled(table, trouble), METRICS_TABLE);
    await assert.rejects(ill.putDay(ref, rowOf('2026-05-09', 1)), trouble);
    await assert.rejects(ill.putRun({ ...run, id: 'ill' }, judgement), trouble);
  });
});

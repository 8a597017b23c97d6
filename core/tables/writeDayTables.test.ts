import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { makeReport } from '../../functions/report/reportStep.ts';
import { INVOCATION, MODEL, startTestDays } from '../../test/benches/day.ts';
import { tableKey } from '../base/keys.ts';
import { logTo } from '../base/step.ts';
import { parquetFile } from './parquet.ts';
import { runsTable } from './runsTable.ts';
import { daysOfUncounted, writeDayTables } from './writeDayTables.ts';

logTo(() => {});

describe("a closed day's tables", () => {
  test('have all runs of the day, whatever their state, and the numbers of those that count', async () => {
    const days = await startTestDays();
    await days.classify('2026-05-03', 'a');
    await days.arrive('2026-05-03', 'b', 'INVALID');
    await days.arrive('2026-05-03', 'late', 'FAILED', {}, { later: '2026-05-05' });
    await days.arrive('2026-05-04', 'other', 'FAILED');
    const registered: string[] = [];
    const registerPartition = async ({ name }: { name: string }, values: readonly string[]) =>
      void registered.push([name, ...values].join(' '));
    await writeDayTables({ ...days.ports, registerPartition }, '2026-05-03');
    const runs = await rowsOf(days.results, 'runs', '2026-05-03');
    assert.deepEqual(
      runs.map(({ file, state }) => [file, state]),
      [
        ['a', 'DONE'],
        ['b', 'INVALID'],
        ['late', 'FAILED'],
      ],
    );
    assert.partialDeepStrictEqual(runs[0], { chips: 81, blank: 2, model: 'droughtwatch-baseline', is_final: true });
    const metrics = await rowsOf(days.results, 'metrics', '2026-05-03');
    assert.deepEqual(
      metrics.map(({ window, task, chips, run }) => [window, task, chips, run]),
      [['run', 'classification', 81, runs[0]!['run']]],
    );
    assert.deepEqual(registered.sort(), ['metrics 2026-05-03', 'runs 2026-05-03']);
  });

  test('have a registered partition for the truths of the day', async () => {
    const days = await startTestDays();
    await days.classify('2026-05-03', 'a');
    await days.classify('2026-05-03', 'b');
    const registered: string[] = [];
    const registerPartition = async ({ name }: { name: string }, values: readonly string[]) =>
      void registered.push([name, ...values].join(' '));
    const { rowsOfDay } = days.ports.ledger;
    const ledger: typeof days.ports.ledger = {
      ...days.ports.ledger,
      rowsOfDay: async function* (day) {
        for await (const row of rowsOfDay(day)) yield { ...row, told: 'a version' };
      },
    };
    await writeDayTables({ ...days.ports, ledger, registerPartition }, '2026-05-03');
    const { name, version } = MODEL;
    assert.deepEqual(
      registered.filter((one) => one.startsWith('truth')),
      [`truth ${name} ${version} 2026-05-03`],
    );
  });

  test('are empty for a day without files, and overwrite parts that a longer day has left', async () => {
    const days = await startTestDays();
    const left = tableKey('runs', '2026-05-03', 1);
    days.results.set(left, await parquetFile(runsTable.columns, [runsTable.columns.map(() => null)]));
    await writeDayTables(days.ports, '2026-05-03');
    assert.deepEqual(await rowsOf(days.results, 'runs', '2026-05-03'), []);
    assert.deepEqual(await rowsOf(days.results, 'runs', '2026-05-03', 1), []);
    assert.equal(days.results.has(tableKey('runs', '2026-05-03', 2)), false);
  });

  test('have no number of masked chips for a file whose chips were not counted, and 0 where none is masked', async () => {
    const days = await startTestDays();
    await days.arrive('2026-05-03', 'refused', 'INVALID');
    await days.classify('2026-05-03', 'clear');
    await writeDayTables(days.ports, '2026-05-03');
    const runs = await rowsOf(days.results, 'runs', '2026-05-03');
    const counted = runs.map(({ file, chips, masked }) => [file, chips === null, masked]);
    assert.deepEqual(counted.toSorted(), [
      ['clear', false, 0],
      ['refused', true, null],
    ]);
  });

  test('have a run only once if it changes its state while they are written', async () => {
    const days = await startTestDays();
    await days.arrive('2026-05-03', 'a', 'FAILED');
    const { byState } = days.ports.ledger;
    const ledger: typeof days.ports.ledger = {
      ...days.ports.ledger,
      byState: (state, query) => byState(state === 'CLAIMED' ? 'FAILED' : state, query), // it has been taken up meanwhile
    };
    await writeDayTables({ ...days.ports, ledger }, '2026-05-03');
    const runs = await rowsOf(days.results, 'runs', '2026-05-03');
    assert.deepEqual(
      runs.map(({ file }) => file),
      ['a'],
    );
  });

  test('are the same bytes when they are written again', async () => {
    const days = await startTestDays();
    await days.classify('2026-05-03', 'a');
    await writeDayTables(days.ports, '2026-05-03');
    const before = days.results.get(tableKey('runs', '2026-05-03', 0));
    await writeDayTables(days.ports, '2026-05-03');
    assert.deepEqual(days.results.get(tableKey('runs', '2026-05-03', 0)), before);
  });
});

describe('the sweep', () => {
  test('writes the tables of yesterday, of days with new verdicts, and of days with new failures', async () => {
    const days = await startTestDays();
    await days.arrive('2026-05-02', 'old', 'FAILED', {}, { later: '2026-05-07' });
    await days.arrive('2026-05-01', 'older', 'FAILED');
    const ports = { ...days.ports, publish: async () => {} };
    await makeReport(ports)({ before: '2026-05-08T00:15:00.000Z', judged: [{ day: '2026-05-03' }] }, INVOCATION, {});
    const written = [...days.results.keys()].filter((key) => key.startsWith('runs/')).sort();
    assert.deepEqual(
      written,
      ['2026-05-02', '2026-05-03', '2026-05-07'].map((day) => tableKey('runs', day, 0)),
    );
  });

  test('leaves the day that has not closed alone', async () => {
    const days = await startTestDays();
    await days.arrive('2026-05-08', 'today', 'INVALID');
    const found = await daysOfUncounted(days.ports.ledger, new Date('2026-05-07T00:00:00Z'), '2026-05-08');
    assert.deepEqual([...found], []);
  });
});

async function rowsOf(results: ReadonlyMap<string, Uint8Array>, table: string, day: string, part = 0) {
  const bytes = results.get(tableKey(table, day, part)) ?? assert.fail(`there is no part ${part}`);
  return parquetReadObjects({ file: new Uint8Array(bytes).buffer });
}

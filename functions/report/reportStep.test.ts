import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { tableKey } from '../../core/base/keys.ts';
import type { ReportResult } from '../../core/base/messages.ts';
import { logTo } from '../../core/base/step.ts';
import { keyOfRun } from '../../core/ledger/ledgerItem.ts';
import type { Datum } from '../../core/metrics/metrics.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { INVOCATION, MODEL, startTestDays } from '../../test/benches/day.ts';
import { servingOf } from '../../test/benches/serving.ts';
import { makeReport, reportStep } from './reportStep.ts';

logTo(() => {});
const days = await startTestDays();
const before = '2026-05-08T00:15:00.000Z';
const published: Datum[] = [];
const publish = async (datums: Datum[]) => void published.push(...datums);

describe('the daily sweep', () => {
  test('has reports written on the day that has closed, and on those whose verdict is new, the newest first', async () => {
    await days.classify('2026-05-03', 'a');
    const judged = ['2026-05-03', '2026-05-07'].map((day) => ({ day }));
    const result = await report(judged);
    assert.deepEqual(
      result.reports.map(({ day, model, outcome }) => [day, model.version, outcome]),
      [
        ['2026-05-07', '1.0.0', 'nothing arrived'],
        ['2026-05-03', '1.0.0', 'no drift'],
      ],
    );
    assert.deepEqual(result.leftOut, []);
    assert.ok(result.reports.every(({ key }) => days.results.has(key)));
  });

  test('is recorded as finished after the reports are written, not before', async () => {
    const sweepDone = { metric: 'Sweeps', value: 1, dimensions: {} };
    published.splice(0);
    await report([]);
    assert.deepEqual(published.splice(0), [sweepDone]);
    const ports = { ...days.ports, writeResult: () => Promise.reject(new Error('no room')), publish };
    await assert.rejects(makeReport(ports)({ before, judged: [] }, INVOCATION, {}), /no room/);
    assert.deepEqual(published, []);
  });

  test('leaves out reports for which there is no time, and says so', async () => {
    let calls = 0;
    const invocation = { ...INVOCATION, remainingSeconds: () => (calls++ < 2 ? 900 : 100) };
    const result = await report([{ day: '2026-05-03' }, { day: '2026-05-04' }], invocation);
    assert.deepEqual(
      result.reports.map(({ day }) => day),
      ['2026-05-07'],
    );
    assert.deepEqual(
      result.leftOut.map(({ day }) => day),
      ['2026-05-04', '2026-05-03'],
    );
  });

  test('writes the days that an earlier sweep has judged and not reported, until their reports are written', async () => {
    const { ledger } = days.ports;
    const at = new Date('2026-05-07T00:15:00Z');
    for (const day of ['2026-05-04', '2026-05-05']) await days.ledger.markRevised(day, at);
    const marks = await ledger.revised();
    const failing = { ...days.ports, writeResult: () => Promise.reject(new Error('no room')), publish };
    await assert.rejects(makeReport(failing)({ before, judged: [] }, INVOCATION, {}), /no room/);
    assert.deepEqual(await ledger.revised(), marks);
    let calls = 0;
    const invocation = { ...INVOCATION, remainingSeconds: () => (calls++ < 3 ? 900 : 100) };
    const first = await report([], invocation);
    assert.deepEqual(
      first.reports.map(({ day }) => day),
      ['2026-05-07', '2026-05-05'],
    );
    assert.deepEqual([first.revised, await ledger.revised()], [['2026-05-04', '2026-05-05'], marks.slice(0, 1)]);
    const second = await report([]);
    assert.deepEqual(
      second.reports.map(({ day }) => day),
      ['2026-05-07', '2026-05-04'],
    );
    assert.deepEqual([await ledger.revised(), (await report([])).revised], [[], []]);
  });

  test('has a report written under a time-out shorter than a report may take, and begins no other after half of it', async () => {
    for (const timeout of [1, 300, 400]) {
      const left = [timeout, timeout, timeout / 2 - 0.1];
      const invocation = { ...INVOCATION, remainingSeconds: () => left.shift() ?? 0 };
      const { reports, leftOut } = await report([{ day: '2026-05-03' }], invocation);
      assert.deepEqual([reports[0]?.day, leftOut[0]?.day], ['2026-05-07', '2026-05-03'], `${timeout} s`);
    }
  });

  test('writes the tables and the report of a day after months, until rows of it have expired: it keeps them from then on', async () => {
    const day = '2026-01-10';
    const { scene, model } = await days.classify(day, 'old');
    const tables = ['runs', 'metrics'].map((name) => tableKey(name, day, 0));
    const first = await report([{ day }]);
    assert.deepEqual([first.reports.map((one) => one.day), first.leftOut], [['2026-05-07', day], []]);
    await days.classify(day, 'another');
    await report([{ day }]);
    const written = tables.map((key) => days.results.get(key)!);
    assert.equal((await parquetReadObjects({ file: written[0]!.slice().buffer })).length, 2);
    await days.tables.delete({ TableName: LEDGER_TABLE, Key: keyOfRun(scene, model) });
    await days.classify(day, 'third');
    const last = await report([{ day }]);
    assert.deepEqual(
      tables.map((key) => days.results.get(key)),
      written,
    );
    const why = 'It keeps what was written, as rows of its requests have expired since.';
    assert.deepEqual([last.reports.length, last.leftOut], [1, [{ day, why }]]);
  });

  test('succeeds without a promoted model', async () => {
    const models = { ...days.ports.models, serving: servingOf() };
    const result = await makeReport({ ...days.ports, models, publish })({ before, judged: [] }, INVOCATION, {});
    assert.deepEqual(result.reports, []);
    assert.match(result.leftOut[0]?.why ?? '', /none is promoted/);
  });

  test('hands over what the state machine has: whole answers of drift', async () => {
    const judged = [{ day: '2026-05-03', model: MODEL, revision: 2, verdict: 'no drift' }];
    const result = await reportStep({ ...days.ports, publish })({ before, judged }, INVOCATION);
    assert.equal(result.reports.length, 2);
    await assert.rejects(
      reportStep({ ...days.ports, publish })({ before, judged: [{ day: 'today' }] }, INVOCATION),
      /judged.0.day/,
    );
  });
});

function report(judged: { day: string }[], invocation = INVOCATION): Promise<ReportResult> {
  return makeReport({ ...days.ports, publish })({ before, judged }, invocation, {});
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClaimLost, TransientTrouble } from '../../core/base/errors.ts';
import type { RunRef } from '../../core/base/messages.ts';
import type { LogFields } from '../../core/base/step.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import type { Mark } from '../../core/ledger/dueDays.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { type EndedRun, endedRunSchema } from '../../core/ledger/ledgerItem.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { bandSumsOf, bandSumsText } from '../../core/measures/bands/bandSumsText.ts';
import { measuresOfRow } from '../../core/measures/registry.ts';
import type { Datum } from '../../core/metrics/metrics.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { namedIn } from '../../core/tasks/registry.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables/tables.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { makeTestResults } from '../../test/benches/results.ts';
import { noShadow, noTrial, servingOf } from '../../test/benches/serving.ts';
import {
  countsIn,
  judgedIn,
  numbersIn,
  type PartCounts,
  storedCounts,
  writeSummaries,
} from '../../test/benches/summaries.ts';
import { startTestTables } from '../../test/benches/tablesInMemory.ts';
import { makeDrift } from './drift.ts';
import type { DriftPorts } from './ports.ts';

/** The verdict on one run, on real tables. */

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);
const metrics = makeMetricsTable(tables, METRICS_TABLE);
const model = await readModelPackage(readBaselineFile);
const ref = { name: 'droughtwatch-baseline', version: '1.0.0' };
const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };
const day = '2026-03-01';

const { readResult, writeResult } = makeTestResults().ports;

const part = (number: number, counts: number[], missing = 0): PartCounts => ({
  part: number,
  counts,
  missing,
  probabilitySum: 0.5 * counts.reduce((sum, count) => sum + count, 0),
});

describe('a run', () => {
  test('is done when its parts are added up, judged, stored and published', async () => {
    const run = await newRun();
    const { judge, published } = makeBench();
    const parts = [part(1, [100, 0, 0, 0]), part(0, [200, 75, 76, 49]), part(2, [0, 0, 0, 0], 5)];
    assert.deepEqual(await judge(run, parts), { status: 'judged', verdict: 'no drift' });

    const { drift, ...row } = (await ledger.get(run.scene, ref)) ?? assert.fail();
    assert.equal(row.state, 'DONE');
    assert.deepEqual(namedIn(row), [
      { name: 'cows-0', count: 300 },
      { name: 'cows-1', count: 75 },
      { name: 'cows-2', count: 76 },
      { name: 'cows-3plus', count: 49 },
    ]);
    assert.deepEqual([countsIn(row).missing, countsIn(row).probabilitySum], [5, 250]);
    const { mostCommonShare, missingShare, meanProbability } = numbersIn(row);
    assert.deepEqual([mostCommonShare, missingShare, meanProbability], [0.6, 5 / 505, 0.5]);
    assert.deepEqual([drift?.n, drift?.verdict], [500, 'no drift']);
    // Claimed at 0 s, prepared at 3 s, judged from 10 s to 11 s.
    assert.deepEqual(row.milliseconds, { preprocess: 3000, infer: 7000, drift: 1000, total: 11_000 });

    const { Item } = await tables.get({
      TableName: METRICS_TABLE,
      Key: { model: 'droughtwatch-baseline/1.0.0', window: `run#${run.id}` },
    });
    assert.deepEqual([Item?.['chips'], Item?.['blank'], Item?.['n']], [507, 2, 500]);
    const { counts } = judgedIn(Item);
    assert.deepEqual(
      [counts, judgedIn(Item)['drift'], judgedIn(Item)['missingShare']],
      [[300, 75, 76, 49], drift, 5 / 505],
    );
    assert.equal(published.find(({ metric }) => metric === 'Drift')?.value, drift?.jensenShannon);
    assert.ok(
      published.every(({ metric, dimensions: { Window } }) => Window === 'recent' || metric === 'VersionPredictions'),
    );
    assert.deepEqual(published.at(-1), {
      metric: 'VersionPredictions',
      value: 500,
      dimensions: { Model: ref.name, Version: ref.version },
    });
  });

  test('is summed up by what its own attempt has found, whatever a late worker of another one writes', async () => {
    const run = await newRun();
    const parts = await classified(run, [part(0, [1, 2, 3, 4])]);
    await classified({ ...run, attempt: 2 }, [part(0, [9, 9, 9, 9])]);
    await makeBench().work({ run, parts }, invocation, {});
    assert.deepEqual(countsIn((await ledger.get(run.scene, ref))!).counts, [1, 2, 3, 4]);
  });

  test('without the summary of a part is not done, and says which', async () => {
    const run = await newRun();
    const parts = [...(await classified(run, [part(0, [1, 0, 0, 0])])), { part: 1 }];
    await assert.rejects(makeBench().work({ run, parts }, invocation, {}), {
      name: 'ObjectNotFound',
      message: `summaries/${run.id}/attempt-1/part-00001.json does not exist.`,
    });
    assert.equal((await ledger.get(run.scene, ref))?.state, 'PREPARED');
  });

  test('counts for its day, once it is done', async () => {
    const run = await newRun();
    await makeBench().judge(run, [part(0, [1, 2, 3, 4])]);
    const found = (await Array.fromAsync(ledger.ofDay(day))).filter((one) => one.run === run.id);
    assert.equal(found.length, 1);
    assert.deepEqual([found[0]?.chips, found[0]?.blank, countsIn(found[0]!).missing], [507, 2, 0]);
  });

  test('keeps what its source bands are like where windows find it, and they are published with those that came lately', async () => {
    const numbers = { mean: 5, deviation: 2, betweenChips: 2, valuesPerChip: 1, degreesOfFreedom: 1 };
    const profile = [{ name: 'B1', source: 0, chips: 500, edges: [2, 8, 12], counts: [500, 500], ...numbers }];
    const moments = { nodata: 0, mean: 5, squares: 9, minimum: 2, maximum: 9, chipMean: 5, chipSquares: 9 };
    const bands = bandSumsText([{ chips: 505, counts: [0, 0, 505, 0], ...moments }]);
    const load = async () => ({ ...model, profile });
    const { judge, published } = makeBench({
      models: { ...modelsOf(servingOf(ref)), load },
      ledger: { ...ledger, ofDay: async function* () {} },
    });
    const run = await newRun(ref, { bands });
    await judge(run, [part(0, [300, 75, 75, 50], 5)]);
    const row = await ledger.get(run.scene, ref);
    assert.deepEqual([row?.bands, countsIn(row!).counts], [bands, [300, 75, 75, 50]]);
    const found = (await Array.fromAsync(ledger.ofDay(day))).filter((one) => one.run === run.id);
    assert.deepEqual(measuresOfRow(found[0]!).bands, bandSumsOf(bands));
    const datum = published.find(({ metric }) => metric === 'BandDrift');
    assert.deepEqual(datum?.dimensions, { Model: ref.name, Window: 'recent' });
    assert.ok(datum!.value > 0.25);
    const item = { TableName: METRICS_TABLE, Key: { model: 'droughtwatch-baseline/1.0.0', window: `run#${run.id}` } };
    const numbersOfRun = (await tables.get(item)).Item;
    assert.deepEqual([numbersOfRun?.['chips'], judgedIn(numbersOfRun)['bands']], [507, undefined]); // they would be 5 KB, and stand in the ledger
  });

  test('of a sensor that drifts raises the alarm of the window, which the others keep quiet', async () => {
    const load = async () => ({ ...model, segments: { sensor: ['S9?'] } });
    const models = { ...modelsOf(servingOf(ref)), load };
    const runs: EndedRun[] = [];
    const ofDay = async function* () {
      yield* runs;
    };
    const scoreAfter = async (key: string, counts: number[]) => {
      const { judge, published } = makeBench({ models, ledger: { ...ledger, ofDay }, driftWindow: 5000 });
      const run = await newRun(ref, {}, key);
      await judge(run, [part(0, counts)]);
      runs.push(endedRunSchema.parse(await ledger.get(run.scene, ref)));
      return published.find(({ metric, dimensions }) => metric === 'Drift' && dimensions.Window === 'recent')!.value;
    };
    const prefix = crypto.randomUUID();
    assert.ok((await scoreAfter(`${prefix}_S9A_1.tif`, [1200, 300, 304, 196])) < 0.01);
    assert.ok((await scoreAfter(`${prefix}_S9B_2.tif`, [20, 20, 40, 120])) > 0.4, 'the score of S9B alone');
    assert.ok((await scoreAfter(`${prefix}_S9A_3.tif`, [600, 150, 152, 98])) > 0.4, 'until it is no longer recent');
  });

  test('of a few chips is "not enough data", and its score is stored but not published', async () => {
    const run = await newRun();
    const none = async function* () {};
    const { judge, published } = makeBench({ ledger: { ...ledger, ofDay: none } });
    const result = await judge(run, [part(0, [0, 0, 0, 3])]);
    assert.deepEqual(result, { status: 'judged', verdict: 'not enough data' });
    assert.ok((await ledger.get(run.scene, ref))!.drift!.jensenShannon > 0.25);
    assert.ok(!published.some(({ metric }) => metric === 'Drift'));
  });

  test('is published together with the recent runs, which say more than it does alone', async () => {
    const lately: EndedRun = { ...counted, ...storedCounts([300, 75, 76, 49], { probabilitySum: 9 }) };
    const listed = async function* (asked: string) {
      if (asked === day) yield lately;
    };
    const { judge, published } = makeBench({ ledger: { ...ledger, ofDay: listed }, driftWindow: 100 });
    const value = (metric: string) => published.splice(0).find((one) => one.metric === metric)?.value;
    await judge(await newRun(), [part(0, [0, 0, 0, 3])]);
    assert.equal(value('Predictions'), 503);
    await judge(await newRun(), [part(0, [0, 0, 0, 100])]);
    assert.equal(value('Predictions'), 100, 'enough by itself');
  });

  test('that is empty adds its blanks to the published numbers', async () => {
    const listed = async function* (asked: string) {
      if (asked === day) yield { ...counted, ...storedCounts([0, 0, 0, 0]), chips: 4, blank: 4 };
    };
    const { work, published } = makeBench({ ledger: { ...ledger, ofDay: listed } });
    assert.deepEqual(await work({ empty: await newRun() }, invocation, {}), { status: 'watched' });
    assert.deepEqual(
      published.map(({ metric, value }) => `${metric} ${value}`),
      ['Chips 4', 'Blanks 4', 'BlankShare 1', 'Predictions 0'],
    );
  });

  for (const what of ['empty', 'without a part'])
    test(`of blanks only is EMPTY, and counts as such: it comes as one that is ${what}`, async () => {
      const run = await newRun();
      const { work, published } = makeBench();
      for (const _ of ['once', 'and again, as a step that is repeated']) {
        assert.deepEqual(await work(what === 'empty' ? { empty: run } : { run, parts: [] }, invocation, {}), {
          status: 'watched',
        });
        const row = (await ledger.get(run.scene, ref))!;
        assert.equal(row.state, 'EMPTY');
        assert.deepEqual(countsIn(row), { counts: [0, 0, 0, 0], missing: 0, probabilitySum: 0 });
        const none = model.classes.map(({ name }) => ({ name, count: 0 }));
        assert.deepEqual(namedIn(row), none);
        // Claimed at 0 s, prepared at 3 s, watched from 10 s to 11 s.
        assert.deepEqual(row.milliseconds, { preprocess: 3000, total: 11_000 });
      }
      assert.ok(!published.some(({ metric }) => metric === 'VersionPredictions'));
      const counted = (await Array.fromAsync(ledger.ofDay(run.day))).filter((one) => one.run === run.id);
      assert.equal(counted.length, 1);
    });

  test('without a time of preparation took no time to infer', async () => {
    const scene = { bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' };
    const claim = { scene, model: ref, execution: 'first', now: new Date(`${day}T10:00:00.000Z`) };
    const { row } = await ledger.claim({ ...claim, leaseSeconds: 60, attemptLimit: 3 });
    await ledger.advance(row, 'PREPARED', new Date(`${day}T10:00:03.000Z`), { chips: 1, blank: 0 });
    const run = { id: row.run, scene, model: ref, attempt: 1, execution: 'first', digest: 'd'.repeat(64), day };
    await makeBench().judge(run, [part(0, [1, 0, 0, 0])]);
    assert.deepEqual((await ledger.get(scene, ref))?.milliseconds, { infer: 0, drift: 1000, total: 11_000 });
  });

  test('of blanks only that lands late is in the next revision of its day', async () => {
    const run = await newRun();
    await makeBench().judge(await newRun(), [part(0, [1, 2, 3, 4])]);
    const judgedAt = async (time: string) => {
      const now = () => new Date(`2026-03-02T${time}.000Z`);
      await makeBench({ now }).work({ before: now().toISOString() }, invocation, {});
      return metrics.latestDay(ref, day);
    };
    const before = await judgedAt('00:15:00');
    await makeBench({ now: () => new Date('2026-03-02T10:00:00.000Z') }).work({ empty: run }, invocation, {});
    const after = await judgedAt('11:00:00');
    assert.deepEqual([after?.runs, after?.judgement.chips], [before!.runs + 1, before!.judgement.chips + 507]);
  });

  test('marks its day before it counts, where that is over', async () => {
    const run = await newRun();
    const marked: string[] = [];
    const markDue = async ({ day }: Mark) => {
      assert.equal((await ledger.get(run.scene, ref))?.state, 'PREDICTED');
      marked.push(day);
    };
    const late = new Date(`${run.day}T23:59:59.999Z`);
    const { judge } = makeBench({ ledger: { ...ledger, markDue }, now: () => new Date(late.getTime() + 1) });
    await judge(run, [part(0, [1, 0, 0, 0])]);
    assert.deepEqual(marked, [run.day]);
  });

  test('ends after it has marked its day, however long that took', async () => {
    const run = await newRun();
    let now = new Date(`${run.day}T23:59:30.000Z`); // nearly over: the mark may come too late for who counts it at midnight
    const marked = new Date(`2026-03-02T00:00:20.000Z`);
    const marks: Mark[] = [];
    const markDue = async (mark: Mark) => {
      marks.push(mark);
      now = marked;
    };
    const { judge } = makeBench({ ledger: { ...ledger, markDue }, now: () => now });
    await judge(run, [part(0, [1, 0, 0, 0])]);
    const { scene } = run;
    const at = `${run.day}T23:59:30.000Z`;
    assert.deepEqual(marks, [{ day: run.day, mark: `${run.id}-1`, at, landing: { scene, model: ref } }]);
    assert.equal((await ledger.get(scene, ref))?.changed, marked.toISOString());
  });

  for (const [state, message] of [
    ['DONE', async (run: RunRef) => ({ run, parts: await classified(run, [part(0, [1, 0, 0, 0])]) })],
    ['EMPTY', async (run: RunRef) => ({ empty: run })],
  ] as const)
    test(`is ${state} once, where its step was started twice`, async () => {
      const run = await newRun();
      const other = makeBench();
      let row: LedgerRow | undefined;
      const advance: typeof ledger.advance = async (...given) => {
        if (given[1] === state) {
          await other.work(await message(run), invocation, {});
          row = await ledger.get(run.scene, ref);
        }
        return ledger.advance(...given);
      };
      const later = (() => {
        let seconds = 100;
        return () => new Date(Date.parse(`${day}T10:00:00Z`) + 1000 * seconds++);
      })();
      await makeBench({ ledger: { ...ledger, advance }, now: later }).work(await message(run), invocation, {});
      assert.equal(row?.state, state);
      assert.deepEqual(await ledger.get(run.scene, ref), row, 'the one that came first has ended it');
    });

  test('none of whose outputs is a number is done, without a verdict', async () => {
    const run = await newRun();
    const result = await makeBench().judge(run, [part(0, [0, 0, 0, 0], 81)]);
    assert.deepEqual(result, { status: 'unjudged', verdict: null });
    const row = await ledger.get(run.scene, ref);
    const { missingShare, meanProbability } = numbersIn(row!);
    assert.deepEqual([row?.state, row?.drift, missingShare, meanProbability], ['DONE', null, 1, null]);
  });
});

describe('a verdict', () => {
  test('is in the ledger before it is published, and is published even if the first try failed', async () => {
    const run = await newRun();
    const troubled = makeBench({ publish: () => Promise.reject(new TransientTrouble('throttled')) });
    await assert.rejects(troubled.judge(run, [part(0, [1, 0, 0, 0])]), TransientTrouble);
    const row = await ledger.get(run.scene, ref);
    assert.deepEqual([row?.state, row?.drift?.n], ['DONE', 1], 'a service that is out fails no run');
    const { judge, published } = makeBench();
    assert.equal((await judge(run, [part(0, [1, 0, 0, 0])])).status, 'judged', 'the step is repeated');
    assert.ok(published.some(({ metric }) => metric === 'VersionPredictions'));
    assert.deepEqual(await ledger.get(run.scene, ref), row);
  });

  test('of runs that end together is, in the end, one on them all', async () => {
    const files = await Promise.all([newRun(), newRun(), newRun()]);
    const index: EndedRun[] = [];
    const listed = async function* (asked: string) {
      if (asked === day) yield* index;
    };
    // As a table's index would: a run is there once it is done.
    const advance: typeof ledger.advance = async (...given) => {
      const row = await ledger.advance(...given);
      if (row.state === 'DONE') index.unshift(endedRunSchema.parse(row));
      return row;
    };
    const { judge, published } = makeBench({ ledger: { ...ledger, advance, ofDay: listed } });
    await Promise.all(files.map((run) => judge(run, [part(0, [0, 0, 0, 100])])));
    const seen = published.filter(({ metric }) => metric === 'Predictions').map(({ value }) => value);
    assert.equal(Math.max(...seen), 300);
  });

  test('of a version that is not live leaves the metrics of the live one alone', async () => {
    const serving = servingOf({ ...ref, version: '2.0.0' });
    const { judge, published } = makeBench({ models: modelsOf(serving) });
    await judge(await newRun(), [part(0, [0, 0, 0, 500])]);
    assert.deepEqual(
      published.map(({ metric }) => metric),
      ['VersionPredictions'],
    );
  });

  test('of a version that was only tried is published nowhere, not even as one that was at work', async () => {
    for (const live of [{ ...ref, version: '2.0.0' }, null]) {
      const models = { load: async () => model, isTrial: async () => true, shadow: noShadow, serving: servingOf(live) };
      const { judge, published } = makeBench({ models });
      await judge(await newRun(), [part(0, [0, 0, 0, 500])]);
      assert.deepEqual(published, []);
    }
  });

  test('on what came lately is given again by the sweep, so that a burst of files has a last word', async () => {
    const run = { ...counted, ...storedCounts([300, 75, 76, 49], { probabilitySum: 9 }) };
    const listed = async function* (asked: string) {
      if (asked === day) yield run;
    };
    const { work, published } = makeBench({ ledger: { ...ledger, ofDay: listed } });
    await work({ before: `${day}T00:15:00.000Z` }, invocation, {});
    const drift = published.filter(({ metric }) => metric === 'Drift');
    assert.deepEqual(
      drift.map(({ dimensions }) => dimensions.Window),
      ['recent'],
    );
  });

  test('on a run that was taken over is nowhere to be seen', async () => {
    const run = await newRun();
    await takeOver(run);
    const { judge, published } = makeBench({ metrics: { ...metrics, putRun: () => assert.fail('it was stored') } });
    const log: LogFields = {};
    await assert.rejects(judge(run, [part(0, [1, 0, 0, 0])], log), ClaimLost);
    assert.deepEqual(log, { run: run.id, key: run.scene.key }, 'its log line says whose it was');
    assert.equal((await ledger.get(run.scene, ref))?.summary, undefined);
    assert.deepEqual(published, []);
  });

  for (const [what, taken] of [
    [
      'that another execution has taken over, and done',
      async (run: RunRef) => {
        const found = { ...storedCounts([1, 0, 0, 0], { probabilitySum: 1 }), chips: 1, blank: 0 };
        await ledger.advance(await takeOver(run), 'DONE', LATER, found);
      },
    ],
    [
      'that has failed meanwhile',
      async (run: RunRef) => {
        const row = (await ledger.get(run.scene, ref))!;
        await ledger.fail(row, 'FAILED', { name: 'E', message: '', step: '' }, LATER);
      },
    ],
    ['that nobody knows any more', async (run: RunRef) => ledger.forget((await ledger.get(run.scene, ref))!)],
  ] as const)
    test(`on a run ${what} is not given by a repeated step`, async () => {
      const run = await newRun();
      await taken(run);
      const { work, published } = makeBench();
      const parts = await classified(run, [part(0, [1, 0, 0, 0])]);
      await assert.rejects(work({ run, parts }, invocation, {}), ClaimLost);
      await assert.rejects(work({ empty: run }, invocation, {}), ClaimLost);
      assert.deepEqual(published, []);
    });

  for (const later of [{ attempt: 2 }, { execution: 'second' }])
    test(`on a done run is not replaced by another one: ${Object.keys(later)}`, async () => {
      const run = await newRun();
      await makeBench().judge(run, [part(0, [1, 0, 0, 0])]);
      await assert.rejects(makeBench().judge({ ...run, ...later }, [part(0, [1, 0, 0, 0])]), ClaimLost);
    });

  test('fails with an error of the ledger, even if its run is done', async () => {
    const run = await newRun();
    await makeBench().judge(run, [part(0, [1, 0, 0, 0])]);
    const trouble = new TransientTrouble('throttled');
    const ill = makeBench({ ledger: { ...ledger, advance: () => Promise.reject(trouble) } });
    await assert.rejects(ill.judge(run, [part(0, [1, 0, 0, 0])]), trouble);
  });

  test('looks up the live version again after a minute', async () => {
    let [asked, milliseconds] = [0, 0];
    const serving = () => {
      asked += 1;
      return servingOf(ref)();
    };
    const now = () => new Date(Date.parse(`${day}T10:00:00Z`) + milliseconds);
    const { work } = makeBench({ models: modelsOf(serving), now });
    for (const [at, times] of [
      [0, 1],
      [59_999, 1],
      [60_000, 2],
      [119_999, 2],
    ] as const) {
      milliseconds = at;
      await work({ empty: await newRun() }, invocation, {});
      assert.equal(asked, times, `after ${at} ms`);
    }
  });

  test('of a version that is not live asks each time, as it may be by now', async () => {
    let live: typeof ref | null = null;
    const { judge, published } = makeBench({ models: modelsOf(() => servingOf(live)()) });
    const metricsOf = async () => {
      published.length = 0;
      await judge(await newRun(), [part(0, [0, 0, 0, 500])]);
      return published.length > 1;
    };
    const seen = [];
    for (const version of [null, null, '2.0.0', '2.0.0', '1.0.0']) {
      live = version === null ? null : { ...ref, version };
      seen.push(await metricsOf());
    }
    assert.deepEqual(seen, [false, false, false, false, true]);
  });

  test('on what came lately is given of each live model, over its own runs', async () => {
    const beside = { name: 'beside', version: '3.0.0' };
    const { judge, work, published } = makeBench({ models: modelsOf(servingOf(ref, beside)) });
    await judge(await newRun(), [part(0, [300, 75, 75, 50])]);
    await judge(await newRun(beside), [part(0, [0, 0, 0, 500])]);
    published.length = 0;
    await work({ before: `${day}T00:15:00.000Z` }, invocation, {});
    const shares = published.filter(
      ({ metric, dimensions }) => metric === 'MostCommonShare' && dimensions.Window === 'recent',
    );
    assert.deepEqual(
      shares.map(({ dimensions: { Model } }) => Model),
      [ref.name, 'beside'],
    );
    assert.equal(shares[1]?.value, 1);
  });

  test('on nothing is not published: no version, or no run of it', async () => {
    const none = async function* () {};
    for (const live of [null, ref]) {
      const models = modelsOf(servingOf(live));
      const { work, published } = makeBench({ models, ledger: { ...ledger, ofDay: none } });
      await work({ before: `${day}T00:15:00.000Z` }, invocation, {});
      assert.deepEqual(published, []);
    }
  });

  test('uses the threshold of the deployment', async () => {
    const verdicts = [];
    for (const threshold of [0.15, 0.25]) {
      const result = await makeBench({ threshold }).judge(await newRun(), [part(0, [300, 300, 300, 100])]);
      verdicts.push('verdict' in result && result.verdict);
    }
    assert.deepEqual(verdicts, ['drift', 'no drift']);
  });
});

/** A bucket of one package, with what is live. */
const modelsOf = (serving: DriftPorts['models']['serving']) => ({
  load: async () => model,
  isTrial: noTrial,
  shadow: noShadow,
  serving,
});

/** The parts as infer answers them, with a summary of each in the results. */
const classified = (run: RunRef, parts: PartCounts[]) => writeSummaries(writeResult, run, parts);
const counted = { run: 'lately', model: ref, chips: 500, blank: 0, changed: '2026-03-01T10:00:00.000Z' };

/** The step with a clock that starts ten seconds after the claim and ticks once a look. */
function makeBench(ports: Partial<DriftPorts> = {}) {
  const published: Datum[] = [];
  const started: [name: string, input: unknown][] = [];
  let seconds = 10;
  const work = makeDrift({
    ledger,
    metrics,
    models: modelsOf(servingOf(ref)),
    writeResult,
    hrefOf: ({ key }) => key,
    publish: async (datums) => void published.push(...datums),
    now: () => new Date(Date.parse(`${day}T10:00:00Z`) + 1000 * seconds++),
    threshold: 0.25,
    minimum: 1,
    driftWindow: 500,
    requestDays: 90,
    blankShareLimit: 0.5,
    accuracyLimit: 0,
    executions: {
      start: async (name, input) => {
        started.push([name, input]);
        return 'started';
      },
    },
    readResult,
    readPiece: async () => new Uint8Array(), // no batch
    ...ports,
  });
  const judge = async (run: RunRef, parts: PartCounts[], log: LogFields = {}) => {
    const result = await work({ run, parts: await classified(run, parts) }, invocation, log);
    assert.ok('status' in result);
    return result;
  };
  return { judge, published, started, work };
}

const LATER = new Date(`${day}T11:00:00Z`);
/** Another execution claims a run, whose lease is over. */
async function takeOver({ scene }: RunRef): Promise<LedgerRow> {
  const claim = { scene, model: ref, execution: 'second', now: LATER, leaseSeconds: 60, attemptLimit: 3 };
  return (await ledger.claim(claim)).row;
}

/** A run that was claimed at ten and prepared three seconds later: 507 chips, 2 of them blank. */
async function newRun(model = ref, more = {}, key: string = crypto.randomUUID()): Promise<RunRef> {
  const scene = { bucket: 'inbox', key, versionId: 'v1' };
  const [now, preparedAt] = [`${day}T10:00:00.000Z`, `${day}T10:00:03.000Z`];
  const claim = { scene, model, execution: 'first', now: new Date(now), leaseSeconds: 60, attemptLimit: 3 };
  const { row } = await ledger.claim(claim);
  const found = { chips: 507, blank: 2, preparedAt, milliseconds: { preprocess: 3000 }, ...more };
  await ledger.advance(row, 'PREPARED', new Date(preparedAt), found);
  return { id: row.run, scene, model, attempt: 1, execution: 'first', digest: 'd'.repeat(64), day };
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables.ts';
import type { Datum } from '../../observability/metrics.ts';
import { makeDueDays } from '../shared/dueDays.ts';
import { ObjectNotFound } from '../shared/errors.ts';
import { makeLedger } from '../shared/ledger.ts';
import type { CountedRun } from '../shared/ledgerItem.ts';
import type { DailyDriftResult, ModelRef, RunRef } from '../shared/messages.ts';
import { readModelPackage } from '../shared/model/package.ts';
import { readBaselineFile } from '../shared/model/testPackage.ts';
import { startTestTables } from '../shared/testTables.ts';
import { type DriftPorts, makeDrift } from './drift.ts';
import { makeMetricsTable } from './metricsTable.ts';

/** The verdict on days, on real tables. Each test has a year to itself, of which it is the second of June. */

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);
const metrics = makeMetricsTable(tables, METRICS_TABLE);
const model = await readModelPackage(readBaselineFile);
const ref = { name: 'droughtwatch-baseline', version: '1.0.0' };

describe('the daily verdict', () => {
  test('is on all runs of the day that has closed, as of now', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    await finish(yesterday, [300, 75, 76, 49]);
    await finish(yesterday, [300, 75, 76, 49], { chips: 510, missing: 10 });
    assert.deepEqual(await judgeDue(), [{ day: yesterday, model: ref, revision: 1, verdict: 'no drift' }]);
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.revision, row?.runs], [1, 2]);
    assert.equal(row?.cutOff, `${yesterday.slice(0, 4)}-06-02T00:15:00.000Z`);
    const { chips, counts, missing, probabilitySum, n, missingShare } = row.judgement;
    assert.deepEqual([chips, counts, missing, probabilitySum], [1010, [600, 150, 152, 98], 10, 500]);
    assert.deepEqual([n, missingShare], [1000, 10 / 1010]);
    const drift = published.find(({ metric }) => metric === 'Drift');
    assert.equal(drift?.value, row.judgement.drift?.jensenShannon);
    assert.deepEqual(drift?.dimensions, { Model: ref.name, Window: 'day' });
  });

  test('leaves today alone and, where none was judged before, what is more than a month old', async () => {
    const { year, today, finish, judgeDue } = await newYear();
    const oldest = `${year}-05-02`;
    for (const day of [today, oldest, `${year}-05-01`]) await finish(day, [5, 0, 0, 0]);
    await clearAll();
    assert.deepEqual(
      (await judgeDue()).map(({ day }) => day),
      [oldest],
    );
  });

  test('is on each model version by itself', async () => {
    const { yesterday, finish, judgeDue } = await newYear();
    await finish(yesterday, [600, 151, 151, 98]);
    await finish(yesterday, [0, 0, 0, 1000], { version: '2.0.0' });
    const judged = (await judgeDue()).map(({ model, verdict }) => `${model.version}: ${verdict}`);
    assert.deepEqual(judged.toSorted(), ['1.0.0: no drift', '2.0.0: drift']);
    assert.deepEqual((await metrics.latestDay({ ...ref, version: '2.0.0' }, yesterday))?.runs, 1);
  });

  test('is published of the version that is live, where two were at work that day', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    await finish(yesterday, [0, 0, 0, 1000], { version: '2.0.0' });
    await finish(yesterday, [600, 151, 151, 98]);
    await judgeDue();
    const shares = published.filter(({ metric }) => metric === 'MostCommonShare').map(({ value }) => value);
    assert.deepEqual(shares, [1]);
  });

  test('on one version is given where another one was taken away', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    await finish(yesterday, [600, 151, 151, 98]);
    await finish(yesterday, [0, 0, 0, 1000], { version: 'gone' });
    const gone = async ({ version }: ModelRef) => {
      if (version === 'gone') throw new ObjectNotFound('item.json: found no such file');
      return model;
    };
    const judged = await judgeDue({ models: { load: gone, promotedOrNone: async () => ref } });
    assert.deepEqual(
      judged.map(({ model: { version } }) => version),
      ['1.0.0'],
    );
    assert.ok(published.some(({ metric }) => metric === 'Drift'));
  });

  test('given again is no new revision; its numbers are published, as they may not have been', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    await finish(yesterday, [600, 151, 151, 98]);
    await judgeDue();
    const before = published.splice(0);
    assert.deepEqual(await judgeDue(), []);
    assert.equal((await metrics.latestDay(ref, yesterday))?.revision, 1);
    assert.deepEqual(published, before);
  });

  test('is revised where the numbers are others, and published for yesterday only', async () => {
    const { year, finish, judgeDue, published } = await newYear();
    const day = `${year}-05-20`;
    await finish(day, [600, 151, 151, 98]);
    await judgeDue();
    await finish(day, [0, 0, 0, 1000]);
    published.splice(0);
    assert.deepEqual(await judgeDue(), [{ day, model: ref, revision: 2, verdict: 'drift' }]);
    assert.deepEqual(published, []);
  });

  test('on a few chips is no proof, and its score is not published', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    await finish(yesterday, [0, 0, 0, 3]);
    assert.equal((await judgeDue())[0]?.verdict, 'not enough data');
    assert.deepEqual(
      published.filter(({ metric }) => metric === 'Drift' || metric === 'Predictions').map(({ value }) => value),
      [3],
    );
  });

  test('on a day of empty files only is none', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    await finish(yesterday, [0, 0, 0, 0], { chips: 4, blank: 4, state: 'EMPTY' });
    assert.deepEqual(await judgeDue(), [{ day: yesterday, model: ref, revision: 1, verdict: null }]);
    assert.deepEqual(
      published.map(({ metric, value }) => `${metric} ${value}`),
      ['Chips 4', 'Blanks 4', 'BlankShare 1', 'Predictions 0'],
    );
  });

  test('is on every day since the last one that was judged, and on those that runs landed late in', async () => {
    const { year, finish, judgeDue } = await newYear();
    await ledger.setJudgedUntil(`${year}-05-29`);
    for (const day of ['02-01', '05-28', '05-30', '06-01']) await finish(`${year}-${day}`, [5, 0, 0, 0]);
    await clearAll({ but: `${year}-02-01` });
    const days = (await judgeDue()).map(({ day }) => day.slice(5));
    assert.deepEqual(days, ['02-01', '05-30', '06-01']);
    assert.deepEqual([await due(), await ledger.judgedUntil()], [[], `${year}-06-01`]);
  });

  test('leaves to the next one what there is no time for', async () => {
    const { year, yesterday, finish, judgeDue } = await newYear();
    await ledger.setJudgedUntil(`${year}-05-29`);
    for (const day of [`${year}-01-01`, `${year}-05-30`, yesterday]) await finish(day, [5, 0, 0, 0]);
    let looks = 0;
    const days = await judgeDue({}, () => (++looks > 2 ? 5 : 60));
    assert.deepEqual(
      days.map(({ day }) => day),
      [yesterday],
    );
    assert.deepEqual(
      (await judgeDue()).map(({ day }) => day),
      [`${year}-01-01`, `${year}-05-30`],
    );
  });

  test('is given where the time-out is as short as may be, too', async () => {
    const { yesterday, finish, judgeDue } = await newYear();
    await finish(yesterday, [5, 0, 0, 0]);
    assert.equal((await judgeDue({}, () => 20)).length, 1);
  });

  test('is due again where a run landed while it was given', async () => {
    const { yesterday, finish, judgeDue } = await newYear();
    await finish(yesterday, [5, 0, 0, 0]);
    const ofDay: typeof ledger.ofDay = async function* (...asked) {
      await finish(yesterday, [7, 0, 0, 0]); // its mark is an old one already, as of a call that took long
      yield* ledger.ofDay(...asked);
    };
    await judgeDue({ ledger: { ...ledger, ofDay } });
    assert.deepEqual(await due(), [yesterday]);
    await judgeDue();
    assert.deepEqual(await due(), []);
  });

  test('clears marks twenty at a time, and only as far as there is time', async () => {
    const { yesterday, judgeDue } = await newYear();
    const at = `${yesterday}T10:00:00.000Z`;
    for (let i = 0; i < 100; i++) await ledger.markDue({ day: yesterday, mark: `run${i}-1`, at });
    const left = async () => (await ledger.marksBefore(yesterday, LATER)).length;
    let asked = 0;
    await judgeDue({}, () => (++asked > 50 ? 5 : 60));
    assert.ok((await left()) > 0 && (await left()) < 100, `${await left()} of 100 are left`);
    let [atOnce, most] = [0, 0];
    const counting: typeof tables = Object.assign(Object.create(tables), {
      delete: async (...request: Parameters<typeof tables.delete>) => {
        most = Math.max(most, ++atOnce);
        await tables.delete(...request);
        atOnce -= 1;
      },
    });
    const { clearMarks } = makeDueDays(counting, LEDGER_TABLE);
    await judgeDue({ ledger: { ...ledger, clearMarks } });
    assert.deepEqual([await left(), most], [0, 20]);
  });

  test('counts nothing that might be joined by a run which is about to come to its end', async () => {
    const { yesterday, finish, judgeDue } = await newYear();
    await finish(yesterday, [5, 0, 0, 0]);
    const landing = await newRun(yesterday, ref.version);
    await ledger.advance(landing, 'PREDICTED', new Date(`${yesterday}T10:00:02Z`), { chips: 3, blank: 0 });
    await finish(yesterday, [7, 0, 0, 0], { at: '10:00:05' });
    await judgeDue();
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.cutOff, row?.judgement.counts], [`${yesterday}T10:00:01.999Z`, [5, 0, 0, 0]]);
    assert.deepEqual(await due(), [yesterday], 'so it is looked at once more');
    await ledger.fail(
      (await ledger.get(landing.scene, ref))!,
      'FAILED',
      { name: 'E', message: '', step: '' },
      new Date(),
    );
    await judgeDue();
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement.counts, [12, 0, 0, 0]);
  });

  test('knows of what has just landed by its mark, where no index shows it', async () => {
    const { year, yesterday, finish, judgeDue } = await newYear();
    await finish(yesterday, [5, 0, 0, 0]);
    const outdated = await runsOf(yesterday);
    const at = `${year}-06-02T00:14:58.000Z`;
    await finish(yesterday, [7, 0, 0, 0], { endedAt: new Date(at) });
    const [onItsWay, ending] = [await newRun(yesterday, ref.version), new Date(`${year}-06-02T00:14:59.000Z`)];
    const mark = { day: yesterday, mark: `${onItsWay.id}-1`, at: ending.toISOString() };
    await ledger.markDue({ ...mark, landing: { scene: onItsWay.scene, model: ref } });
    const byState: typeof ledger.byState = async () => ({ rows: [], cursor: undefined });
    await judgeDue({ ledger: { ...ledger, byState, ofDay: () => listed(outdated) } });
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.judgement.counts, row?.cutOff], [[12, 0, 0, 0], `${year}-06-02T00:14:58.999Z`]);
    assert.deepEqual(await due(), [yesterday], 'and it is looked at once more');
  });

  test('can be recomputed from the ledger, each revision at its cut-off', async () => {
    const { yesterday, finish, judgeDue } = await newYear();
    const revisions = [];
    for (const at of ['10:00:01', '11:00:00', '12:00:00']) {
      await finish(yesterday, [1, 2, 3, 4], { at });
      await judgeDue({ now: () => new Date(`${yesterday}T${at}Z`) });
      revisions.push((await metrics.latestDay(ref, yesterday))!);
    }
    for (const [i, { cutOff, judgement, runs, revision }] of revisions.entries()) {
      const counted = await runsOf(yesterday, cutOff);
      assert.deepEqual([counted.length, runs, revision], [i + 1, i + 1, i + 1]);
      assert.equal(judgement.counts[3], 4 * counted.length);
    }
  });

  test('on a day without runs is not given', async () => {
    const { judgeDue, published } = await newYear();
    assert.deepEqual(await judgeDue(), []);
    assert.deepEqual(published, []);
  });
});

describe('a run that lands late', () => {
  test('makes a new revision of its day at once', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    await land(yesterday, [0, 0, 0, 1000]);
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.revision, row?.runs, row?.judgement.counts], [2, 2, [60, 15, 15, 1010]]);
    assert.deepEqual(await judgeDue(), [], 'which the next daily verdict agrees with');
  });

  test('is left to the schedule where its day was not judged yet', async () => {
    const { yesterday, land } = await newYear();
    await land(yesterday, [60, 15, 15, 10]);
    assert.equal(await metrics.latestDay(ref, yesterday), undefined);
  });

  test('and one that lands on its own day, as nearly all do, costs no look at the table', async () => {
    const { today, land } = await newYear();
    const latestDay = () => assert.fail('it was looked at');
    await land(today, [60, 15, 15, 10], { metrics: { ...metrics, latestDay } });
  });

  test('counts once, whether the index shows it already or not yet', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const outdated = await runsOf(yesterday);
    await land(yesterday, [0, 0, 0, 7], { ledger: { ...ledger, ofDay: () => listed(outdated) } });
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement.counts, [60, 15, 15, 17]);
    await land(yesterday, [0, 0, 0, 5]);
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement.counts, [60, 15, 15, 22]);
  });

  test('beside another one: the latest revision has both', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    await Promise.all([1, 2, 3].map((count) => land(yesterday, [count, 0, 0, 0])));
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.runs, row?.judgement.counts], [4, [66, 15, 15, 10]]);
  });

  test('in a crowd on a large day leaves the numbers to the next daily verdict', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const latestDay: typeof metrics.latestDay = async (...of) => ({ ...(await metrics.latestDay(...of))!, runs: 1000 });
    await land(yesterday, [1, 0, 0, 0], { metrics: { ...metrics, latestDay } });
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 1);
    await judgeDue();
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 2);
  });

  test('in a crowd asks for a hundred of its marks at most, and leaves the numbers to the next daily verdict', async () => {
    const { year, yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const at = `${year}-06-02T00:14:59.000Z`;
    const others = Array.from({ length: 150 }, (_, i) => ledger.markDue({ day: yesterday, mark: `other${i}-1`, at }));
    await Promise.all(others);
    let read = 0;
    const marksSince: typeof ledger.marksSince = async (...asked) => {
      const marks = await ledger.marksSince(...asked);
      read += marks.length;
      return marks;
    };
    const ofDay: typeof ledger.ofDay = (day, asked) => {
      assert.equal(asked?.cutOff, undefined, 'the day is not counted');
      return ledger.ofDay(day, asked);
    };
    await land(yesterday, [1, 0, 0, 0], { ledger: { ...ledger, marksSince, ofDay } });
    assert.deepEqual([read, (await metrics.latestDay(ref, yesterday))?.runs], [101, 1]);
    await judgeDue();
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 2);
  });

  test('reads the marks of no other day, and of its own only the fresh ones', async () => {
    const { year, yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const fresh = `${year}-06-02T00:14:59.000Z`;
    await ledger.markDue({ day: `${year}-05-31`, mark: 'other-1', at: fresh });
    await ledger.markDue({ day: yesterday, mark: 'old-1', at: `${yesterday}T10:00:00.000Z` });
    const read: string[] = [];
    const marksSince: typeof ledger.marksSince = async (...asked) => {
      const marks = await ledger.marksSince(...asked);
      read.push(...marks.map(({ mark }) => mark.slice(32)));
      return marks;
    };
    await land(yesterday, [1, 0, 0, 0], { ledger: { ...ledger, marksSince } });
    assert.deepEqual(read, ['-1'], 'its own');
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 2);
  });

  test('does not undo a revision that knew of more runs', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const outdated = await runsOf(yesterday);
    await finish(yesterday, [1, 0, 0, 0]);
    await finish(yesterday, [2, 0, 0, 0]);
    await judgeDue();
    await land(yesterday, [4, 0, 0, 0], { ledger: { ...ledger, ofDay: () => listed(outdated) } });
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement.counts, [63, 15, 15, 10]);
    assert.equal((await judgeDue()).length, 1, 'the next daily verdict adds it');
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement.counts, [67, 15, 15, 10]);
  });
});

/** After all that these tests are about. */
const LATER = new Date('2900-01-01');

/** The days that are marked, whenever. */
function due(): Promise<string[]> {
  return ledger.dueDays('2900-01-01');
}

async function clearAll({ but }: { but?: string } = {}): Promise<void> {
  for (const day of await due())
    if (day !== but) await ledger.clearMarks(await ledger.marksBefore(day, LATER), () => true);
}

let years = 2000;
async function newYear() {
  const year = years++;
  await tables.delete({ TableName: LEDGER_TABLE, Key: { scene: 'sweep#judged', model: '-' } });
  await clearAll();
  const published: Datum[] = [];
  const now = () => new Date(`${year}-06-02T00:15:00Z`);
  const work = (ports: Partial<DriftPorts> = {}) =>
    makeDrift({
      ledger,
      metrics,
      models: { load: async () => model, promotedOrNone: async () => ({ ...ref, version: '2.0.0' }) },
      publish: async (datums) => void published.push(...datums.filter(({ dimensions }) => dimensions.Window === 'day')),
      now,
      threshold: 0.25,
      minimum: 1,
      driftWindow: 500,
      ...ports,
    });
  const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };
  const judgeDue = async (ports: Partial<DriftPorts> = {}, remainingSeconds = () => 60) => {
    const called = { ...invocation, remainingSeconds };
    const result = await work(ports)({ before: `${year}-06-02T00:15:00.000Z` }, called, {});
    assert.ok('judged' in result);
    return result.judged satisfies DailyDriftResult['judged'];
  };
  /** Lets a run of a day come to its verdict now. */
  const land = async (day: string, counts: number[], ports: Partial<DriftPorts> = {}) => {
    const run = await newRun(day, ref.version);
    await ledger.advance(run, 'PREPARED', now(), { chips: 500, blank: 0 });
    const part = { part: 0, counts, missing: 0, probabilitySum: 1, milliseconds: 9 };
    await work(ports)({ run, parts: [part] }, invocation, {});
  };
  return { year, today: `${year}-06-02`, yesterday: `${year}-06-01`, published, judgeDue, land, finish };
}

type Finished = {
  version?: string;
  chips?: number;
  blank?: number;
  missing?: number;
  state?: 'DONE' | 'EMPTY';
  at?: string;
  /** Instead of a time of its own day. */
  endedAt?: Date;
};

/** A run that has come to its end, and said so; it did not come to a revision of its own. */
async function finish(day: string, counts: number[], more: Finished = {}): Promise<void> {
  const { version = ref.version, chips = 500, blank = 0, missing = 0, state = 'DONE', at = '10:00:01' } = more;
  const { endedAt = new Date(`${day}T${at}Z`) } = more;
  const run = await newRun(day, version);
  const classes = model.classes.map(({ name }, i) => ({ name, count: counts[i]! }));
  const found = { classes, missing, probabilitySum: 250, chips, blank, countedDay: day };
  await ledger.advance(run, state, endedAt, found);
  const landing = { scene: run.scene, model: run.model };
  await ledger.markDue({ day, mark: `${run.id}-1`, at: endedAt.toISOString(), landing });
}

async function newRun(day: string, version: string): Promise<RunRef> {
  const scene = { bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' };
  const now = new Date(`${day}T10:00:00Z`);
  const fixed = { day, chipsPerPart: 512 };
  const model = { ...ref, version };
  const { row } = await ledger.claim({ scene, model, execution: 'e', now, leaseSeconds: 60, attemptLimit: 3, fixed });
  return { id: row.run, scene, model, attempt: 1, execution: 'e', digest: 'd'.repeat(64), day };
}

async function runsOf(day: string, cutOff?: string): Promise<CountedRun[]> {
  const runs: CountedRun[] = [];
  for await (const run of ledger.ofDay(day, cutOff === undefined ? {} : { cutOff })) runs.push(run);
  return runs;
}

async function* listed(runs: CountedRun[]): AsyncGenerator<CountedRun> {
  yield* runs;
}

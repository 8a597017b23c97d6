import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvalidModelPackage, ObjectNotFound } from '../../../core/base/errors.ts';
import type { ModelRef, RunRef } from '../../../core/base/messages.ts';
import { makeDueDays } from '../../../core/ledger/dueDays.ts';
import { keyOfRun } from '../../../core/ledger/ledgerItem.ts';
import type { Datum } from '../../../core/metrics/metrics.ts';
import { LEDGER_TABLE } from '../../../local/tables/tables.ts';
import { noShadow, noTrial, servingOf } from '../../../test/benches/serving.ts';
import { countsIn, storedCounts } from '../../../test/benches/summaries.ts';
import {
  clearAll,
  due,
  LATER,
  ledger,
  listed,
  metrics,
  model,
  newRun,
  newYear,
  ref,
  runsOf,
  tables,
} from '../../../test/benches/year.ts';

const daysIn = (judged: readonly { day: string }[]) => judged.map(({ day }) => day);
/** A bucket of one package, whose live version is another one. */
const MODELS = {
  load: async (_: ModelRef) => model,
  isTrial: noTrial,
  shadow: noShadow,
  serving: servingOf({ ...ref, version: '3.0.0' }),
};

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

  test('publishes the average of many days, in which no day needs to drift by itself', async () => {
    const { year, finish, judgeDue, published } = await newYear();
    for (const day of ['03', '04', '05', '06', '07', '08', '09']) await finish(`${year}-05-${day}`, [300, 75, 76, 49]);
    for (const day of ['05-29', '05-30', '05-31', '06-01']) await finish(`${year}-${day}`, [200, 75, 76, 149]);
    const judged = await judgeDue({ models: { ...MODELS, serving: servingOf(ref) } });
    const verdicts = judged.map(({ verdict }) => verdict);
    assert.deepEqual(verdicts, new Array(11).fill('no drift'));
    const { value, dimensions } = published.find(({ metric }) => metric === 'GradualDrift')!;
    assert.deepEqual(dimensions, { Model: ref.name });
    assert.ok(value > 0.1 && value < 0.25, `${value}`);
  });

  for (const [what, of, counts, scores] of [
    ['that waits for enough data, once the day that drifted has left the window', 'yesterday', [0, 0, 0, 3], [0, 0]],
    ['and not while the closed day drifts', 'yesterday', [0, 0, 0, 1000], [0.73, 0]],
    ['and not before a day with files has closed', 'today', [0, 0, 0, 3], []],
    ['and without files the last verdict holds', null, [], []],
  ] as const)
    test(`ends an alarm ${what}`, async () => {
      const { finish, judgeDue, ...days } = await newYear();
      if (of !== null) await finish(days[of], [...counts]);
      const recent: number[] = [];
      const publish = async (datums: Datum[]) => {
        for (const { metric, value, dimensions } of datums)
          if (dimensions.Window === 'recent' && /^(Band)?Drift$/.test(metric)) recent.push(Number(value.toFixed(2)));
      };
      await judgeDue({ models: { ...MODELS, serving: servingOf(ref) }, publish });
      assert.deepEqual(recent, scores);
    });

  test('skips today and, on the first sweep, days more than a month ago', async () => {
    const { year, today, finish, judgeDue } = await newYear();
    const oldest = `${year}-05-02`;
    for (const day of [today, oldest, `${year}-05-01`]) await finish(day, [5, 0, 0, 0]);
    await clearAll();
    assert.deepEqual(daysIn(await judgeDue()), [oldest]);
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
    const judged = await judgeDue({ models: { ...MODELS, load: gone, serving: servingOf(ref) } });
    assert.equal(judged.map(({ model: { version } }) => version).join(), '1.0.0');
    assert.ok(published.some(({ metric }) => metric === 'Drift'));
  });

  test('is no new revision if it is repeated; its numbers are published again, because the first time may have failed', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    await finish(yesterday, [600, 151, 151, 98]);
    await judgeDue();
    const before = published.splice(0);
    assert.deepEqual(await judgeDue(), []);
    assert.equal((await metrics.latestDay(ref, yesterday))?.revision, 1);
    assert.deepEqual(published, before);
  });

  test('is marked to be reported before it is revised, so that a step which is repeated after that has it reported too', async () => {
    const { year, yesterday, finish, land, judgeDue } = await newYear();
    const late = `${year}-05-29`;
    await finish(late, [300, 75, 76, 49]);
    await judgeDue();
    for (const mark of await ledger.revised()) await ledger.clearRevised(mark);
    await land(late, [0, 0, 0, 500]);
    await finish(yesterday, [300, 75, 76, 49]);
    const publish = () => Promise.reject(new Error('Rate exceeded'));
    await assert.rejects(judgeDue({ publish }), /Rate exceeded/);
    const putDay = () => Promise.reject(new Error('no answer'));
    await assert.rejects(judgeDue({ metrics: { ...metrics, putDay } }), /no answer/);
    assert.deepEqual(daysIn(await judgeDue()), [late]);
    const marks = await ledger.revised();
    assert.deepEqual([...new Set(marks.map((mark) => mark.slice(0, 10)))], [late, yesterday]);
    await judgeDue();
    assert.deepEqual(await ledger.revised(), marks, 'none for numbers that stay the same');
    for (const mark of marks) await ledger.clearRevised(mark);
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

  test('loses no runs whose rows have expired, though as many came late; with all rows there it is revised', async () => {
    const { year, finish, judgeDue } = await newYear();
    const days = [`${year}-03-01`, `${year}-03-02`] as const; // more than 90 days ago
    const runs: RunRef[] = [];
    for (const day of days) runs.push(await finish(day, [600, 151, 151, 98]));
    await judgeDue();
    const [{ scene, model }] = runs as [RunRef];
    await tables.delete({ TableName: LEDGER_TABLE, Key: keyOfRun(scene, model) });
    for (const day of days) await finish(day, [0, 0, 0, 1000], { endedAt: new Date(`${year}-06-02T00:16:00Z`) });
    const judged = await judgeDue({ now: () => new Date(`${year}-06-02T00:20:00Z`) });
    assert.equal(judged.map(({ day, revision }) => `${day}: ${revision}`).join(), `${days[1]}: 2`);
    const kept = await metrics.latestDay(ref, days[0]);
    assert.deepEqual([kept?.revision, kept?.judgement['counts']], [1, [600, 151, 151, 98]]);
  });

  test('is revised where as many runs come to other numbers', async () => {
    const { yesterday, finish, judgeDue } = await newYear();
    await finish(yesterday, [300, 75, 76, 49]);
    await judgeDue();
    const ofDay: typeof ledger.ofDay = async function* (...asked) {
      for await (const run of ledger.ofDay(...asked))
        yield { ...run, ...storedCounts(countsIn(run).counts, { missing: 100, probabilitySum: 250 }) };
    };
    const [judged] = await judgeDue({ ledger: { ...ledger, ofDay } });
    assert.deepEqual(judged, { day: yesterday, model: ref, revision: 2, verdict: 'no drift' });
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.runs, row?.judgement['missing']], [1, 100]);
  });

  test('is revised where another share of drift is allowed by now', async () => {
    const { yesterday, finish, judgeDue } = await newYear();
    await finish(yesterday, [0, 0, 0, 1000]);
    assert.equal((await judgeDue())[0]?.verdict, 'drift');
    const [judged] = await judgeDue({ threshold: 0.8 });
    assert.deepEqual(judged, { day: yesterday, model: ref, revision: 2, verdict: 'no drift' });
  });

  test('on a few chips is "not enough data", and its score is not published', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    await finish(yesterday, [0, 0, 0, 3]);
    assert.equal((await judgeDue())[0]?.verdict, 'not enough data');
    const values = published.filter(({ metric }) => metric === 'Drift' || metric === 'Predictions');
    assert.equal(values.map(({ value }) => value).join(), '3');
  });

  test('on a day of only empty files does not exist', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    await finish(yesterday, [0, 0, 0, 0], { chips: 4, blank: 4, state: 'EMPTY' });
    assert.deepEqual(await judgeDue(), [{ day: yesterday, model: ref, revision: 1, verdict: null }]);
    const values = published.map(({ metric, value }) => `${metric} ${value}`);
    assert.deepEqual(values, ['Chips 4', 'Blanks 4', 'BlankShare 1', 'Predictions 0']);
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

  test('is on the days of a month where the clock was ahead when the last one was judged, and goes on from there', async () => {
    const { year, yesterday, finish, judgeDue } = await newYear();
    await ledger.setJudgedUntil(`${year}-07-02`);
    const days = ['05-03', '05-30', '06-01'].map((day) => `${year}-${day}`);
    for (const day of days) await finish(day, [5, 0, 0, 0]);
    await clearAll();
    assert.deepEqual(daysIn(await judgeDue()), days);
    assert.equal(await ledger.judgedUntil(), yesterday);
  });

  test('counts a run that ended while the clock was ahead, and one that lands after it was set back', async () => {
    const { year, yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [5, 0, 0, 0], { endedAt: new Date(`${year}-07-02T10:00:00Z`) });
    await judgeDue();
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement['counts'], [5, 0, 0, 0]);
    await land(yesterday, [7, 0, 0, 0]);
    await judgeDue();
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.runs, row?.judgement['counts']], [2, [12, 0, 0, 0]]);
    assert.deepEqual(await judgeDue(), []);
  });

  test('leaves the rest to the next sweep when time is up', async () => {
    const { year, yesterday, finish, judgeDue } = await newYear();
    await ledger.setJudgedUntil(`${year}-05-29`);
    for (const day of [`${year}-01-01`, `${year}-05-30`, yesterday]) await finish(day, [5, 0, 0, 0]);
    let looks = 0;
    const days = await judgeDue({}, () => (++looks > 2 ? 5 : 60));
    assert.deepEqual(daysIn(days), [yesterday]);
    assert.deepEqual(daysIn(await judgeDue()), [`${year}-01-01`, `${year}-05-30`]);
  });

  for (const [limit, left, isGiven] of [
    [300, 31, true],
    [300, 30, false],
    [40, 21, true],
    [20, 20, true], // as short as a time-out may be
    [40, 20, false],
  ] as const)
    test(`is ${isGiven ? '' : 'not '}given with ${left} of ${limit} seconds left`, async () => {
      const { yesterday, finish, judgeDue } = await newYear();
      await finish(yesterday, [5, 0, 0, 0]);
      let looks = 0;
      assert.equal((await judgeDue({}, () => (looks++ === 0 ? limit : left))).length, isGiven ? 1 : 0);
    });

  test('is due in the next sweep if there was no time, even for a day without a mark, and is given once', async () => {
    const { year, yesterday, finish, judgeDue } = await newYear();
    await ledger.setJudgedUntil(`${year}-05-29`);
    for (const day of [`${year}-05-30`, yesterday]) await finish(day, [5, 0, 0, 0]);
    await clearAll({ but: yesterday });
    let looks = 0;
    assert.deepEqual(await judgeDue({}, () => (looks++ === 0 ? 60 : 1)), []);
    assert.deepEqual(await due(), [yesterday, `${year}-05-31`, `${year}-05-30`]);
    assert.equal(await ledger.judgedUntil(), yesterday);
    assert.equal((await ledger.marksBefore(yesterday, LATER)).length, 1, 'that one was marked');
    assert.equal((await judgeDue()).length, 2);
    assert.deepEqual(await due(), []);
  });

  test('is remembered as the last one from the first on', async () => {
    const { yesterday, judgeDue, published } = await newYear();
    assert.equal(await ledger.judgedUntil(), null);
    assert.deepEqual([await judgeDue(), published], [[], []], 'there is none on a day without runs');
    assert.equal(await ledger.judgedUntil(), yesterday);
  });

  test('is due again where a version cannot be judged, and given when it can', async () => {
    for (const gone of [new ObjectNotFound('item.json'), new InvalidModelPackage('item.json')]) {
      const { yesterday, finish, judgeDue, published } = await newYear();
      await finish(yesterday, [5, 0, 0, 0]);
      const models = { ...MODELS, load: () => Promise.reject(gone), serving: servingOf() };
      assert.deepEqual(await judgeDue({ models }), []);
      assert.deepEqual([await due(), published], [[yesterday], []]);
      assert.equal((await judgeDue()).length, 1);
      assert.deepEqual(await due(), []);
    }
  });

  test('is published of the one version that there is, and of the last one where none of several is live', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    const share = () => published.splice(0).find(({ metric }) => metric === 'MostCommonShare')?.value;
    await finish(yesterday, [600, 151, 151, 98]);
    let asked = 0;
    const serving = () => {
      asked += 1;
      return MODELS.serving();
    };
    const models = { ...MODELS, serving };
    await judgeDue({ models });
    assert.deepEqual([share(), asked], [0.6, 1], 'for the window of what came lately');
    await finish(yesterday, [0, 0, 0, 1000], { version: '2.0.0', at: '10:00:02' });
    await judgeDue({ models });
    assert.deepEqual([share(), asked], [1, 3]);
  });

  test('is not published of a version that was only tried, be it the only one of that day', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    const shares = () =>
      published.splice(0).flatMap(({ metric, value }) => (metric === 'MostCommonShare' ? [value] : []));
    const models = { ...MODELS, isTrial: async ({ version }: ModelRef) => version === '2.0.0' };
    await finish(yesterday, [0, 0, 0, 1000], { version: '2.0.0', at: '10:00:02' });
    await judgeDue({ models });
    assert.deepEqual(shares(), []);
    await finish(yesterday, [600, 151, 151, 98]);
    await judgeDue({ models });
    assert.deepEqual(shares(), [0.6]);
  });

  test('is published of each model by itself, where several were at work', async () => {
    const { yesterday, finish, judgeDue, published } = await newYear();
    await finish(yesterday, [600, 151, 151, 98]);
    await finish(yesterday, [0, 0, 0, 1000], { name: 'beside', version: '5.0.0', at: '10:00:02' });
    const models = { ...MODELS, serving: servingOf(ref, { name: 'beside', version: '5.0.0' }) };
    assert.equal((await judgeDue({ models })).length, 2);
    const shares = published.filter(({ metric }) => metric === 'MostCommonShare');
    const ofEach = shares.map(({ value, dimensions }) => `${dimensions.Model}: ${value}`);
    assert.deepEqual(ofEach, [`${ref.name}: 0.6`, 'beside: 1']);
  });

  test('fails with an error of the model bucket after the other days are published', async () => {
    const { yesterday, finish, judgeDue } = await newYear();
    await finish(yesterday, [5, 0, 0, 0]);
    let loads = 0;
    const load = async () => {
      loads += 1;
      if (loads > 1) throw new Error('busy');
      return model;
    };
    await assert.rejects(judgeDue({ models: { ...MODELS, load, serving: servingOf() } }), /busy/);
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
    const judged = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([judged?.cutOff, judged?.judgement['counts']], [`${yesterday}T10:00:01.999Z`, [5, 0, 0, 0]]);
    assert.deepEqual(await due(), [yesterday], 'so it is looked at once more');
    const row = (await ledger.get(landing.scene, ref))!;
    await ledger.fail(row, 'FAILED', { name: 'E', message: '', step: '' }, new Date());
    await judgeDue();
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement['counts'], [12, 0, 0, 0]);
  });

  test('includes a run that has just ended by its mark, before the index shows it', async () => {
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
    assert.deepEqual([row?.judgement['counts'], row?.cutOff], [[12, 0, 0, 0], `${year}-06-02T00:14:58.999Z`]);
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
      assert.deepEqual([judgement['counts']].flat()[3], 4 * counted.length);
    }
  });
});

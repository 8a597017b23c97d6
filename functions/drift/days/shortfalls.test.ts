import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ModelRef } from '../../../core/base/messages.ts';
import type { LogFields } from '../../../core/base/step.ts';
import type { DayTotals } from '../../../core/drift/dayTotals.ts';
import type { EndedRun } from '../../../core/ledger/ledgerItem.ts';
import type { Datum } from '../../../core/metrics/metrics.ts';
import type { ClassCounts } from '../../../core/tasks/classification/classCounts.ts';
import { wilson } from '../../../core/tasks/classification/numbers.ts';
import { noShadow } from '../../../test/benches/serving.ts';
import { storedCounts } from '../../../test/benches/summaries.ts';
import { listed, model, newYear, ref } from '../../../test/benches/year.ts';
import { makeShortfalls } from '../drift.ts';

const EXPECTED = 0.9;
const expecting = { ...model, expectedAccuracy: EXPECTED };
/** A day with so many chips of known truth, so many of them right. */
const dayOf = (right: number, known: number, of: ModelRef = ref): DayTotals => ({
  model: of,
  runs: 1,
  sceneSquares: known ** 2,
  chips: known,
  blank: 0,
  missing: 0,
  probabilitySum: 0,
  counts: [known, 0, 0, 0],
  truths: [known, 0, 0, 0],
  right: [right, 0, 0, 0],
});
/** One day in 456: 4 false alarms a year, for the four verdicts of a package that expects an accuracy. The deviate is scipy.stats.norm.isf(4/365/4). */
const DEVIATIONS = 2.777406986378669;
/** That of a package with segments by one name, seven verdicts, for one segment of two: scipy.stats.norm.isf(4/365/7/2). */
const DEVIATIONS_OF_SEGMENT = 3.1622487424179715;
const below = (right: number, known: number) => EXPECTED - wilson(right / known, known, DEVIATIONS)[1];

function makeBench({ trial = '', packageOf = async () => expecting as typeof model } = {}) {
  const published: Datum[][] = [];
  const log: LogFields = {};
  const { tell, tellNone } = makeShortfalls({
    models: { load: packageOf, isTrial: async ({ version }) => version === trial },
    publish: async (datums) => void published.push(datums),
  });
  return {
    log,
    tellNone,
    tell: (day: string, totals: DayTotals, runs: EndedRun[] = []) => tell(day, totals, log, listed(runs)),
    values: () => published.flat().map(({ value }) => value),
    published,
  };
}

describe('how far accuracy is below the expected one', () => {
  test('is published for the model, and is above 0 where the whole interval does', async () => {
    const { tell, published, log } = makeBench();
    await tell('2026-03-01', dayOf(70, 100));
    const dimensions = { Model: ref.name };
    assert.deepEqual(published, [[{ metric: 'AccuracyShortfall', value: below(70, 100), dimensions }]]);
    assert.ok(below(70, 100) > 0);
    assert.equal(log['belowExpected'], 'droughtwatch-baseline/1.0.0 on 2026-03-01');
  });

  test('is that of the worst day of a sweep, whichever comes first', async () => {
    const [good, bad, worse] = [dayOf(95, 100), dayOf(70, 100), dayOf(50, 100)];
    const falling = makeBench();
    for (const [i, day] of [worse, bad, good].entries()) await falling.tell(`2026-03-0${i + 1}`, day);
    assert.deepEqual(falling.values(), [below(50, 100)], 'nothing takes it back');
    const rising = makeBench();
    for (const [i, day] of [good, bad, worse].entries()) await rising.tell(`2026-03-0${i + 1}`, day);
    await rising.tellNone();
    assert.deepEqual(rising.values(), [below(70, 100), below(50, 100)]);
    assert.match(String(rising.log['belowExpected']), / on 2026-03-02, .* on 2026-03-03$/);
  });

  test('says that no day misses it only once all days are judged: a good day does not end an alarm before a bad one', async () => {
    const { tell, tellNone, values, log } = makeBench();
    await tell('2026-03-02', dayOf(95, 100));
    await tell('2026-03-01', dayOf(96, 100));
    assert.deepEqual(values(), []);
    await tellNone();
    assert.deepEqual([values(), log['belowExpected']], [[below(95, 100)], undefined]);
    assert.ok(below(95, 100) < 0);
  });

  test('is published for each model separately', async () => {
    const { tell, tellNone, published } = makeBench();
    await tell('2026-03-01', dayOf(50, 100));
    await tell('2026-03-01', dayOf(95, 100, { name: 'other', version: '1.0.0' }));
    await tellNone();
    assert.deepEqual(
      published.flat().map(({ dimensions }) => dimensions.Model),
      [ref.name, 'other'],
    );
  });

  test('is that of a segment, which the log names, if that alone misses the expectation', async () => {
    const packageOf = async () => ({ ...expecting, segments: { sensor: ['S2?'] } });
    const { tell, values, log } = makeBench({ packageOf });
    const ofSensor = (key: string, right: number, of = ref): EndedRun => {
      const { truths, right: counted } = dayOf(right, 200) as unknown as ClassCounts;
      const scene = { bucket: 'inbox', key, versionId: 'v' } as const;
      const summary = storedCounts([200, 0, 0, 0], { truths, right: counted });
      return { run: key, model: of, scene, chips: 200, blank: 0, changed: '2026-03-01T10:00:00Z', ...summary };
    };
    const other = ofSensor('S2C.tif', 20, { name: ref.name, version: '2.0.0' });
    const day = dayOf(355, 400);
    await tell('2026-03-01', day, [ofSensor('S2A.tif', 195), ofSensor('S2B.tif', 160), other]);
    assert.equal(log['belowExpected'], 'droughtwatch-baseline/1.0.0 on 2026-03-01 (sensor S2B)');
    const [value] = values();
    assert.ok(Math.abs(value! - (EXPECTED - wilson(0.8, 200, DEVIATIONS_OF_SEGMENT)[1])) < 1e-12, String(value));
    await tell('2026-03-02', day, [ofSensor('S2A.tif', 180), ofSensor('S2B.tif', 175)]);
    assert.equal(values().length, 1);
  });

  test('is not published without truth, without an expected accuracy, or for a trial', async () => {
    const nothingKnown = makeBench();
    const { truths: _, right: __, ...unlabelled } = dayOf(50, 100) as DayTotals & { truths: object; right: object };
    await nothingKnown.tell('2026-03-01', unlabelled as DayTotals);
    const nothingExpected = makeBench({ packageOf: async () => model });
    await nothingExpected.tell('2026-03-01', dayOf(50, 100));
    const tried = makeBench({ trial: ref.version });
    await tried.tell('2026-03-01', dayOf(50, 100));
    for (const { values } of [nothingKnown, nothingExpected, tried]) assert.deepEqual(values(), []);
  });
});

describe('a sweep', () => {
  const models = { load: async () => expecting as typeof model, isTrial: async () => false, shadow: noShadow };
  const labelled = (right: number) => ({ truths: { truth: 100, right } });

  test('publishes a day of months ago whose truth came late, and again if it died before it removed the mark', async () => {
    const { year, finish, judgeDue, published } = await newYear();
    const day = `${year}-03-10`;
    await finish(day, [100, 0, 0, 0], labelled(55));
    const ports = { models: { ...models, serving: async () => ({ live: [], waiting: [] }) as never } };
    const shortfalls = () => published.filter(({ metric }) => metric === 'AccuracyShortfall').map(({ value }) => value);
    const broken = async () => {
      throw new Error('throttled');
    };
    await assert.rejects(judgeDue({ ...ports, publish: broken }), /throttled/);
    await judgeDue(ports);
    assert.deepEqual(shortfalls(), [below(55, 100)]);
    await judgeDue(ports);
    assert.deepEqual(shortfalls(), [below(55, 100)], 'nothing has changed since, so nothing is said');
  });
});

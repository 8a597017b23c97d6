import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelOf } from '../../test/benches/predictions.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import type { EndedRun } from '../ledger/ledgerItem.ts';
import { recentWindows } from './recentWindow.ts';

/** Which runs are recent: an index of two days, the newest first, whose reads are counted. */

const ref = { name: 'baseline', version: '2.0.0' };
const names = ['a', 'b'];
const classes = names.map((name, value) => ({ name, value }));
const model = { ...modelOf(classes), ...ref };
const now = new Date('2026-03-02T10:00:00Z');
const [today, yesterday, earlier] = ['2026-03-02', '2026-03-01', '2026-02-28'] as const;

const recentWindow = async (...asked: Parameters<typeof recentWindows>) => (await recentWindows(...asked)).window;

let runs = 0;
function runOf(a: number, b: number, version = ref.version): EndedRun {
  const n = a + b;
  runs += 1;
  return {
    run: String(runs),
    model: { ...ref, version },
    ...storedCounts([a, b], { names, missing: 1, probabilitySum: n / 2 }),
    chips: n + 3,
    blank: 2,
    changed: now.toISOString(),
  };
}

type Asked = { newestFirst: true; pageSize: number; cutOff: string };

function indexOf(days: Record<string, EndedRun[]>) {
  const read: string[] = [];
  const pageSizes: (number | undefined)[] = [];
  return {
    read,
    pageSizes,
    ofDay: async function* (day: string, { newestFirst, pageSize, cutOff }: Asked) {
      assert.equal(newestFirst, true);
      pageSizes.push(pageSize);
      for (const run of days[day] ?? []) {
        if (run.changed > cutOff) continue;
        read.push(run.run);
        yield run;
      }
    },
  };
}

test('the window has the newest runs, until they hold enough predictions', async () => {
  const index = indexOf({ [today]: [runOf(50, 0), runOf(40, 10), runOf(0, 99)] });
  const window = await recentWindow(index, model, { now, predictions: 100 });
  assert.deepEqual(window, {
    sceneSquares: 5000,
    months: { 3: 100 },
    runs: 2,
    counts: [90, 10],
    chips: 106,
    blank: 4,
    missing: 2,
    probabilitySum: 50,
  });
  assert.equal(index.read.length, 2);
});

test('the window includes yesterday if today has too few predictions, but no older day', async () => {
  const index = indexOf({ [today]: [runOf(1, 0)], [yesterday]: [runOf(2, 0)], [earlier]: [runOf(4, 0)] });
  const window = await recentWindow(index, model, { now, predictions: 100 });
  assert.deepEqual([window.runs, window['counts']], [2, [3, 0]]);
});

test('for an earlier time, the window has the runs that had ended by then', async () => {
  const ended = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();
  const runs = [{ ...runOf(1, 0), changed: ended(0) }, { ...runOf(2, 0), changed: ended(-2) }, runOf(4, 0)];
  const index = indexOf({ [today]: runs.with(2, { ...runs[2]!, changed: ended(-3) }) });
  const asOf = { now: new Date(ended(-2)), predictions: 100, isThen: true };
  assert.deepEqual((await recentWindow(index, model, asOf))['counts'], [6, 0]);
});

test('a run that ended while the clock was ahead is not in the window', async () => {
  const ahead = { ...runOf(0, 500), changed: new Date(now.getTime() + 30 * 86_400_000).toISOString() };
  const window = await recentWindow(indexOf({ [today]: [ahead, runOf(5, 0)] }), model, { now, predictions: 100 });
  assert.deepEqual(window['counts'], [5, 0]);
});

test('the run that is being judged counts first, and once, whether the index shows it already or not', async () => {
  const run = { ...runOf(60, 0), day: today };
  for (const day of [[runOf(0, 60)], [run, runOf(0, 60)]]) {
    const window = await recentWindow(indexOf({ [today]: day }), model, { now, predictions: 100, runs: [run] });
    assert.deepEqual([window.runs, window['counts']], [2, [60, 60]]);
  }
});

test('a run of an older day is not recent, however late it came', async () => {
  const run = { ...runOf(60, 0), day: earlier };
  const window = await recentWindow(indexOf({ [today]: [runOf(0, 5)] }), model, { now, predictions: 100, runs: [run] });
  assert.deepEqual(window['counts'], [0, 5]);
});

test('runs of other model versions are not in the window', async () => {
  const window = await recentWindow(indexOf({ [today]: [runOf(9, 9, '1.0.0'), runOf(0, 5)] }), model, {
    now,
    predictions: 100,
  });
  assert.deepEqual(window['counts'], [0, 5]);
});

test('empty runs are in the window, with their blank chips', async () => {
  const empty = { ...runOf(0, 0), chips: 7, blank: 7, ...storedCounts([0, 0], { names }) };
  const window = await recentWindow(indexOf({ [today]: [empty, runOf(5, 0)] }), model, { now, predictions: 100 });
  assert.deepEqual([window.chips, window.blank], [15, 9]);
});

test('the page size of the index is estimated from the run that is being judged', async () => {
  for (const [predictions, size] of [
    [500, 6],
    [50, 2],
    [100_000, 500],
  ] as const) {
    const index = indexOf({});
    await recentWindow(index, model, { now, predictions, runs: [{ ...runOf(100, 0), day: today }] });
    assert.deepEqual(index.pageSizes, [size, size]);
  }
});

test('a page has fifty runs if their size is unknown, and one for each prediction if they have none', async () => {
  const [none, empty] = [indexOf({}), indexOf({})];
  const window = await recentWindow(none, model, { now, predictions: 100 });
  assert.deepEqual([none.pageSizes, window.runs, window['counts']], [[50, 50], 0, [0, 0]]);
  await recentWindow(empty, model, { now, predictions: 100, runs: [{ ...runOf(0, 0), day: today }] });
  assert.deepEqual(empty.pageSizes, [101, 101]);
});

test('at most a thousand runs without predictions are skipped', async () => {
  const crowd = [
    ...Array.from({ length: 600 }, () => runOf(0, 0)),
    ...Array.from({ length: 600 }, () => runOf(9, 9, '1.0.0')),
  ];
  const index = indexOf({ [today]: crowd, [yesterday]: [runOf(1, 0)] });
  const window = await recentWindow(index, model, { now, predictions: 100 });
  assert.deepEqual([index.read.length, window.runs], [1000, 600]);
  const small = indexOf({ [today]: Array.from({ length: 1500 }, () => runOf(1, 0)) });
  assert.equal((await recentWindow(small, model, { now, predictions: 1400 })).runs, 1400, 'one is one');
  const few = indexOf({ [today]: crowd.slice(0, 999), [yesterday]: [runOf(1, 0), runOf(0, 0), runOf(1, 0)] });
  assert.deepEqual((await recentWindow(few, model, { now, predictions: 100 }))['counts'], [1, 0]);
});

test('yesterday begins exactly one day before now', async () => {
  const midnight = new Date(`${today}T00:00:00.000Z`);
  const ended = (count: number) => ({ ...runOf(count, 0), changed: midnight.toISOString() });
  const index = indexOf({ [today]: [ended(1)], [yesterday]: [ended(2)], [earlier]: [ended(4)] });
  assert.deepEqual((await recentWindow(index, model, { now: midnight, predictions: 100 }))['counts'], [3, 0]);
});

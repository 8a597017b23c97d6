import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { HistoryRecord } from '../../core/releases/promotionHistory.ts';
import { openMetricStore } from '../../local/alarms/metricStore.ts';
import type { ChartPanel, Dashboard } from '../../observability/panel.ts';
import type { MetricsReader } from '../../observability/readMetrics.ts';
import { panelsOf } from './panels.ts';
import type { Span } from './span.ts';

const folder = mkdtempSync(join(tmpdir(), 'swath-panels-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const span = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-03-02T00:00:00Z') };
const chart = (id: string, name: string): ChartPanel => ({
  kind: 'lines',
  id,
  title: id,
  meaning: '',
  unit: 'count',
  periodSeconds: 300,
  levels: [],
  series: [{ metric: { namespace: 'N', name, dimensions: {} }, statistic: 'p50', label: name }],
});
const dashboard: Dashboard = [{ title: 'Two', panels: [chart('good', 'Good'), chart('bad', 'Bad')] }];

const failingWith = (error: Error): MetricsReader => ({
  read: async ({ metric: { name } }) => {
    if (name === 'Bad') throw error;
    return [{ time: '2026-03-01T10:00:00.000Z', value: 1 }];
  },
  valuesOf: async () => [],
});
const panels = (error: Error) => panelsOf(failingWith(error), dashboard, [], span);

test('a panel whose numbers are not to be had says why, and the others have theirs', async () => {
  const [group] = (await panels(new Error('Rate exceeded'))).groups;
  assert.deepEqual(
    group?.panels.map(({ panel: { id }, lines, problem }) => [id, lines.length, problem]),
    [
      ['good', 1, null],
      ['bad', 0, 'Rate exceeded'],
    ],
  );
});

test('a data folder whose owner went away is another matter', async () => {
  const gone = Object.assign(new Error('It is gone.'), { name: 'OwnerGone' });
  await assert.rejects(panels(gone), gone);
});

test('a change of version is marked, also of a promotion that was written by hand; the first one is none, nor is a refused one', async () => {
  const by = { by: null, reason: null };
  const promoted = { ...by, before: null, isRollback: false };
  const history: HistoryRecord[] = [
    { ...promoted, at: '2026-03-01T12:00:00.000Z', version: '3' },
    { ...by, at: '2026-03-01T11:00:00.000Z', version: '2', before: '1', isRefused: true, refusals: [] },
    { ...promoted, at: '2026-03-01T10:00:00.000Z', version: '1' },
  ];
  const { versions } = await panelsOf(failingWith(new Error()), [], history, span);
  assert.deepEqual(versions, [{ time: '2026-03-01T12:00:00.000Z', version: '3' }]);
  const later = { from: span.to, to: new Date('2026-03-03T00:00:00Z') };
  assert.deepEqual((await panelsOf(failingWith(new Error()), [], history, later)).versions, []);
});

test('few numbers are shown as they were published, many by longer periods', async () => {
  const asked: number[] = [];
  const reader = (points: number): MetricsReader => ({
    read: async ({ periodSeconds }) => {
      asked.push(periodSeconds);
      const shown = periodSeconds === 300 ? points : 20;
      return Array.from({ length: shown }, () => ({ time: '2026-03-01T10:00:00.000Z', value: 1 }));
    },
    valuesOf: async () => [],
  });
  const month = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-04-01T00:00:00Z') };
  const one: Dashboard = [{ title: 'One', panels: [chart('a', 'A')] }];
  const periodOfAnswer = async (points: number, span: Span = month) => {
    const { groups } = await panelsOf(reader(points), one, [], span);
    const { panel } = groups[0]!.panels[0]!;
    return 'periodSeconds' in panel && panel.periodSeconds;
  };
  assert.equal(await periodOfAnswer(400), 300);
  assert.equal(await periodOfAnswer(401), 21_600);
  asked.length = 0;
  assert.equal(await periodOfAnswer(400, { ...month, from: new Date('2026-01-01T00:00:00Z') }), 21_600);
  assert.ok(!asked.includes(300), 'which CloudWatch does not keep so long');
  asked.length = 0;
  const longAgo = { ...span, now: new Date('2026-06-01T00:00:00Z') };
  assert.equal(await periodOfAnswer(20, longAgo), 3600);
  assert.ok(!asked.includes(300), 'however short the span is');
});

describe("a window's numbers", () => {
  const dimensions = { Window: 'recent' };
  const of = (name: string) =>
    ({ metric: { namespace: 'N', name, dimensions }, statistic: 'Maximum', label: name }) as const;
  const shares: ChartPanel = { ...chart('shares', ''), unit: 'share', series: ['A', 'B', 'C'].map(of) };
  /** Sets of shares as they were published; of C, there may be none. */
  const storeOf = async (sets: { [minute: string]: [a: number, b: number, c?: number][] }) => {
    const store = await openMetricStore(join(folder, `${files++}.jsonl`), span.to);
    for (const [minute, all] of Object.entries(sets))
      for (const values of all) {
        const named = values.map((value, i) => ({ name: 'ABC'[i]!, value: value! }));
        await store.put(named.map((one) => ({ ...one, namespace: 'N', dimensions, time: minute })));
      }
    return store;
  };
  const shownOf = async (reader: MetricsReader, asked: Span = span) => {
    const { groups } = await panelsOf(reader, [{ title: '', panels: [shares] }], [], asked);
    return groups[0]!.panels[0]!.lines.map(({ points }) => points.map(({ time, value }) => [time.slice(0, 16), value]));
  };

  test('are the set that was published last within each period, so that shares add up', async () => {
    const store = await storeOf({
      '2026-03-01T10:01:00.000Z': [[0.9, 0.1]],
      '2026-03-01T10:03:10.000Z': [[0.5, 0.5]],
      '2026-03-01T10:03:40.000Z': [[0.6, 0.4]],
    });
    assert.deepEqual(await shownOf(store), [[['2026-03-01T10:00', 0.6]], [['2026-03-01T10:00', 0.4]], []]);
  });

  test('are asked for by the shortest period that is kept of their time, which may be long ago', async () => {
    for (const [now, periodSeconds] of [
      ['2026-03-10', 60],
      ['2026-04-20', 300],
      ['2026-06-20', 3600],
    ] as const) {
      const asked: number[] = [];
      const reader: MetricsReader = {
        read: async (query) => {
          if (query.statistic === 'Last') asked.push(query.periodSeconds);
          return [];
        },
        valuesOf: async () => [],
      };
      await shownOf(reader, { ...span, now: new Date(now) });
      assert.deepEqual([...new Set(asked)], [periodSeconds], `as of ${now}`);
    }
  });

  test('leave out a distance of 0, which only ends an alarm', async () => {
    const store = await storeOf({ '2026-03-01T10:01:00.000Z': [[0, 0.1]] });
    const dashboard: Dashboard = [{ title: '', panels: [{ ...shares, unit: 'distance' }] }];
    const { lines } = (await panelsOf(store, dashboard, [], span)).groups[0]!.panels[0]!;
    assert.deepEqual(
      lines.map(({ points }) => points.map(({ value }) => value)),
      [[], [0.1], []],
    );
  });

  test('leave out what the last set has not', async () => {
    const store = await storeOf({
      '2026-03-01T10:01:00.000Z': [[0.9, 0.1, 0.3]],
      '2026-03-01T10:03:00.000Z': [[0.6, 0.4]],
      '2026-03-01T11:00:00.000Z': [[0.2, 0.8, 0.4]],
    });
    assert.deepEqual((await shownOf(store))[2], [['2026-03-01T11:00', 0.4]]);
  });

  test('are the last of longer periods where they are many', async () => {
    const minutes = Array.from({ length: 500 }, (_, i) => Date.parse('2026-03-01T00:00:00Z') + i * 5 * 60_000);
    const store = await storeOf(
      Object.fromEntries(minutes.map((at, i) => [new Date(at).toISOString(), [[1 - i / 500, i / 500]]])),
    );
    const [a, b] = await shownOf(store, { from: span.from, to: new Date('2026-03-05T00:00:00Z') });
    assert.ok(a!.length < 400);
    for (const [i, [, value]] of a!.entries()) assert.ok(Math.abs(Number(value) + Number(b![i]![1]) - 1) < 1e-12);
  });

  test('are asked for in the shortest periods that CloudWatch still has', async () => {
    const asked: [period: number, from: string, to: string][] = [];
    const reader: MetricsReader = {
      read: async ({ metric: { name }, statistic, periodSeconds, from, to }) => {
        if (name === 'A') asked.push([periodSeconds, from.toISOString().slice(0, 16), to.toISOString().slice(0, 16)]);
        assert.equal(statistic, 'Last');
        return [{ time: from.toISOString(), value: periodSeconds }];
      },
      valuesOf: async () => [],
    };
    const to = new Date('2026-03-31T10:20:00Z');
    const [a] = await shownOf(reader, { from: new Date('2026-01-10T00:00:00Z'), to });
    assert.deepEqual(asked, [
      [3600, '2026-01-10T00:00', '2026-01-27T11:00'],
      [300, '2026-01-27T11:00', '2026-03-16T11:00'],
      [60, '2026-03-16T11:00', '2026-03-31T10:20'],
    ]);
    assert.deepEqual(
      a!.map(([, value]) => value),
      [3600, 300, 60],
    );
    asked.length = 0;
    await shownOf(reader, { from: new Date('2026-03-31T00:00:00Z'), to });
    assert.deepEqual(asked, [[60, '2026-03-31T00:00', '2026-03-31T10:20']]);
  });
});

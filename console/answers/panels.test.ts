import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChartPanel, Dashboard } from '../../observability/panel.ts';
import type { MetricsReader } from '../../observability/readMetrics.ts';
import { panelsOf } from './panels.ts';

const span = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-03-02T00:00:00Z') };
const chart = (id: string, name: string): ChartPanel => ({
  ...{ kind: 'lines', id, title: id, meaning: '', unit: 'count', periodSeconds: 300, levels: [] },
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
const panels = (error: Error) => panelsOf(failingWith(error), dashboard, { stage: 's', modelName: 'm' }, span);

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
  const periodOfAnswer = async (points: number, span = month) => {
    const { groups } = await panelsOf(reader(points), one, { stage: 's', modelName: 'm' }, span);
    const { panel } = groups[0]!.panels[0]!;
    return 'periodSeconds' in panel && panel.periodSeconds;
  };
  assert.equal(await periodOfAnswer(400), 300);
  assert.equal(await periodOfAnswer(401), 21_600);
  asked.length = 0;
  assert.equal(await periodOfAnswer(400, { ...month, from: new Date('2026-01-01T00:00:00Z') }), 21_600);
  assert.ok(!asked.includes(300), 'which CloudWatch does not keep so long');
});

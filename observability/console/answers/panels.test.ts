import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChartPanel, Dashboard } from '../../panel.ts';
import type { MetricsReader } from '../../readMetrics.ts';
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

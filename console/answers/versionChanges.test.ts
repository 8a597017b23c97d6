import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricQuery } from '../../observability/readMetrics.ts';
import { versionChanges } from './versionChanges.ts';

const span = { from: new Date('2026-03-01T00:00:00.000Z'), to: new Date('2026-03-16T00:00:00.000Z') };
const hour = (at: number) => `2026-03-02T${String(at).padStart(2, '0')}:00:00.000Z`;

/** The changes that come of runs by these versions, hour by hour. */
function changesOf(hours: string[][]) {
  const readMetrics = {
    valuesOf: async () => [...new Set(hours.flat())].sort(),
    read: async ({ metric }: MetricQuery) =>
      hours.flatMap((versions, at) =>
        versions.includes(metric.dimensions['Version']!) ? [{ time: hour(at), value: 40 }] : [],
      ),
  };
  return versionChanges(readMetrics, { stage: 'test', modelName: 'baseline' }, span);
}

const cases: [what: string, hours: string[][], changes: [at: number, version: string][]][] = [
  ['nothing was predicted', [], []],
  ['one version only', [['1'], [], ['1']], []],
  ['a new version', [['1'], ['1'], ['2'], ['2']], [[2, '2']]],
  ['a new version while the old one finishes', [['1'], ['1', '2'], ['2', '1'], ['2']], [[3, '2']]],
  [
    'a version and its rollback',
    [['1'], ['2'], [], ['1']],
    [
      [1, '2'],
      [3, '1'],
    ],
  ],
  [
    'two changes',
    [['1'], ['2'], ['3']],
    [
      [1, '2'],
      [2, '3'],
    ],
  ],
];
for (const [what, hours, changes] of cases)
  test(`${what}: ${changes.length} changes`, async () => {
    assert.deepEqual(
      await changesOf(hours),
      changes.map(([at, version]) => ({ time: hour(at), version })),
    );
  });

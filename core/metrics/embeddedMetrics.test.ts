import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { logTo } from '../base/step.ts';
import { logMetrics } from './embeddedMetrics.ts';

describe('metrics in a log line', () => {
  let lines: Record<string, unknown>[] = [];
  beforeEach(() => {
    lines = [];
    logTo((line) => lines.push(JSON.parse(line)));
  });
  afterEach(() => logTo((line) => process.stdout.write(line)));

  test('have the format of CloudWatch, each with its own dimensions and unit', () => {
    logMetrics('asked', { status: 404 }, 'dev', [
      { metric: 'OnlineLatency', values: [12] },
      { metric: 'OnlineErrors', values: [1], dimensions: { Kind: 'refused' } },
      { metric: 'OnlineBatchSize', values: [] },
    ]);
    const [{ time, _aws, ...line } = {}] = lines;
    assert.deepEqual(line, {
      event: 'asked',
      status: 404,
      Stage: 'dev',
      Kind: 'refused',
      OnlineLatency: 12,
      OnlineErrors: 1,
    });
    assert.deepEqual((_aws as { CloudWatchMetrics: unknown }).CloudWatchMetrics, [
      { Namespace: 'Swath', Dimensions: [['Stage']], Metrics: [{ Name: 'OnlineLatency', Unit: 'Milliseconds' }] },
      { Namespace: 'Swath', Dimensions: [['Stage', 'Kind']], Metrics: [{ Name: 'OnlineErrors', Unit: 'Count' }] },
    ]);
    assert.match(String(time), /^\d{4}-/);
  });

  test('with too many values for one line are split over several, each value once', () => {
    const values = Array.from({ length: 250 }, (_, i) => i);
    logMetrics('asked', {}, 'dev', [
      { metric: 'OnlineBatchSize', values },
      { metric: 'OnlineRequests', values: [1] },
    ]);
    assert.deepEqual(
      lines.flatMap(({ OnlineBatchSize }) => OnlineBatchSize),
      values,
    );
    assert.deepEqual(
      lines.map((line) => 'OnlineRequests' in line),
      [true, false, false],
    );
  });
});

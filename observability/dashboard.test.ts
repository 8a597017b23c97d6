import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PIPELINE_FUNCTIONS } from '../core/base/functions.ts';
import { metrics } from '../core/metrics/allMetrics.ts';
import { NAMESPACE } from '../core/metrics/metrics.ts';
import { ofOnline } from '../core/metrics/onlineMetrics.ts';
import { timeoutOf } from '../local/stack/service.ts';
import { exampleParameters } from '../test/documents/exampleParameters.ts';
import { alarmsOf } from './alarms.ts';
import { dashboardOf } from './dashboard.ts';
import type { ChartPanel, Series } from './panel.ts';
import type { MetricId } from './readMetrics.ts';

const dashboard = dashboardOf(exampleParameters);
const panels = dashboard.flatMap((group) => group.panels);
const charts = panels.filter((panel): panel is ChartPanel => 'series' in panel);
const series = charts.flatMap((chart) => chart.series);
const alarms = alarmsOf(exampleParameters);
const isOurs = ({ namespace }: MetricId) => namespace === NAMESPACE;

/** A metric as it is published: its name, its dimensions, and the window that it is about. */
const published = [...metrics].flatMap(([name, { dimensions }]) => {
  const windows: (string | undefined)[] = dimensions.some((one) => one === 'Window') ? ['recent', 'day'] : [undefined];
  return windows.map((window) => ({ name, dimensions: ['Stage', ...dimensions].sort(), window }));
});

/** A metric as a panel or an alarm names it, in the same form. */
function named({ name, dimensions }: MetricId, each?: string) {
  const names = [...Object.keys(dimensions), ...(each === undefined ? [] : [each])].sort();
  return { name, dimensions: names, window: dimensions['Window'] };
}

describe('panels and alarms', () => {
  const all = [
    ...series.map(({ metric, each }) => ({ metric, each })),
    ...alarms.map(({ metric }) => ({ metric, each: undefined })),
  ].filter(({ metric }) => isOurs(metric));

  for (const { metric, each } of all) {
    it(`use published metrics: ${metric.name} ${metric.dimensions['Window'] ?? ''}`, () => {
      const one = named(metric, each);
      assert.ok(
        published.some((other) => JSON.stringify(other) === JSON.stringify(one)),
        JSON.stringify(one),
      );
    });
  }

  for (const one of published) {
    it(`show each published metric: ${one.name} ${one.window ?? ''}`, () => {
      const shown = series.filter(({ metric }) => isOurs(metric)).map(({ metric, each }) => named(metric, each));
      assert.ok(
        shown.some((other) => JSON.stringify(other) === JSON.stringify(one)),
        JSON.stringify(one),
      );
    });
  }

  it('are about one stage and one model', () => {
    for (const { metric } of all) {
      assert.equal(metric.dimensions['Stage'], 'dev');
      assert.equal(metric.dimensions['Model'] ?? 'droughtwatch-baseline', 'droughtwatch-baseline');
    }
  });

  for (const { id, metric, statistic } of alarms) {
    it(`let the number be seen that the alarm ${id} is about`, () => {
      const same = (one: Series) =>
        JSON.stringify(one.metric) === JSON.stringify(metric) && one.statistic === statistic;
      assert.ok(series.some(same), JSON.stringify({ metric, statistic }));
    });
  }
});

it('the words of an alarm name nothing that nobody fills in', () => {
  for (const { title, meaning, firstStep } of alarms)
    assert.doesNotMatch(`${title} ${meaning} ${firstStep}`, /[{}]|undefined|NaN/);
});

describe('a series', () => {
  it("of ours is read by its Maximum, as a datum may come twice; of AWS's counters, and what log lines say once, by the Sum", () => {
    for (const { metric, statistic } of series) {
      const isCounter = /^(Executions\w+|AsyncEvents\w+|Errors|Throttles|Count|[45]XXError)$/.test(metric.name);
      if (metric.name in ofOnline)
        assert.equal(statistic === 'Sum', !/Latency|BatchSize|QueueWait/.test(metric.name), metric.name);
      else if (isOurs(metric)) assert.equal(statistic, 'Maximum', metric.name);
      // The average of errors is the share of requests that they are.
      else if (statistic !== 'Average') assert.equal(statistic === 'Sum', isCounter, metric.name);
      else assert.equal(metric.name, '5XXError');
    }
  });

  it('says what it is, and no two of a panel say the same', () => {
    for (const { id, series: those } of charts) {
      const labels = those.map(({ label }) => label);
      assert.ok(labels.every((label) => label.trim() === label && label !== ''));
      assert.equal(new Set(labels).size, labels.length, id);
    }
  });
});

describe('the dashboard', () => {
  it('has panels with unique titles and explanations', () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
    for (const { id, meaning } of panels) assert.match(meaning, /^[A-Z0-9].{20,}\.$/, id);
  });

  it('answers in its first group whether the model still behaves', () => {
    const [answer] = dashboard;
    assert.deepEqual(
      answer?.panels.map(({ id }) => id),
      ['status', 'alarms', 'drift', 'classes', 'chips', 'blanks', 'quality'],
    );
    const drift = charts.find(({ id }) => id === 'drift');
    assert.deepEqual(drift?.levels, [{ label: 'alarm above', value: exampleParameters.driftThreshold }]);
    assert.deepEqual(
      drift?.series.map(({ metric, isReference }) => [metric.name, isReference ?? false]),
      [
        ['Drift', false],
        ['NoiseFloor', true],
      ],
    );
  });

  it('draws the line of an alarm that is on, and none for one that is switched off', () => {
    const lines = (parameters: Partial<typeof exampleParameters>) =>
      dashboardOf({ ...exampleParameters, ...parameters })
        .flatMap((group) => group.panels)
        .flatMap((panel) => ('levels' in panel && panel.levels.length > 0 ? [panel.id] : []));
    const all = [
      'drift',
      'blanks',
      'quality',
      'drift-by-day',
      'blanks-by-day',
      'quality-by-day',
      'accuracy-shortfall-by-day',
      'band-drift',
      'band-drift-by-day',
      'arrival',
      'arrivals',
      'requests',
      'counts',
      'warehouse',
      'api-failed',
      'api-latency',
    ];
    assert.deepEqual(lines({}), all);
    const off = {
      blankShareLimit: 1,
      accuracyLimit: 0,
      quietDaysLimit: 0,
      arrivalsWindowSeconds: 0,
      requests: 'false',
      redshift: '',
      api: 'false',
    };
    assert.deepEqual(lines(off), [
      'drift',
      'drift-by-day',
      'accuracy-shortfall-by-day',
      'band-drift',
      'band-drift-by-day',
    ]);
  });

  it("shows the webhook's calls, if there is one", () => {
    const shown = (alarmWebhook: string) =>
      dashboardOf({ ...exampleParameters, alarmWebhook }).flatMap((group) => group.panels.map(({ id }) => id));
    assert.ok(shown('/swath/hook').includes('webhook'));
    assert.ok(!shown('').includes('webhook'));
  });

  it('shows requests over HTTP where they can be made, and says nothing of them elsewhere', () => {
    const groups = (api: string) => dashboardOf({ ...exampleParameters, api }).map(({ title }) => title);
    assert.ok(groups('true').includes('Predictions over HTTP'));
    assert.ok(!groups('false').includes('Predictions over HTTP'));
    assert.doesNotMatch(JSON.stringify(dashboardOf({ ...exampleParameters, api: 'false' })), /Online|ApiGateway/);
  });

  it('shows durations, errors, throttles and concurrency of every function of the pipeline', () => {
    const of = (metric: string) =>
      series
        .filter((one) => one.metric.name === metric)
        .map((one) => one.metric.dimensions['FunctionName'])
        .filter((name) => name !== 'swath-dev-predict'); // that one has a panel of its own
    const functions = PIPELINE_FUNCTIONS.map((name) => `swath-dev-${name}`).sort();
    assert.deepEqual(of('Duration').sort(), [...functions, ...functions].sort());
    for (const name of ['Errors', 'Throttles', 'ConcurrentExecutions']) assert.deepEqual(of(name).sort(), functions);
  });
});

it('the time-outs that alarms are about are those of the functions that the state machine calls', () => {
  const expected = Object.fromEntries(PIPELINE_FUNCTIONS.map((name) => [name, timeoutOf(name)]));
  assert.deepEqual(exampleParameters.timeouts, expected);
});

it('every metric is published by a function of the pipeline, or is of requests over HTTP, by predict', () => {
  for (const [name, { publishers }] of metrics) {
    const allowed: readonly string[] = name in ofOnline ? ['predict'] : [...PIPELINE_FUNCTIONS, 'feeds', 'warehouse'];
    assert.ok(publishers.length > 0 && publishers.every((one) => allowed.includes(one)), name);
  }
});

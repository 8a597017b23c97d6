import { metrics } from '../core/metrics/allMetrics.ts';
import { NAMESPACE, type Window } from '../core/metrics/metrics.ts';
import type { OnlineMetricName } from '../core/metrics/onlineMetrics.ts';
import type { Shown } from '../core/tasks/shown.ts';
import { SHOWN } from '../core/tasks/shownRegistry.ts';
import { hasCountsQueue, MOST_WAITING_SECONDS, ofApi, ofFunction, ofQueue, queueName } from './alarms.ts';
import type { ChartPanel, Dashboard, Panel, Series } from './panel.ts';
import words from './panels.json' with { type: 'json' };
import type { ObservedParameters } from './parameters.ts';
import type { MetricId, Statistic } from './readMetrics.ts';
import { SERVICE_LEVELS } from './serviceLevels.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What a panel is called, and how it is read. */
const own = (id: keyof typeof words) => ({ id, ...words[id] });

/**
 * Defines the dashboard once, for CloudFormation and the console. The first group shows whether the model still behaves; the
 * others are details. Our own metrics are gauges, read by their Maximum (a datum that is sent twice doubles a Sum); AWS's
 * counters are exact, read by their Sum.
 *
 * @param tasks the tasks whose metrics are shown, the first one in the first group, the others in groups of their own: a deployment
 *   does not know which models will serve
 */
export function dashboardOf(parameters: ObservedParameters, tasks: readonly Shown[] = SHOWN): Dashboard {
  const [main, ...others] = tasks;
  return [
    {
      title: 'Does the model still behave?',
      panels: [
        { kind: 'status', ...own('status') },
        { kind: 'alarms', ...own('alarms') },
        ...windowPanels(parameters, 'recent', main),
      ],
    },
    { title: 'Day by day', panels: [...windowPanels(parameters, 'day', main), shortfallPanel(parameters)] },
    { title: 'Source bands', panels: [bandPanel(parameters, 'recent'), bandPanel(parameters, 'day')] },
    ...others.map((task) => ({
      title: `Models of the task ${task.name}`,
      panels: (['recent', 'day'] as const).flatMap((window) => taskPanels(parameters, window, task)),
    })),
    { title: 'Files and versions', panels: filePanels(parameters) },
    { title: 'The pipeline', panels: pipelinePanels(parameters) },
    ...(parameters.api === 'true' ? [{ title: 'Predictions over HTTP', panels: onlinePanels(parameters) }] : []),
    { title: 'The ledger', panels: [{ kind: 'ledger', ...own('ledger') }] },
  ];
}

function windowPanels(parameters: ObservedParameters, window: Window, task: Shown | undefined): ChartPanel[] {
  const { driftThreshold, blankShareLimit } = parameters;
  const ours = seriesOf(parameters);
  const of = { Window: window };
  const panel = panelOf(parameters, window);
  const [beside, ...more] = task === undefined ? [] : taskPanels(parameters, window, task);
  return [
    panel({
      ...own('drift'),
      unit: 'distance',
      series: [
        ours('Drift', 'drift', of),
        ...(window === 'day' ? [ours('GradualDrift', 'average of many days')] : []),
        ours('NoiseFloor', 'noise floor', of, true),
      ],
      levels: [{ label: 'alarm above', value: driftThreshold }],
    }),
    ...(beside ? [beside] : []),
    panel({
      ...own('chips'),
      unit: 'count',
      series: [ours('Predictions', 'predictions (n)', of), ours('Chips', 'chips', of), ours('Blanks', 'blanks', of)],
    }),
    panel({
      ...own('blanks'),
      unit: 'share',
      series: [ours('BlankShare', 'blank', of)],
      levels: blankShareLimit < 1 ? [{ label: 'alarm above', value: blankShareLimit }] : [],
    }),
    ...more,
  ];
}

function bandPanel(parameters: ObservedParameters, window: Window): ChartPanel {
  const ours = seriesOf(parameters);
  const panel = panelOf(parameters, window);
  return panel({
    ...own('band-drift'),
    unit: 'distance',
    series: [ours('BandDrift', 'furthest band', { Window: window })],
    levels: [{ label: 'alarm above', value: parameters.driftThreshold }],
  });
}

/** How far accuracy is from what the package expects; each sweep publishes it for the days that it has judged. */
function shortfallPanel(parameters: ObservedParameters): ChartPanel {
  const ours = seriesOf(parameters);
  return {
    kind: 'lines',
    ...own('accuracy-shortfall-by-day'),
    unit: 'share',
    periodSeconds: DAY,
    series: [ours('AccuracyShortfall', 'below the expected')],
    levels: [{ label: 'alarm above', value: 0 }],
  };
}

function taskPanels(parameters: ObservedParameters, window: Window, task: Shown): ChartPanel[] {
  const ours = seriesOf(parameters);
  const panel = panelOf(parameters, window);
  const { accuracyLimit } = parameters;
  return task.panels.map(({ series, ...about }) =>
    panel({
      ...about,
      ...(accuracyLimit > 0 &&
        series.some(({ metric }) => metric === 'Accuracy') && {
          levels: [{ label: 'alarm below', value: accuracyLimit }],
        }),
      series: series.map(({ metric, label, isReference }) => ours(metric, label, { Window: window }, isReference)),
    }),
  );
}

function panelOf({ driftWindow }: ObservedParameters, window: Window) {
  const isDay = window === 'day';
  const about = isDay
    ? 'Each point is a closed UTC day, published when the sweep has judged it, on the day after.'
    : `About the newest runs of today and yesterday, until they hold ${driftWindow} predictions; published after each run.`;
  return (panel: Omit<ChartPanel, 'kind' | 'periodSeconds' | 'levels'> & Partial<ChartPanel>): ChartPanel => ({
    kind: 'lines',
    periodSeconds: isDay ? DAY : 5 * MINUTE,
    levels: [],
    ...panel,
    id: isDay ? `${panel.id}-by-day` : panel.id,
    title: isDay ? `${panel.title} by day` : panel.title,
    meaning: `${panel.meaning} ${about}`,
  });
}

type AboutPanel = Pick<ChartPanel, 'id' | 'title' | 'meaning' | 'series'> & Partial<ChartPanel>;

function filePanels(parameters: ObservedParameters): Panel[] {
  const { quietDaysLimit } = parameters;
  const ours = seriesOf(parameters);
  const daily = { kind: 'bars', unit: 'count', periodSeconds: DAY, levels: [] } satisfies Partial<ChartPanel>;
  const panels: AboutPanel[] = [
    { ...own('files'), series: [ours('FilesOfDay', 'files')] },
    { ...own('versions'), periodSeconds: HOUR, series: [ours('VersionPredictions', 'version')] },
    {
      ...own('failures'),
      periodSeconds: HOUR,
      series: [ours('FailedRuns', 'failed runs'), ours('InvalidFiles', 'invalid files')],
    },
    {
      kind: 'lines',
      ...own('arrival'),
      series: [ours('DaysSinceArrival', 'days')],
      levels: quietDaysLimit > 0 ? [{ label: 'alarm from', value: quietDaysLimit }] : [],
    },
    { ...own('sweeps'), series: [ours('Sweeps', 'sweeps')] },
  ];
  return panels.map((panel) => ({ ...daily, ...panel }));
}

const hourly = { kind: 'lines', unit: 'count', periodSeconds: HOUR, levels: [] } satisfies Partial<ChartPanel>;

const seriesOn = (metric: MetricId, label: string, statistic: Statistic = 'Sum'): Series => ({
  metric,
  statistic,
  label,
});

function pipelinePanels(parameters: ObservedParameters): Panel[] {
  const { stage, stateMachineArn, alarmWebhook, arrivalsWindowSeconds, timeouts } = parameters;
  const executions = (name: string, label: string) =>
    seriesOn({ namespace: 'AWS/States', name, dimensions: { StateMachineArn: stateMachineArn } }, label);
  const eachFunction = (name: string, statistic: Statistic) =>
    Object.keys(timeouts).map((label) => seriesOn(ofFunction(stage, label, name), label, statistic));
  const webhook = (name: string, label: string) => seriesOn(ofFunction(stage, 'webhook', name), label);
  const deadLetters = ofQueue(queueName(stage, 'dead-letters'), 'ApproximateNumberOfMessagesVisible');
  const waiting = (isThere: boolean, queue: 'arrivals' | 'requests' | 'counts', most = MOST_WAITING_SECONDS) => {
    const age = ofQueue(queueName(stage, queue), 'ApproximateAgeOfOldestMessage');
    const series = [seriesOn(age, 'the oldest', 'Maximum')];
    return isThere ? [{ ...own(queue), series, levels: [{ label: 'alarm above', value: most }] }] : [];
  };
  const panels: AboutPanel[] = [
    {
      ...own('executions'),
      series: [
        executions('ExecutionsStarted', 'started'),
        executions('ExecutionsSucceeded', 'succeeded'),
        executions('ExecutionsFailed', 'failed'),
        executions('ExecutionsTimedOut', 'timed out'),
      ],
    },
    { ...own('durations-median'), unit: 'milliseconds', series: eachFunction('Duration', 'p50') },
    { ...own('durations-p95'), unit: 'milliseconds', series: eachFunction('Duration', 'p95') },
    { ...own('errors'), series: eachFunction('Errors', 'Sum') },
    { ...own('throttles'), series: eachFunction('Throttles', 'Sum') },
    { ...own('concurrency'), series: eachFunction('ConcurrentExecutions', 'Maximum') },
    ...(alarmWebhook === ''
      ? []
      : [
          {
            ...own('webhook'),
            series: [webhook('AsyncEventsReceived', 'received'), webhook('AsyncEventsDropped', 'given up')],
          },
        ]),
    ...waiting(arrivalsWindowSeconds > 0, 'arrivals', arrivalsWindowSeconds + MOST_WAITING_SECONDS),
    ...waiting(parameters.requests === 'true', 'requests'),
    ...waiting(hasCountsQueue(parameters), 'counts'),
    { ...own('dead-letters'), series: [seriesOn(deadLetters, 'messages', 'Maximum')] },
  ];
  return panels.map((panel) => ({ ...hourly, ...panel }));
}

/** Panels of the REST API: the gateway's counts of all requests, and predict's of those for predictions. */
function onlinePanels(parameters: ObservedParameters): Panel[] {
  const { stage, apiLatencyLimit } = parameters;
  const api = (name: string, label: string, statistic?: Statistic) => seriesOn(ofApi(stage, name), label, statistic);
  const predict = (name: string, label: string, statistic: Statistic) =>
    seriesOn(ofFunction(stage, 'predict', name), label, statistic);
  const series = seriesOf(parameters);
  const ours = (name: OnlineMetricName, label: string, statistic: Statistic = 'Sum'): Series => ({
    ...series(name, label),
    statistic,
  });
  const panels: AboutPanel[] = [
    { ...own('api-requests'), series: [api('Count', 'all'), api('4XXError', '4xx'), api('5XXError', '5xx')] },
    {
      ...own('api-failed'),
      unit: 'share',
      periodSeconds: SERVICE_LEVELS.failedOfMinutes.seconds,
      series: [api('5XXError', '5xx', 'Average')],
      levels: [{ label: 'alarm above', value: SERVICE_LEVELS.failedOfMinutes.share }],
    },
    {
      ...own('api-latency'),
      unit: 'milliseconds',
      periodSeconds: 5 * MINUTE,
      series: [
        api('Latency', 'median', 'p50'),
        api('Latency', '95th percentile', 'p95'),
        ours('OnlineLatency', 'in the function, 95th percentile', 'p95'),
      ],
      levels: [{ label: 'alarm above', value: apiLatencyLimit }],
    },
    {
      ...own('online-requests'),
      series: [
        ours('OnlineRequests', 'all'),
        ours('OnlineErrors', 'no answer'),
        ours('OnlineColdStarts', 'cold starts'),
      ],
    },
    {
      ...own('online-inputs'),
      series: [
        ours('OnlineInputs', 'all'),
        ours('OnlineInputErrors', 'with an error'),
        ours('OnlineInputWarnings', 'with a warning'),
        ours('OnlineUncounted', 'not counted'),
      ],
    },
    {
      ...own('online-batches'),
      series: [ours('OnlineBatchSize', 'median', 'p50'), ours('OnlineBatchSize', 'the most', 'Maximum')],
    },
    {
      ...own('online-waits'),
      unit: 'milliseconds',
      series: [ours('OnlineQueueWait', 'median', 'p50'), ours('OnlineQueueWait', '95th percentile', 'p95')],
    },
    {
      ...own('predict-calls'),
      series: [predict('ConcurrentExecutions', 'at once', 'Maximum'), predict('Throttles', 'turned away', 'Sum')],
    },
  ];
  return panels.map((panel) => ({ ...hourly, ...panel }));
}

/** A series of our own metrics; one with an open dimension is drawn for each of its values. */
function seriesOf({ stage, modelName }: ObservedParameters) {
  return (name: string, label: string, given: Record<string, string> = {}, isReference = false): Series => {
    const known: Record<string, string> = { Model: modelName, ...given };
    const dimensions: Record<string, string> = { Stage: stage };
    let each: string | undefined;
    for (const dimension of metrics.get(name)?.dimensions ?? []) {
      const value = known[dimension];
      if (value === undefined) each = dimension;
      else dimensions[dimension] = value;
    }
    return {
      metric: { namespace: NAMESPACE, name, dimensions },
      statistic: 'Maximum',
      label,
      ...(each !== undefined && { each }),
      ...(isReference && { isReference }),
    };
  };
}

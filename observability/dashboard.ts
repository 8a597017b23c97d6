import { metrics } from '../core/metrics/allMetrics.ts';
import { NAMESPACE, type Window } from '../core/metrics/metrics.ts';
import type { OnlineMetricName } from '../core/metrics/onlineMetrics.ts';
import type { Shown } from '../core/tasks/shown.ts';
import { SHOWN } from '../core/tasks/shownRegistry.ts';
import { hasCountsQueue, MOST_WAITING_SECONDS, ofApi, ofFunction, ofQueue, queueName } from './alarms.ts';
import type { ChartPanel, Dashboard, Panel, Series } from './panel.ts';
import type { ObservedParameters } from './parameters.ts';
import type { MetricId, Statistic } from './readMetrics.ts';
import { SERVICE_LEVELS } from './serviceLevels.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

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
        {
          kind: 'status',
          id: 'status',
          title: 'Live',
          meaning: 'Which model version classifies new files, since when, and the verdict on its newest predictions.',
        },
        {
          kind: 'alarms',
          id: 'alarms',
          title: 'Alarms',
          meaning: 'Each alarm with its state; docs/runbook.md says what to do about one.',
        },
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
    {
      title: 'The ledger',
      panels: [
        {
          kind: 'ledger',
          id: 'ledger',
          title: 'Runs',
          meaning: 'The newest and the failed runs in the ledger; a failed one can be retried from here.',
        },
      ],
    },
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
      id: 'drift',
      title: 'Prediction drift',
      meaning:
        "Distance between the distribution of the predictions and the reference's. Above the alarm line the predictions drift; below the noise floor chance explains it all. With too little data for a verdict, drift is left out.",
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
      id: 'chips',
      title: 'Chips and predictions',
      meaning:
        'How much data the other numbers are based on: predictions are the n of the drift score, blanks are not classified.',
      unit: 'count',
      series: [ours('Predictions', 'predictions (n)', of), ours('Chips', 'chips', of), ours('Blanks', 'blanks', of)],
    }),
    panel({
      id: 'blanks',
      title: 'Blank chips',
      meaning: 'Share of blank chips: a rise points to a sensor, a download or an export upstream.',
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
    id: 'band-drift',
    title: 'Furthest source band',
    meaning:
      "How far the source band that moved most is from the package's profile, of the bands with enough chips for a verdict. Empty if the package has no profile.",
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
    id: 'accuracy-shortfall-by-day',
    title: 'Accuracy below what is expected',
    meaning:
      "How far a day's accuracy lies below what the package expects, less what chance explains: above 0, it is missed. Each point is a sweep, and shows the worst of the days that it has judged, including those whose truth came late. Empty if the package expects nothing, or there is no truth.",
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
    {
      id: 'files',
      title: 'Scene files by end state',
      meaning: 'How the files of each closed UTC day ended, counted by the sweep on the day after.',
      series: [ours('FilesOfDay', 'files')],
    },
    {
      id: 'versions',
      title: 'Predictions by model version',
      meaning: 'Predictions of each run, by model version: where one ends and another begins, the version changed.',
      periodSeconds: HOUR,
      series: [ours('VersionPredictions', 'version')],
    },
    {
      id: 'failures',
      title: 'Failed runs and invalid files',
      meaning: 'Number within an hour. A failed run may be retried; an invalid file can never be processed.',
      periodSeconds: HOUR,
      series: [ours('FailedRuns', 'failed runs'), ours('InvalidFiles', 'invalid files')],
    },
    {
      kind: 'lines',
      id: 'arrival',
      title: 'Days since the newest file arrived',
      meaning: 'In UTC days, measured by the sweep; 0 is the day of the sweep.',
      series: [ours('DaysSinceArrival', 'days')],
      levels: quietDaysLimit > 0 ? [{ label: 'alarm from', value: quietDaysLimit }] : [],
    },
    {
      id: 'sweeps',
      title: 'Daily sweeps',
      meaning:
        '1 for a day on which a sweep completed. A gap means that lost events and failed runs were not recovered.',
      series: [ours('Sweeps', 'sweeps')],
    },
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
  const waiting = (isThere: boolean, queue: string, most: number, about: Pick<Panel, 'id' | 'title' | 'meaning'>) => {
    const series = [seriesOn(ofQueue(queue, 'ApproximateAgeOfOldestMessage'), 'the oldest', 'Maximum')];
    return isThere ? [{ ...about, series, levels: [{ label: 'alarm above', value: most }] }] : [];
  };
  const panels: AboutPanel[] = [
    {
      id: 'executions',
      title: 'Executions',
      meaning: 'Runs of the state machine in an hour. One that ends as invalid or failed counts as failed here.',
      series: [
        executions('ExecutionsStarted', 'started'),
        executions('ExecutionsSucceeded', 'succeeded'),
        executions('ExecutionsFailed', 'failed'),
        executions('ExecutionsTimedOut', 'timed out'),
      ],
    },
    {
      id: 'durations-median',
      title: 'Step durations: median',
      meaning: 'Half of the calls of each function were faster.',
      unit: 'milliseconds',
      series: eachFunction('Duration', 'p50'),
    },
    {
      id: 'durations-p95',
      title: 'Step durations: 95th percentile',
      meaning: "One call in twenty took longer. An alarm goes off when that comes close to a function's time-out.",
      unit: 'milliseconds',
      series: eachFunction('Duration', 'p95'),
    },
    {
      id: 'errors',
      title: 'Errors of functions',
      meaning: 'Calls that threw an error: invalid files and failures, each attempt of a step separately.',
      series: eachFunction('Errors', 'Sum'),
    },
    {
      id: 'throttles',
      title: 'Throttled calls',
      meaning: "Calls that Lambda throttled at the account's concurrency limit; the state machine retries them.",
      series: eachFunction('Throttles', 'Sum'),
    },
    {
      id: 'concurrency',
      title: 'Concurrent calls',
      meaning: 'The highest number of concurrent calls of a function.',
      series: eachFunction('ConcurrentExecutions', 'Maximum'),
    },
    ...(alarmWebhook === ''
      ? []
      : [
          {
            id: 'webhook',
            title: 'Alarms posted to the webhook',
            meaning: 'Messages for the webhook, and those given up after three attempts.',
            series: [webhook('AsyncEventsReceived', 'received'), webhook('AsyncEventsDropped', 'given up')],
          },
        ]),
    ...waiting(arrivalsWindowSeconds > 0, queueName(stage, 'arrivals'), arrivalsWindowSeconds + MOST_WAITING_SECONDS, {
      id: 'arrivals',
      title: 'Seconds that files wait to be gathered',
      meaning:
        'The oldest event in the queue of arrivals. Events wait for one window, and longer if they are redelivered.',
    }),
    ...waiting(parameters.requests === 'true', queueName(stage, 'requests'), MOST_WAITING_SECONDS, {
      id: 'requests',
      title: 'Seconds that requests wait',
      meaning: 'The oldest message in the queue of requests: a request, or a note that an answer is due.',
    }),
    ...waiting(hasCountsQueue(parameters), queueName(stage, 'counts'), MOST_WAITING_SECONDS, {
      id: 'counts',
      title: 'Seconds that answered predictions wait',
      meaning: 'The oldest message in the queue of what is counted: predictions answered over HTTP, or truths.',
    }),
    {
      id: 'dead-letters',
      title: 'Events and requests that were given up',
      meaning: 'Messages in the dead-letter queue; the sweep also finds the files of such events.',
      series: [seriesOn(deadLetters, 'messages', 'Maximum')],
    },
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
    {
      id: 'api-requests',
      title: 'Requests over HTTP',
      meaning:
        'All requests within an hour. 4xx are refused, for their key, limits or content; 5xx are failures of the service.',
      series: [api('Count', 'all'), api('4XXError', '4xx'), api('5XXError', '5xx')],
    },
    {
      id: 'api-failed',
      title: 'Share of answers over HTTP that fail',
      meaning: 'Share of the requests of five minutes that were answered with 5xx.',
      unit: 'share',
      periodSeconds: SERVICE_LEVELS.failedOfMinutes.seconds,
      series: [api('5XXError', '5xx', 'Average')],
      levels: [{ label: 'alarm above', value: SERVICE_LEVELS.failedOfMinutes.share }],
    },
    {
      id: 'api-latency',
      title: 'How long answers over HTTP take',
      meaning:
        'From the complete request at the gateway to its answer, including cold starts; and within the function alone.',
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
      id: 'online-requests',
      title: 'Requests for predictions',
      meaning: 'Requests to predict within an hour: all, failed ones by kind, and cold starts.',
      series: [
        ours('OnlineRequests', 'all'),
        ours('OnlineErrors', 'no answer'),
        ours('OnlineColdStarts', 'cold starts'),
      ],
    },
    {
      id: 'online-inputs',
      title: 'Inputs of requests for predictions',
      meaning:
        'Within an hour: all, those with an error of their own, those that were converted or not classified, and those whose predictions could not be sent to be counted.',
      series: [
        ours('OnlineInputs', 'all'),
        ours('OnlineInputErrors', 'with an error'),
        ours('OnlineInputWarnings', 'with a warning'),
        ours('OnlineUncounted', 'not counted'),
      ],
    },
    {
      id: 'online-batches',
      title: 'Inputs of a batch',
      meaning: 'How many inputs the model was run on together.',
      series: [ours('OnlineBatchSize', 'median', 'p50'), ours('OnlineBatchSize', 'the most', 'Maximum')],
    },
    {
      id: 'online-waits',
      title: 'How long inputs wait for their batch',
      meaning:
        'A container has one request at a time, so inputs wait for the batches before them of their own request.',
      unit: 'milliseconds',
      series: [ours('OnlineQueueWait', 'median', 'p50'), ours('OnlineQueueWait', '95th percentile', 'p95')],
    },
    {
      id: 'predict-calls',
      title: 'Containers of predict',
      meaning:
        "The highest number of concurrent calls, and calls that Lambda throttled at the account's concurrency limit.",
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

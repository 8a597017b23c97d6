import { metrics } from '../core/allMetrics.ts';
import { NAMESPACE, type Window } from '../core/metrics.ts';
import { type OnlineMetricName, ofOnline } from '../core/onlineMetrics.ts';
import type { Shown } from '../core/tasks/shown.ts';
import { SHOWN } from '../core/tasks/shownRegistry.ts';
import {
  apiName,
  arrivalsQueue,
  deadLetterQueue,
  functionName,
  hasRequestsQueue,
  MOST_WAITING_SECONDS,
  requestsQueue,
} from './alarms.ts';
import type { ChartPanel, Dashboard, Panel, Series } from './panel.ts';
import type { ObservedParameters } from './parameters.ts';
import type { Statistic } from './readMetrics.ts';
import { SERVICE_LEVELS } from './serviceLevels.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The dashboard, once: CloudFormation deploys it from here and the console draws it from here. The first group answers
 * whether the model still behaves; what follows are details. Our own metrics are gauges, read by their Maximum (a datum
 * that is sent twice doubles a Sum); AWS's counters are exact, read by their Sum.
 *
 * @param tasks those whose metrics are shown, the first among the answers, the others in groups of their own: a deployment does not
 *   know which models will serve
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
          meaning: 'The newest and the failed runs, as the ledger has them; a failed one can be tried again from here.',
        },
      ],
    },
  ];
}

/** The numbers of one window. */
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
        "Distance between the distribution of the predictions and the reference's. Above the alarm line the predictions drift; below the noise floor chance explains it all. Where there is too little data for a verdict, drift is left out.",
      unit: 'distance',
      series: [ours('Drift', 'drift', of), ours('NoiseFloor', 'noise floor', of, true)],
      levels: [{ label: 'alarm above', value: driftThreshold }],
    }),
    ...(beside ? [beside] : []),
    panel({
      id: 'chips',
      title: 'Chips and predictions',
      meaning:
        'How much the other numbers rest on: predictions are the n of the drift score, blanks are not classified.',
      unit: 'count',
      series: [ours('Predictions', 'predictions (n)', of), ours('Chips', 'chips', of), ours('Blanks', 'blanks', of)],
    }),
    panel({
      id: 'blanks',
      title: 'Blank chips',
      meaning: 'Share of the chips with nothing on them: a rise points to a sensor, a download or an export upstream.',
      unit: 'share',
      series: [ours('BlankShare', 'blank', of)],
      levels: blankShareLimit < 1 ? [{ label: 'alarm above', value: blankShareLimit }] : [],
    }),
    ...more,
  ];
}

/** What the values of the source bands say, whatever is predicted. */
function bandPanel(parameters: ObservedParameters, window: Window): ChartPanel {
  const ours = seriesOf(parameters);
  return panelOf(
    parameters,
    window,
  )({
    id: 'band-drift',
    title: 'Furthest source band',
    meaning:
      "The largest distance of any source band's values from the package's profile, of the bands with enough chips for a verdict. Empty where the package has no profile.",
    unit: 'distance',
    series: [ours('BandDrift', 'furthest band', { Window: window })],
    levels: [{ label: 'alarm above', value: parameters.driftThreshold }],
  });
}

/** How far accuracy is from what the package expects, which each sweep says of all days that it has judged. */
function shortfallPanel(parameters: ObservedParameters): ChartPanel {
  const ours = seriesOf(parameters);
  return {
    kind: 'lines',
    id: 'accuracy-shortfall-by-day',
    title: 'Accuracy below what is expected',
    meaning:
      "How far the upper end of the 95 % interval of a day's accuracy lies below what the package expects: above 0, chance does not explain it. Each point is a sweep, and tells of the worst of the days that it has judged, among them those whose truth came late. Empty where the package expects nothing, or nobody says what is true.",
    unit: 'share',
    periodSeconds: DAY,
    series: [ours('AccuracyShortfall', 'below the expected')],
    levels: [{ label: 'alarm above', value: 0 }],
  };
}

/** The charts of a task's own metrics. */
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

/** How a panel of a window's numbers is told apart from the same one of the other window. */
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

function filePanels(parameters: ObservedParameters): Panel[] {
  const { quietDaysLimit } = parameters;
  const ours = seriesOf(parameters);
  const daily = { kind: 'bars', unit: 'count', periodSeconds: DAY, levels: [] } satisfies Partial<ChartPanel>;
  return [
    {
      ...daily,
      id: 'files',
      title: 'Scene files by end state',
      meaning: 'How the files of each closed UTC day ended, counted by the sweep on the day after.',
      series: [ours('FilesOfDay', 'files')],
    },
    {
      ...daily,
      id: 'versions',
      title: 'Predictions by model version',
      meaning:
        'Predictions of a run, by the version that made them: where one ends and another begins, the version changed.',
      periodSeconds: HOUR,
      series: [ours('VersionPredictions', 'version')],
    },
    {
      ...daily,
      id: 'failures',
      title: 'Failed runs and invalid files',
      meaning: 'As many as came within an hour. A failed run may be tried again; an invalid file can never work.',
      periodSeconds: HOUR,
      series: [ours('FailedRuns', 'failed runs'), ours('InvalidFiles', 'invalid files')],
    },
    {
      ...daily,
      kind: 'lines',
      id: 'arrival',
      title: 'Days since the newest file arrived',
      meaning: 'In UTC days, as the sweep finds it; 0 is the day of the sweep.',
      series: [ours('DaysSinceArrival', 'days')],
      levels: quietDaysLimit > 0 ? [{ label: 'alarm from', value: quietDaysLimit }] : [],
    },
    {
      ...daily,
      id: 'sweeps',
      title: 'Daily sweeps',
      meaning:
        '1 for a day on which a sweep came to its end. A gap means that lost events and failed runs were not looked after.',
      series: [ours('Sweeps', 'sweeps')],
    },
  ];
}

function pipelinePanels({
  stage,
  stateMachineArn,
  alarmWebhook,
  arrivalsWindowSeconds,
  timeouts,
  ...parameters
}: ObservedParameters): Panel[] {
  const hourly = { kind: 'lines', unit: 'count', periodSeconds: HOUR, levels: [] } satisfies Partial<ChartPanel>;
  const executions = (name: string, label: string): Series => ({
    metric: { namespace: 'AWS/States', name, dimensions: { StateMachineArn: stateMachineArn } },
    statistic: 'Sum',
    label,
  });
  const eachFunction = (name: string, statistic: Statistic): Series[] =>
    Object.keys(timeouts).map((label) => ({
      metric: { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName(stage, label) } },
      statistic,
      label,
    }));
  const ofQueue = (QueueName: string, name: string, label: string): Series => ({
    metric: { namespace: 'AWS/SQS', name, dimensions: { QueueName } },
    statistic: 'Maximum',
    label,
  });
  const webhook = (name: string, label: string): Series => ({
    metric: { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName(stage, 'webhook') } },
    statistic: 'Sum',
    label,
  });
  return [
    {
      ...hourly,
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
      ...hourly,
      id: 'durations-median',
      title: 'Step durations: median',
      meaning: 'Half of the calls of each function were faster.',
      unit: 'milliseconds',
      series: eachFunction('Duration', 'p50'),
    },
    {
      ...hourly,
      id: 'durations-p95',
      title: 'Step durations: 95th percentile',
      meaning: 'One call in twenty took longer. An alarm tells when that comes near the time-out of a function.',
      unit: 'milliseconds',
      series: eachFunction('Duration', 'p95'),
    },
    {
      ...hourly,
      id: 'errors',
      title: 'Errors of functions',
      meaning: 'Calls that threw an error: invalid files and trouble, each try of a step by itself.',
      series: eachFunction('Errors', 'Sum'),
    },
    {
      ...hourly,
      id: 'throttles',
      title: 'Throttled calls',
      meaning:
        "Calls that Lambda turned away for the account's limit of concurrency; the state machine tries them again.",
      series: eachFunction('Throttles', 'Sum'),
    },
    {
      ...hourly,
      id: 'concurrency',
      title: 'Concurrent calls',
      meaning: 'The most calls of a function that were under way at once.',
      series: eachFunction('ConcurrentExecutions', 'Maximum'),
    },
    ...(alarmWebhook === ''
      ? []
      : [
          {
            ...hourly,
            id: 'webhook',
            title: 'Alarms told to the webhook',
            meaning: 'What came for the webhook, and what of it was given up after three tries.',
            series: [webhook('AsyncEventsReceived', 'received'), webhook('AsyncEventsDropped', 'given up')],
          },
        ]),
    ...(arrivalsWindowSeconds === 0
      ? []
      : [
          {
            ...hourly,
            id: 'arrivals',
            title: 'Seconds that files wait to be gathered',
            meaning:
              'The oldest event in the queue of arrivals. It is there for a window, and longer where it comes again.',
            series: [ofQueue(arrivalsQueue(stage), 'ApproximateAgeOfOldestMessage', 'the oldest')],
            levels: [{ label: 'alarm above', value: arrivalsWindowSeconds + MOST_WAITING_SECONDS }],
          },
        ]),
    ...(hasRequestsQueue(parameters)
      ? [
          {
            ...hourly,
            id: 'requests',
            title: 'Seconds that requests wait',
            meaning: 'The oldest message in the queue of requests: a request, or a note that an answer is due.',
            series: [ofQueue(requestsQueue(stage), 'ApproximateAgeOfOldestMessage', 'the oldest')],
            levels: [{ label: 'alarm above', value: MOST_WAITING_SECONDS }],
          },
        ]
      : []),
    {
      ...hourly,
      id: 'dead-letters',
      title: 'Events and requests that were given up',
      meaning: 'Messages in the dead-letter queue; the sweep finds the files of events as well.',
      series: [ofQueue(deadLetterQueue(stage), 'ApproximateNumberOfMessagesVisible', 'messages')],
    },
  ];
}

/** Of the REST API: what its gateway counts of all requests, and what predict says of those for predictions. */
function onlinePanels({ stage, apiLatencyLimit }: ObservedParameters): Panel[] {
  const hourly = { kind: 'lines', unit: 'count', periodSeconds: HOUR, levels: [] } satisfies Partial<ChartPanel>;
  const ofApi = (name: string, label: string, statistic: Statistic = 'Sum'): Series => ({
    metric: { namespace: 'AWS/ApiGateway', name, dimensions: { ApiName: apiName(stage), Stage: stage } },
    statistic,
    label,
  });
  const ofPredict = (name: string, label: string, statistic: Statistic): Series => ({
    metric: { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName(stage, 'predict') } },
    statistic,
    label,
  });
  const ours = (name: OnlineMetricName, label: string, statistic: Statistic = 'Sum'): Series => {
    const [each] = ofOnline[name].dimensions;
    const metric = { namespace: NAMESPACE, name, dimensions: { Stage: stage } };
    return { metric, statistic, label, ...(each !== undefined && { each }) };
  };
  return [
    {
      ...hourly,
      id: 'api-requests',
      title: 'Requests over HTTP',
      meaning:
        'In an hour, whatever was asked. 4xx is refused, for its key, its limits or its content; 5xx is our failure.',
      series: [ofApi('Count', 'all'), ofApi('4XXError', '4xx'), ofApi('5XXError', '5xx')],
    },
    {
      ...hourly,
      id: 'api-failed',
      title: 'Share of answers over HTTP that fail',
      meaning: 'Share of the requests of five minutes that were answered with 5xx.',
      unit: 'share',
      periodSeconds: SERVICE_LEVELS.failedOfMinutes.seconds,
      series: [ofApi('5XXError', '5xx', 'Average')],
      levels: [{ label: 'alarm above', value: SERVICE_LEVELS.failedOfMinutes.share }],
    },
    {
      ...hourly,
      id: 'api-latency',
      title: 'How long answers over HTTP take',
      meaning:
        'From the whole request at the gateway to its answer, the start of a container included; and within the function alone.',
      unit: 'milliseconds',
      periodSeconds: 5 * MINUTE,
      series: [
        ofApi('Latency', 'median', 'p50'),
        ofApi('Latency', '95th percentile', 'p95'),
        ours('OnlineLatency', 'in the function, 95th percentile', 'p95'),
      ],
      levels: [{ label: 'alarm above', value: apiLatencyLimit }],
    },
    {
      ...hourly,
      id: 'online-requests',
      title: 'Requests for predictions',
      meaning:
        'As predict has answered them, in an hour: all, those that had no answer by their kind, and the first of a container.',
      series: [
        ours('OnlineRequests', 'all'),
        ours('OnlineErrors', 'no answer'),
        ours('OnlineColdStarts', 'first of their container'),
      ],
    },
    {
      ...hourly,
      id: 'online-inputs',
      title: 'Inputs of requests for predictions',
      meaning:
        'In an hour: all, those with an error of their own, those that were converted or not classified, and those whose predictions could not be sent to be counted.',
      series: [
        ours('OnlineInputs', 'all'),
        ours('OnlineInputErrors', 'with an error'),
        ours('OnlineInputWarnings', 'with a warning'),
        ours('OnlineUncounted', 'not counted'),
      ],
    },
    {
      ...hourly,
      id: 'online-batches',
      title: 'Inputs of a batch',
      meaning: 'How many inputs the model was run on together.',
      series: [ours('OnlineBatchSize', 'median', 'p50'), ours('OnlineBatchSize', 'the most', 'Maximum')],
    },
    {
      ...hourly,
      id: 'online-waits',
      title: 'How long inputs wait for their batch',
      meaning:
        'A container has one request at a time, so inputs wait for the batches before them of their own request.',
      unit: 'milliseconds',
      series: [ours('OnlineQueueWait', 'median', 'p50'), ours('OnlineQueueWait', '95th percentile', 'p95')],
    },
    {
      ...hourly,
      id: 'predict-calls',
      title: 'Containers of predict',
      meaning: "The most calls at once, and calls that Lambda turned away for the account's limit of concurrency.",
      series: [ofPredict('ConcurrentExecutions', 'at once', 'Maximum'), ofPredict('Throttles', 'turned away', 'Sum')],
    },
  ];
}

/** Series of our own metrics; a dimension whose value is not given is drawn for each of its values. */
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

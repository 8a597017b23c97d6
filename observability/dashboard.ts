import { type MetricName, metrics, NAMESPACE, type Window } from '../core/metrics.ts';
import { deadLetterQueue, functionName } from './alarms.ts';
import type { ChartPanel, Dashboard, Panel, Series } from './panel.ts';
import type { ObservedParameters } from './parameters.ts';
import type { Statistic } from './readMetrics.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The dashboard, once: CloudFormation deploys it from here and the console draws it from here. The first group answers
 * whether the model still behaves; what follows are details. Our own metrics are gauges, read by their Maximum (a datum
 * that is sent twice doubles a Sum); AWS's counters are exact, read by their Sum.
 */
export function dashboardOf(parameters: ObservedParameters): Dashboard {
  const recent = windowPanels(parameters, 'recent');
  const day = windowPanels(parameters, 'day');
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
        recent.drift,
        recent.classes,
        recent.chips,
        recent.blanks,
        recent.quality,
      ],
    },
    { title: 'Day by day', panels: [day.drift, day.classes, day.chips, day.blanks, day.quality] },
    { title: 'Files and versions', panels: filePanels(parameters) },
    { title: 'The pipeline', panels: pipelinePanels(parameters) },
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

/** The numbers of one window, drawn alike for each. */
function windowPanels(parameters: ObservedParameters, window: Window) {
  const { driftThreshold, driftWindow, blankShareLimit } = parameters;
  const ours = seriesOf(parameters);
  const of = { Window: window };
  const isDay = window === 'day';
  const id = (name: string) => (isDay ? `${name}-by-day` : name);
  const title = (text: string) => (isDay ? `${text} by day` : text);
  const about = isDay
    ? 'Each point is a closed UTC day, published when the sweep has judged it, on the day after.'
    : `About the newest runs of today and yesterday, until they hold ${driftWindow} predictions; published after each run.`;
  const common = { kind: 'lines', periodSeconds: isDay ? DAY : 5 * MINUTE } as const;

  const drift: ChartPanel = {
    ...common,
    id: id('drift'),
    title: title('Prediction drift'),
    meaning: `Distance between the predicted classes and the reference. Above the alarm line the predictions drift; below the noise floor chance explains it all. Where there is too little data for a verdict, drift is left out. ${about}`,
    unit: 'distance',
    series: [ours('Drift', 'drift', of), ours('NoiseFloor', 'noise floor', of, 'reference')],
    levels: [{ label: 'alarm above', value: driftThreshold }],
  };
  const classes: ChartPanel = {
    ...common,
    id: id('classes'),
    title: title('Class shares'),
    meaning: `Each class's share of the predictions, beside its share of the reference. ${about}`,
    unit: 'share',
    series: [ours('ClassShare', 'predicted', of), ours('ReferenceShare', 'reference', of, 'reference')],
    levels: [],
  };
  const chips: ChartPanel = {
    ...common,
    id: id('chips'),
    title: title('Chips and predictions'),
    meaning: `How much the other numbers rest on: predictions are the n of the drift score, blanks are not classified. ${about}`,
    unit: 'count',
    series: [ours('Predictions', 'predictions (n)', of), ours('Chips', 'chips', of), ours('Blanks', 'blanks', of)],
    levels: [],
  };
  const blanks: ChartPanel = {
    ...common,
    id: id('blanks'),
    title: title('Blank chips'),
    meaning: `Share of the chips with nothing on them: a rise points to a sensor, a download or an export upstream. ${about}`,
    unit: 'share',
    series: [ours('BlankShare', 'blank', of)],
    levels: blankShareLimit < 1 ? [{ label: 'alarm above', value: blankShareLimit }] : [],
  };
  const quality: ChartPanel = {
    ...common,
    id: id('quality'),
    title: title('How sure the model is'),
    meaning: `The mean probability of the predicted classes, the share of the most common class, and the share of chips whose outputs were no numbers. A fall of the first or a rise of the others tells of new kinds of images. ${about}`,
    unit: 'share',
    series: [
      ours('MeanProbability', 'mean probability', of),
      ours('MostCommonShare', 'most common class', of),
      ours('MissingShare', 'missing', of),
    ],
    levels: [],
  };
  return { drift, classes, chips, blanks, quality };
}

function filePanels(parameters: ObservedParameters): Panel[] {
  const { quietDaysLimit } = parameters;
  const ours = seriesOf(parameters);
  return [
    {
      kind: 'bars',
      id: 'files',
      title: 'Scene files by end state',
      meaning: 'How the files of each closed UTC day ended, counted by the sweep on the day after.',
      unit: 'count',
      periodSeconds: DAY,
      series: [ours('FilesOfDay', 'files')],
      levels: [],
    },
    {
      kind: 'bars',
      id: 'versions',
      title: 'Predictions by model version',
      meaning:
        'Predictions of a run, by the version that made them: where one ends and another begins, the version changed.',
      unit: 'count',
      periodSeconds: HOUR,
      series: [ours('VersionPredictions', 'version')],
      levels: [],
    },
    {
      kind: 'bars',
      id: 'troubles',
      title: 'Failed runs and invalid files',
      meaning: 'As many as came within an hour. A failed run may be tried again; an invalid file can never work.',
      unit: 'count',
      periodSeconds: HOUR,
      series: [ours('FailedRuns', 'failed runs'), ours('InvalidFiles', 'invalid files')],
      levels: [],
    },
    {
      kind: 'lines',
      id: 'arrival',
      title: 'Days since the newest file arrived',
      meaning: 'In UTC days, as the sweep finds it; 0 is the day of the sweep.',
      unit: 'count',
      periodSeconds: DAY,
      series: [ours('DaysSinceArrival', 'days')],
      levels: quietDaysLimit > 0 ? [{ label: 'alarm from', value: quietDaysLimit }] : [],
    },
    {
      kind: 'bars',
      id: 'sweeps',
      title: 'Daily sweeps',
      meaning:
        '1 for a day on which a sweep came to its end. A gap means that lost events and failed runs were not looked after.',
      unit: 'count',
      periodSeconds: DAY,
      series: [ours('Sweeps', 'sweeps')],
      levels: [],
    },
  ];
}

function pipelinePanels({ stage, stateMachineArn, timeouts }: ObservedParameters): Panel[] {
  const common: Pick<ChartPanel, 'kind' | 'periodSeconds' | 'levels'> = {
    kind: 'lines',
    periodSeconds: HOUR,
    levels: [],
  };
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
  return [
    {
      ...common,
      id: 'executions',
      title: 'Executions',
      meaning: 'Runs of the state machine in an hour. One that ends as invalid or failed counts as failed here.',
      unit: 'count',
      series: [
        executions('ExecutionsStarted', 'started'),
        executions('ExecutionsSucceeded', 'succeeded'),
        executions('ExecutionsFailed', 'failed'),
        executions('ExecutionsTimedOut', 'timed out'),
      ],
    },
    {
      ...common,
      id: 'durations-median',
      title: 'Step durations: median',
      meaning: 'Half of the calls of each function were faster.',
      unit: 'milliseconds',
      series: eachFunction('Duration', 'p50'),
    },
    {
      ...common,
      id: 'durations-p95',
      title: 'Step durations: 95th percentile',
      meaning: 'One call in twenty took longer. An alarm tells when that comes near the time-out of a function.',
      unit: 'milliseconds',
      series: eachFunction('Duration', 'p95'),
    },
    {
      ...common,
      id: 'errors',
      title: 'Errors of functions',
      meaning: 'Calls that threw an error: invalid files and trouble, each try of a step by itself.',
      unit: 'count',
      series: eachFunction('Errors', 'Sum'),
    },
    {
      ...common,
      id: 'throttles',
      title: 'Throttled calls',
      meaning:
        "Calls that Lambda turned away for the account's limit of concurrency; the state machine tries them again.",
      unit: 'count',
      series: eachFunction('Throttles', 'Sum'),
    },
    {
      ...common,
      id: 'concurrency',
      title: 'Concurrent calls',
      meaning: 'The most calls of a function that were under way at once.',
      unit: 'count',
      series: eachFunction('ConcurrentExecutions', 'Maximum'),
    },
    {
      ...common,
      id: 'dead-letters',
      title: 'Events that could not be delivered',
      meaning: 'Messages in the dead-letter queue; the sweep finds their files as well.',
      unit: 'count',
      series: [
        {
          metric: {
            namespace: 'AWS/SQS',
            name: 'ApproximateNumberOfMessagesVisible',
            dimensions: { QueueName: deadLetterQueue(stage) },
          },
          statistic: 'Maximum',
          label: 'messages',
        },
      ],
    },
  ];
}

/** Series of our own metrics; a dimension whose value is not given is drawn for each of its values. */
function seriesOf({ stage, modelName }: ObservedParameters) {
  return (name: MetricName, label: string, given: Record<string, string> = {}, role?: 'reference'): Series => {
    const known: Record<string, string> = { Model: modelName, ...given };
    const dimensions: Record<string, string> = { Stage: stage };
    let each: string | undefined;
    for (const dimension of metrics[name].dimensions) {
      const value = known[dimension];
      if (value === undefined) each = dimension;
      else dimensions[dimension] = value;
    }
    return {
      metric: { namespace: NAMESPACE, name, dimensions },
      statistic: 'Maximum',
      label,
      ...(each !== undefined && { each }),
      ...(role === 'reference' && { isReference: true }),
    };
  };
}

import { gradualThreshold, NAMESPACE } from '../core/metrics/metrics.ts';
import written from './alarms.json' with { type: 'json' };
import type { ObservedParameters } from './parameters.ts';
import type { MetricId, Statistic } from './readMetrics.ts';
import { SERVICE_LEVELS, shareInWords } from './serviceLevels.ts';

/**
 * Defines every alarm once, for CloudFormation, the embedded stack, the console and docs/runbook.md. Each uses a single metric,
 * without metric math, because it must work in all of them.
 */
export type Alarm = {
  id: string;
  title: string;
  metric: MetricId;
  statistic: Statistic;
  periodSeconds: number;
  /** ALARM when this many of the last `evaluationPeriods` periods are beyond the threshold. */
  datapointsToAlarm: number;
  evaluationPeriods: number;
  comparison: 'GreaterThanThreshold' | 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold';
  threshold: number;
  missing: 'breaching' | 'notBreaching' | 'ignore';
  meaning: string;
  firstStep: string;
  /** The console page about it, after `#/`, and its name; null for the overview. */
  page: { path: string; name: string } | null;
  /** The command that serves the console. */
  console: string;
  /** Whether an e-mail also reports the end: not if that only means that an hour has passed. */
  tellsWhenOver: boolean;
  isOn: boolean;
};

/** What alarms.json has of an alarm: its words, of what its metric is (see `metricOf`), and the page about it. */
type Written = Pick<Alarm, 'title' | 'meaning' | 'firstStep'> & { of: string; metric: string; page?: Alarm['page'] };

const MINUTE = 60;
const HOUR = 3600;

/** A function that takes more than this share of its time-out is too close to it. */
const NEAR_TIMEOUT = 0.8;
/** One sweep a day, plus two hours for a late one. */
const SWEEP_HOURS = 26;
/** The embedded stack's stage name: its commands name no stage. */
export const LAPTOP = 'local';
/**
 * The name of one of a stage's queues: of arrivals, of requests, of answered predictions and truths (if a REST API or a server sends
 * any), and of dead letters, which on a laptop are only requests.
 */
export const queueName = (stage: string, queue: 'arrivals' | 'requests' | 'counts' | 'dead-letters'): string =>
  `swath-${stage}-${queue}`;
export const hasCountsQueue = ({ serverRoles, api }: Pick<ObservedParameters, 'serverRoles' | 'api'>): boolean =>
  serverRoles !== '' || api === 'true';
/** A message that waits longer than the window plus this time is stuck. */
export const MOST_WAITING_SECONDS = 15 * MINUTE;

/** The alarm on the webhook itself, which is not posted to the webhook: each failure would cause another one. */
export const WEBHOOK_ALARM = 'webhook';

/** On a laptop, there is nothing to put back. */
const LETTERS_ON_LAPTOP =
  'read the reason in the files of queues/dead-letters in the data folder, and send a corrected request.';

export const runbookSection = (id: string): string => `docs/runbook.md#${id}`;

/** Where that section is to be read: in the console, if it is running. */
export const runbookPlace = (id: string, url?: string): string =>
  url === undefined ? runbookSection(id) : `${url}#/runbook/${encodeURIComponent(id)}`;

/** The address of a stage's dashboard in CloudWatch. Its name contains the region, because an account's dashboards share names. */
export const dashboardUrl = (stage: string, region: string): string =>
  `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboardName(stage, region)}`;
export const dashboardName = (stage: string, region: string): string => `swath-${stage}-${region}`;

export const alarmName = (stage: string, id: string): string => `swath-${stage}-${id}`;

/**
 * Describes an alarm for CloudWatch and e-mails: what it means, what to do first, where to look and to read on.
 *
 * @param url the console's address; without it, the text names the command that serves it
 */
export function describeAlarm(alarm: Alarm, url?: string): string {
  const { id, meaning, firstStep } = alarm;
  return `${meaning} First: ${firstStep} Console: ${consolePlace(alarm, url)}. Runbook: ${runbookPlace(id, url)}`;
}

/** Where the console shows what an alarm is about: its address, if it is running, or the command that serves it. */
export function consolePlace({ page, console }: Alarm, url?: string): string {
  const path = page === null ? '' : `#/${page.path}`;
  if (url !== undefined) return `${url}${path}`;
  return path === '' ? console : `${console}, then ${path} at its address`;
}

/**
 * Functions with an alarm close to their time-out. The others do not need one: discover ends a call in time and continues in
 * another one, drift leaves days in time to the next sweep, `no-sweep` covers a report that does not end, and settle runs where runs fail.
 */
const WITHOUT_ANOTHER_WORD: readonly string[] = ['preprocess', 'infer', 'mosaic'];

export function alarmsOf(parameters: ObservedParameters): Alarm[] {
  const { stage, driftThreshold, blankShareLimit, accuracyLimit, quietDaysLimit } = parameters;
  const { alarmWebhook, arrivalsWindowSeconds, apiLatencyLimit, timeouts } = parameters;
  const hasApi = parameters.api === 'true';
  const { failedOfDay, failedOfMinutes, fast } = SERVICE_LEVELS;
  const gradual = gradualThreshold(driftThreshold);
  const quietDays = Math.max(1, quietDaysLimit);
  const swath = (command: string) => `npx swath ${command}${stage === LAPTOP ? '' : ` --stage ${stage}`}`;
  const percent = (share: number) => `${Math.round(share * 100)} %`;

  /** What alarms.json has of an alarm; in its words, `{swath …}` is a command of the stage, and `{name}` one of the values or parameters. */
  function own(id: keyof typeof written, values: Record<string, unknown> = {}) {
    const named: Record<string, unknown> = { ...parameters, ...values };
    const filled = (text: string) =>
      text.replaceAll(/\{(swath )?(.+?)\}/g, (_, isCommand, name) => (isCommand ? swath(name) : String(named[name])));
    const { title, meaning, firstStep, of, metric, page = null }: Written = written[id];
    const words = { title: filled(title), meaning: filled(meaning), firstStep: filled(firstStep) };
    return { id, ...words, page, metric: metricOf(parameters, of, metric) };
  }

  /** The defaults of an alarm: a single occurrence sets it off, and missing data is good news. */
  const usual = {
    statistic: 'Maximum',
    periodSeconds: 5 * MINUTE,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold: 1,
    missing: 'notBreaching',
    console: swath('console'),
    tellsWhenOver: true,
    isOn: true,
  } as const;

  /** An alarm on an event: it lasts an hour, and another event within that hour sends no second e-mail. */
  const withinAnHour = { ...usual, evaluationPeriods: 12, tellsWhenOver: false };

  const above = { ...usual, comparison: 'GreaterThanThreshold' } as const;

  /** An alarm on a number that is published with each run: it holds until the next one. */
  const untilToldOtherwise = {
    ...above,
    periodSeconds: MINUTE, // the highest value of a period counts; if the last one differs, functions/drift/recent/lastWord.ts publishes it again
    missing: 'ignore', // without new files the last verdict holds
  } as const;

  /** Of errors of the REST API, the average is their share. */
  const failedAnswers = ({ share, seconds }: { share: number; seconds: number }) =>
    ({ ...above, statistic: 'Average', periodSeconds: seconds, threshold: share, isOn: hasApi }) as const;

  /** An alarm on the oldest message in a queue that collect empties. */
  const waits = { ...above, threshold: MOST_WAITING_SECONDS };
  const minutes = MOST_WAITING_SECONDS / MINUTE;

  return [
    { ...untilToldOtherwise, ...own('drift'), threshold: driftThreshold },
    { ...untilToldOtherwise, ...own('band-drift'), threshold: driftThreshold },
    { ...untilToldOtherwise, ...own('gradual-drift', { threshold: gradual }), threshold: gradual },
    {
      ...untilToldOtherwise,
      ...own('blanks', { share: percent(blankShareLimit) }),
      threshold: blankShareLimit,
      isOn: blankShareLimit < 1,
    },
    {
      ...untilToldOtherwise,
      ...own('accuracy', { share: percent(accuracyLimit) }),
      comparison: 'LessThanThreshold',
      threshold: accuracyLimit,
      isOn: accuracyLimit > 0,
    },
    {
      ...untilToldOtherwise,
      ...own('accuracy-below'),
      threshold: 0,
      isOn: accuracyLimit > 0 || parameters.expectedAccuracyAlarm === 'true' || stage === LAPTOP, // where an alarm costs nothing
    },
    { ...withinAnHour, ...own('failed-runs') },
    { ...withinAnHour, ...own('invalid-files') },
    // SQS stops publishing for a queue that has been empty for hours.
    { ...usual, ...own('dead-letters'), ...(stage === LAPTOP && { firstStep: LETTERS_ON_LAPTOP }) },
    {
      ...waits,
      ...own('arrivals', { minutes }),
      threshold: arrivalsWindowSeconds + MOST_WAITING_SECONDS,
      isOn: arrivalsWindowSeconds > 0,
    },
    { ...waits, ...own('requests', { minutes }), isOn: parameters.requests === 'true' && stage !== LAPTOP },
    { ...waits, ...own('counts', { minutes }), isOn: hasCountsQueue(parameters) && stage !== LAPTOP },
    {
      ...failedAnswers(failedOfMinutes),
      ...own('api-errors', { share: shareInWords(failedOfMinutes.share), minutes: failedOfMinutes.seconds / MINUTE }),
    },
    {
      ...failedAnswers(failedOfDay),
      ...own('api-errors-of-day', {
        share: shareInWords(failedOfDay.share),
        level: shareInWords(1 - failedOfDay.share),
        requests: (1 / failedOfDay.share).toLocaleString('en-US'),
      }),
    },
    {
      ...above,
      ...own('api-slow', { percent: 100 - fast.percentile }),
      statistic: `p${fast.percentile}`,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      threshold: apiLatencyLimit,
      isOn: hasApi,
    },
    { ...withinAnHour, ...own('api-throttles'), statistic: 'Sum', isOn: hasApi },
    { ...withinAnHour, ...own('api-uncounted'), statistic: 'Sum', isOn: hasApi },
    {
      ...usual,
      ...own('no-sweep', { hours: SWEEP_HOURS }),
      periodSeconds: HOUR, // with shorter periods, an alarm cannot look back further than a day
      evaluationPeriods: SWEEP_HOURS,
      datapointsToAlarm: SWEEP_HOURS,
      comparison: 'LessThanThreshold',
      missing: 'breaching', // a sweep that does not run publishes nothing
    },
    {
      ...usual,
      ...own('nothing-arrived', { days: quietDays }),
      periodSeconds: HOUR,
      threshold: quietDays,
      missing: 'ignore', // published once a day: in between, the last sweep's value holds
      isOn: quietDaysLimit > 0,
    },
    {
      // One for each message that is given up, after Lambda's retries: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
      ...{ ...withinAnHour, statistic: 'Sum' },
      ...own(WEBHOOK_ALARM, { parameter: alarmWebhook || 'that alarmWebhook names' }),
      isOn: alarmWebhook !== '',
    },
    ...Object.entries(timeouts)
      .filter(([name]) => WITHOUT_ANOTHER_WORD.includes(name))
      .map(
        ([name, seconds]): Alarm => ({
          ...above, // a function that is not called is not slow
          ...own('slow', { name, seconds, share: percent(NEAR_TIMEOUT) }),
          id: `slow-${name}`,
          metric: metricOf(parameters, name, 'Duration'),
          statistic: 'p95',
          threshold: seconds * 1000 * NEAR_TIMEOUT,
        }),
      ),
  ];
}

/** The dimensions beside the stage of a metric of ours. */
const dimensionsOf = (modelName: string): Record<string, Record<string, string>> => ({
  stage: {},
  model: { Model: modelName },
  recent: { Model: modelName, Window: 'recent' },
});

const QUEUES: readonly string[] = ['arrivals', 'requests', 'counts', 'dead-letters'];

/** A metric of the stage, of the model or its window `recent`; or one of AWS, of the executions, the REST API, a queue or a function. */
export function metricOf(parameters: ObservedParameters, of: string, name: string): MetricId {
  const { stage, modelName, stateMachineArn } = parameters;
  const ours = dimensionsOf(modelName)[of];
  if (ours !== undefined) return { namespace: NAMESPACE, name, dimensions: { Stage: stage, ...ours } };
  if (of === 'executions') return { namespace: 'AWS/States', name, dimensions: { StateMachineArn: stateMachineArn } };
  if (of === 'api')
    return { namespace: 'AWS/ApiGateway', name, dimensions: { ApiName: `swath-${stage}`, Stage: stage } };
  if (QUEUES.includes(of))
    return { namespace: 'AWS/SQS', name, dimensions: { QueueName: queueName(stage, of as 'requests') } };
  return { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName(stage, of) } };
}

export const functionName = (stage: string, name: string): string => `swath-${stage}-${name}`;

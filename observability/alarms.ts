import { gradualThreshold, type MetricName, NAMESPACE } from '../core/metrics/metrics.ts';
import type { OnlineMetricName } from '../core/metrics/onlineMetrics.ts';
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
  page: AlarmPage | null;
  /** The command that serves the console. */
  console: string;
  /** Whether an e-mail also reports the end: not if that only means that an hour has passed. */
  tellsWhenOver: boolean;
  isOn: boolean;
};

export type AlarmPage = { path: string; name: string };

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
  const { stage, modelName, driftThreshold, driftWindow, blankShareLimit, accuracyLimit, quietDaysLimit } = parameters;
  const { alarmWebhook, arrivalsWindowSeconds, apiLatencyLimit, timeouts } = parameters;
  const hasApi = parameters.api === 'true';
  const ours = (
    name: MetricName | OnlineMetricName | 'Accuracy',
    dimensions: Record<string, string> = {},
  ): MetricId => ({ namespace: NAMESPACE, name, dimensions: { Stage: stage, ...dimensions } });
  const { failedOfDay, failedOfMinutes, fast } = SERVICE_LEVELS;
  const recent = { Model: modelName, Window: 'recent' };
  const swath = (command: string) => `npx swath ${command}${stage === LAPTOP ? '' : ` --stage ${stage}`}`;
  const percent = (share: number) => `${Math.round(share * 100)} %`;

  /** The defaults of an alarm: a single occurrence sets it off, and missing data is good news. */
  const usual = {
    statistic: 'Maximum',
    periodSeconds: 5 * MINUTE,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold: 1,
    missing: 'notBreaching',
    page: null,
    console: swath('console'),
    tellsWhenOver: true,
    isOn: true,
  } as const;

  /** An alarm on an event: it lasts an hour, and another event within that hour sends no second e-mail. */
  const withinAnHour = { ...usual, evaluationPeriods: 12, tellsWhenOver: false };

  /** An alarm on a number that is published with each run: it holds until the next one. */
  const untilToldOtherwise = {
    ...usual,
    periodSeconds: MINUTE, // the highest value of a period counts; if the last one differs, functions/drift/recent/lastWord.ts publishes it again
    comparison: 'GreaterThanThreshold',
    missing: 'ignore', // without new files the last verdict holds
  } as const;

  const readPredict = `read the log of predict (${swath('logs --function predict --since 2h')})`;
  const failedAnswers = {
    ...usual,
    metric: ofApi(stage, '5XXError'),
    statistic: 'Average', // of its errors, the average is their share
    comparison: 'GreaterThanThreshold',
    isOn: hasApi,
  } as const;

  /** An alarm on the oldest message in a queue that collect empties. */
  const waits = (queue: string) =>
    ({
      ...usual,
      metric: ofQueue(queue, 'ApproximateAgeOfOldestMessage'),
      comparison: 'GreaterThanThreshold',
      threshold: MOST_WAITING_SECONDS,
      firstStep: `read why in the log of collect (${swath('logs --function collect --since 2h')}): it says what it refused, and why.`,
    }) as const;

  return [
    {
      ...untilToldOtherwise,
      id: 'drift',
      title: 'Predictions drift',
      metric: ours('Drift', recent),
      threshold: driftThreshold,
      meaning: `Recent predictions differ from the reference by more than ${driftThreshold} (Jensen-Shannon distance), and by more than chance explains; of predicted numbers, also if their mean is off by 0.3 standard deviations. The window is the newest runs of today and yesterday, as many as it takes to hold ${driftWindow} predictions.`,
      firstStep: `hold back maps made since then; see what moved most, and in which file (${swath('report --day today')}), and look at the chips.`,
      page: { path: 'drift', name: 'The drift of each day' },
    },
    {
      ...untilToldOtherwise,
      id: 'band-drift',
      title: 'A source band drifts',
      metric: ours('BandDrift', recent),
      threshold: driftThreshold,
      meaning: `In at least one source band, recent chips differ from the package's profile by more than is allowed, and by more than chance explains: their values by more than ${driftThreshold} (Jensen-Shannon distance), their mean by more than 0.3 standard deviations, or by more than 10 % from what the other bands let expect. A package without a profile never raises this alarm.`,
      firstStep: `see which source band moved most, and in which file (${swath('report --day today')}), and the others on the console's Drift page: one band alone points to the instrument or its processing, all bands together point to the scenes.`,
      page: { path: 'drift', name: 'The drift of each day' },
    },
    {
      ...untilToldOtherwise,
      id: 'gradual-drift',
      title: 'Predictions drift gradually',
      metric: ours('GradualDrift', { Model: modelName }),
      threshold: gradualThreshold(driftThreshold),
      meaning: `The average of many days, in which each weighs 15 % less than the next one, has moved away from the reference by more than ${gradualThreshold(driftThreshold)} (Jensen-Shannon distance), and by more than chance explains, although no single day drifts.`,
      firstStep: `compare the predictions of this week with those of last month (${swath('report')}, and the console's Drift page): a model ages with the land, the season and the sensor.`,
      page: { path: 'drift?days=90', name: 'The drift of each day' },
    },
    {
      ...untilToldOtherwise,
      id: 'blanks',
      title: 'Too many blank chips',
      metric: ours('BlankShare', recent),
      threshold: blankShareLimit,
      meaning: `More than ${percent(blankShareLimit)} of recent chips are blank, so they were not classified.`,
      firstStep: 'look at the newest files: a sensor, a download or an export upstream may be delivering empty images.',
      page: { path: 'runs?sort=blank&descending=true', name: 'The runs with the most blank chips' },
      isOn: blankShareLimit < 1,
    },
    {
      ...untilToldOtherwise,
      id: 'accuracy',
      title: 'Too many predictions are wrong',
      metric: ours('Accuracy', recent),
      comparison: 'LessThanThreshold',
      threshold: accuracyLimit,
      meaning: `Of the recent predictions whose truth is known, less than ${percent(accuracyLimit)} are right.`,
      firstStep:
        "look at the confusion matrix in the day's report, and hold back maps made since then; check that the labels of the newest files mean the same as the model's classes.",
      isOn: accuracyLimit > 0,
    },
    {
      ...untilToldOtherwise,
      id: 'accuracy-below',
      title: 'Accuracy is below what the package expects',
      metric: ours('AccuracyShortfall', { Model: modelName }),
      threshold: 0,
      meaning:
        "On a day judged by the newest sweep that knew any truth, the accuracy of the day, or of one of its segments (swath:segments), lies below what the model's package expects (swath:expected_accuracy) by more than chance explains. Days judged again because their truth came late are included. A package without an expectation never raises this alarm.",
      firstStep:
        "open the console's Drift page to see which day it is and which predictions were wrong; hold back that day's maps, and check that the truth is defined as the model defines it.",
      page: { path: 'drift', name: 'The accuracy of each day' },
      isOn: accuracyLimit > 0 || parameters.expectedAccuracyAlarm === 'true' || stage === LAPTOP, // where an alarm costs nothing
    },
    {
      ...withinAnHour,
      id: 'failed-runs',
      title: 'Runs failed',
      metric: ours('FailedRuns'),
      meaning: 'At least one run failed within the last hour. Its file is safe in the inbox.',
      firstStep: `read its error in the ledger (${swath('runs --state FAILED')}). While the run has attempts left, the next sweep retries it; after that, it is retried only if you ask for it (${swath('retry RUN')}).`,
      page: { path: 'runs?state=FAILED', name: 'The failed runs' },
    },
    {
      ...withinAnHour,
      id: 'invalid-files',
      title: 'Invalid files',
      metric: ours('InvalidFiles'),
      meaning:
        'At least one file that arrived within the last hour can never be classified. Other files are not affected.',
      firstStep: `read what is wrong with it (${swath('runs --state INVALID')}), and ask the sender for a corrected file.`,
      page: { path: 'runs?state=INVALID', name: 'The invalid files' },
    },
    {
      ...usual, // SQS stops publishing for a queue that has been empty for hours
      id: 'dead-letters',
      title: 'Events or requests were given up',
      metric: ofQueue(queueName(stage, 'dead-letters'), 'ApproximateNumberOfMessagesVisible'),
      meaning:
        'At least one event could not be delivered or processed, or one request could not be accepted or answered. Others are not affected. The sweep also finds the files of such events, at most a day later.',
      firstStep:
        stage === LAPTOP
          ? 'read the reason in the files of queues/dead-letters in the data folder, and send a corrected request.'
          : `list the messages with their reasons (${swath('redrive --dry-run')}); fix the cause, then put them back (${swath('redrive')}). If a request can never be accepted, ask its sender for a corrected one.`,
    },
    {
      ...waits(queueName(stage, 'arrivals')),
      id: 'arrivals',
      title: 'Files wait to be gathered',
      threshold: arrivalsWindowSeconds + MOST_WAITING_SECONDS,
      meaning: `An event has been in the arrivals queue for more than ${MOST_WAITING_SECONDS / MINUTE} minutes beyond its window. The sweep also finds its file, at most a day later.`,
      isOn: arrivalsWindowSeconds > 0,
    },
    {
      ...waits(queueName(stage, 'requests')),
      id: 'requests',
      title: 'Requests wait to be taken',
      meaning: `A request, or a note that an answer is due, has been in the requests queue for more than ${MOST_WAITING_SECONDS / MINUTE} minutes. Nothing is lost while it is in the queue.`,
      isOn: parameters.requests === 'true' && stage !== LAPTOP,
    },
    {
      ...waits(queueName(stage, 'counts')),
      id: 'counts',
      title: 'Answered predictions wait to be counted',
      meaning: `Predictions answered over HTTP, or truths, have been in the queue of what is counted for more than ${MOST_WAITING_SECONDS / MINUTE} minutes. Nothing is lost while they are in the queue.`,
      isOn: hasCountsQueue(parameters) && stage !== LAPTOP,
    },
    {
      ...failedAnswers,
      id: 'api-errors',
      title: 'Answers over HTTP fail',
      periodSeconds: failedOfMinutes.seconds,
      threshold: failedOfMinutes.share,
      meaning: `More than ${shareInWords(failedOfMinutes.share)} of the HTTP requests within ${failedOfMinutes.seconds / MINUTE} minutes were answered with 5xx: an internal error, or no answer in time.`,
      firstStep: `${readPredict}; GET /healthz says what is wrong with the live model. If a version was just promoted, roll back (${swath('model rollback')}).`,
    },
    {
      ...failedAnswers,
      id: 'api-errors-of-day',
      title: 'Too many answers over HTTP failed within a day',
      periodSeconds: failedOfDay.seconds,
      threshold: failedOfDay.share,
      meaning: `More than ${shareInWords(failedOfDay.share)} of the HTTP requests within a day were answered with 5xx; the service level is ${shareInWords(1 - failedOfDay.share)} answered. On a day with fewer than ${(1 / failedOfDay.share).toLocaleString('en-US')} requests, a single failure raises this alarm.`,
      firstStep: `${readPredict} for requests with a status of 500 or more; each line says why.`,
    },
    {
      ...usual,
      id: 'api-slow',
      title: 'Answers over HTTP are slow',
      metric: ofApi(stage, 'Latency'),
      statistic: `p${fast.percentile}`,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      comparison: 'GreaterThanThreshold',
      threshold: apiLatencyLimit,
      meaning: `For 15 minutes, more than ${100 - fast.percentile} % of the HTTP requests have waited longer than ${apiLatencyLimit} ms (apiLatencyLimit) for their answers.`,
      firstStep: `check on the dashboard whether requests have grown or start containers (OnlineColdStarts), and ${readPredict} for the slow ones. Raise predictMemory, keep containers warm with provisionedConcurrency or, if the latency is acceptable, raise apiLatencyLimit.`,
      isOn: hasApi,
    },
    {
      ...withinAnHour,
      id: 'api-throttles',
      title: 'Requests over HTTP were throttled',
      metric: ofFunction(stage, 'predict', 'Throttles'),
      statistic: 'Sum',
      meaning:
        'Within the last hour, Lambda rejected calls of predict because the account had reached its concurrency quota; the callers got a 5xx answer.',
      firstStep:
        "compare the concurrent calls on the dashboard with the account's quota, and request a larger quota; or lower apiRate and apiBurst, so that the gateway rejects the excess with 429.",
      isOn: hasApi,
    },
    {
      ...withinAnHour,
      id: 'api-uncounted',
      title: 'Predictions over HTTP are not counted',
      metric: ours('OnlineUncounted'),
      statistic: 'Sum',
      meaning:
        'Within the last hour, predictions that were answered over HTTP could not be sent to be counted: drift, reports and tables lack them. The answers are not affected.',
      firstStep: `read why in the log of predict (${swath('logs --function predict --since 2h')}): its predict.uncounted lines name the request and the error.`,
      isOn: hasApi,
    },
    {
      ...usual,
      id: 'no-sweep',
      title: 'The daily sweep did not run',
      metric: ours('Sweeps'),
      periodSeconds: HOUR, // with shorter periods, an alarm cannot look back further than a day
      evaluationPeriods: SWEEP_HOURS,
      datapointsToAlarm: SWEEP_HOURS,
      comparison: 'LessThanThreshold',
      missing: 'breaching', // a sweep that does not run publishes nothing
      meaning: `No sweep has finished for ${SWEEP_HOURS} hours: nothing picks up lost events, failed runs and closed days. A first deployment counts as a sweep, and ends with one.`,
      firstStep:
        "look at the newest execution of the state machine that the schedule's event started, and at its error.",
    },
    {
      ...usual,
      id: 'nothing-arrived',
      title: 'Nothing arrived',
      metric: ours('DaysSinceArrival'),
      periodSeconds: HOUR,
      threshold: Math.max(1, quietDaysLimit),
      missing: 'ignore', // published once a day: in between, the last sweep's value holds
      meaning: `No new scene file has arrived for ${Math.max(1, quietDaysLimit)} days.`,
      firstStep: 'ask whoever delivers the scenes, and check that they write to the inbox bucket.',
      page: { path: 'runs?sort=claimedAt&descending=true', name: 'The newest runs' },
      isOn: quietDaysLimit > 0,
    },
    {
      ...withinAnHour,
      id: WEBHOOK_ALARM,
      title: 'An alarm did not reach the webhook',
      // One for each message that is given up, after Lambda's retries: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
      metric: ofFunction(stage, 'webhook', 'AsyncEventsDropped'),
      statistic: 'Sum',
      meaning:
        'Within the last hour, at least one alarm message did not reach the webhook in three attempts. This alarm is not posted there; the e-mail, the console and the dashboard show it.',
      firstStep: `read why (${swath('logs --function webhook --since 2h')}), and check which alarms are on (${swath('doctor')}). If the webhook was removed or renewed, put the new address into the SSM parameter ${alarmWebhook || 'that alarmWebhook names'}; no deployment is needed.`,
      isOn: alarmWebhook !== '',
    },
    ...Object.entries(timeouts)
      .filter(([name]) => WITHOUT_ANOTHER_WORD.includes(name))
      .map(
        ([name, seconds]): Alarm => ({
          ...usual, // a function that is not called is not slow
          id: `slow-${name}`,
          title: `${name} is near its timeout`,
          metric: ofFunction(stage, name, 'Duration'),
          statistic: 'p95',
          comparison: 'GreaterThanThreshold',
          threshold: seconds * 1000 * NEAR_TIMEOUT,
          meaning: `The slowest 5 % of the calls of ${name} take more than ${percent(NEAR_TIMEOUT)} of its timeout of ${seconds} s; Lambda ends a call that reaches the timeout.`,
          firstStep: `check the step durations, and whether files or the number of runs have grown; raise the parameters ${name}Timeout and ${name}Memory.`,
          page: { path: 'runs?sort=seconds&descending=true', name: 'The slowest runs' },
        }),
      ),
  ];
}

/** A metric of AWS, of a queue, a function or the REST API. */
export function ofQueue(QueueName: string, name: string): MetricId {
  return { namespace: 'AWS/SQS', name, dimensions: { QueueName } };
}

export function ofFunction(stage: string, one: string, name: string): MetricId {
  return { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName(stage, one) } };
}

export function ofApi(stage: string, name: string): MetricId {
  return { namespace: 'AWS/ApiGateway', name, dimensions: { ApiName: `swath-${stage}`, Stage: stage } };
}

export const functionName = (stage: string, name: string): string => `swath-${stage}-${name}`;

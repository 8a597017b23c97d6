import { type MetricName, NAMESPACE } from '../core/metrics.ts';
import type { OnlineMetricName } from '../core/onlineMetrics.ts';
import type { ObservedParameters } from './parameters.ts';
import type { MetricId, Statistic } from './readMetrics.ts';
import { SERVICE_LEVELS, shareInWords } from './serviceLevels.ts';

/**
 * Every alarm, once: CloudFormation deploys them from here, the embedded stack evaluates them from here, and the console
 * and docs/runbook.md show them from here. Each one looks at a single metric, without metric math: it must work
 * everywhere.
 */
export type Alarm = {
  id: string;
  title: string;
  metric: MetricId;
  statistic: Statistic;
  periodSeconds: number;
  /** ALARM when so many of the last `evaluationPeriods` periods are beyond the threshold. */
  datapointsToAlarm: number;
  evaluationPeriods: number;
  comparison: 'GreaterThanThreshold' | 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold';
  threshold: number;
  missing: 'breaching' | 'notBreaching' | 'ignore';
  /** What it means, in a sentence or two. */
  meaning: string;
  /** What to do first. */
  firstStep: string;
  /** The page of the console that shows what it is about, behind `#/`, and what that is called; null where the overview does. */
  page: AlarmPage | null;
  /** The command that serves the console. */
  console: string;
  /** Whether an e-mail also tells that it is over: not where that only means that an hour went by. */
  tellsWhenOver: boolean;
  isOn: boolean;
};

export type AlarmPage = { path: string; name: string };

const MINUTE = 60;
const HOUR = 3600;

/** Beyond this share of its time-out, a function is too near to it. */
const NEAR_TIMEOUT = 0.8;
/** A sweep a day, and two hours for a late one. */
const SWEEP_HOURS = 26;
/** What the embedded stack calls itself: its commands name no stage. */
export const LAPTOP = 'local';
/** The queue for all that is given up; on a laptop, requests alone. */
export const deadLetterQueue = (stage: string): string => `swath-${stage}-dead-letters`;

/** The queue that gathers what arrives, where there is one. */
export const arrivalsQueue = (stage: string): string => `swath-${stage}-arrivals`;
/** The queue of requests, where they are asked for, by a queue or over HTTP. */
export const requestsQueue = (stage: string): string => `swath-${stage}-requests`;
export const hasRequestsQueue = ({ requests, api }: Pick<ObservedParameters, 'requests' | 'api'>): boolean =>
  requests === 'true' || api === 'true';
/** What the REST API of a stage is called, where there is one: its metrics have that as a dimension, and its stage's name. */
export const apiName = (stage: string): string => `swath-${stage}`;
/** Beyond the window, a message waits so long only where something is wrong. */
export const MOST_WAITING_SECONDS = 15 * MINUTE;

/** The alarm on the webhook itself, which the webhook is not told of: that would come back as often as it fails. */
export const WEBHOOK_ALARM = 'webhook';

/** The section of docs/runbook.md that is about an alarm. */
export const runbookSection = (id: string): string => `docs/runbook.md#${id}`;

/** Where CloudWatch shows a stage's dashboard, whose name has the region: all of an account's have theirs together. */
export const dashboardUrl = (stage: string, region: string): string =>
  `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboardName(stage, region)}`;
export const dashboardName = (stage: string, region: string): string => `swath-${stage}-${region}`;

/** The name that an alarm has in CloudWatch. */
export const alarmName = (stage: string, id: string): string => `swath-${stage}-${id}`;

/**
 * What CloudWatch and an e-mail say of an alarm: what it means, what to do first, where to look and to read on.
 *
 * @param url where the console is up; without it, the command is named that serves it
 */
export function describeAlarm(alarm: Alarm, url?: string): string {
  const { id, meaning, firstStep } = alarm;
  return `${meaning} First: ${firstStep} Console: ${consolePlace(alarm, url)}. Runbook: ${runbookSection(id)}`;
}

/** Where the console shows what an alarm is about: the address where it is up, else the command that serves it. */
export function consolePlace({ page, console }: Alarm, url?: string): string {
  const path = page === null ? '' : `#/${page.path}`;
  if (url !== undefined) return `${url}${path}`;
  return path === '' ? console : `${console}, then ${path} at its address`;
}

/**
 * Functions that are near their time-out before anything else tells of it. Of the others, something does: discover ends a call in time
 * and goes on in another one, a sweep whose report does not end is told of by `no-sweep`, and settle works where runs fail.
 */
const WITHOUT_ANOTHER_WORD: readonly string[] = ['preprocess', 'infer', 'mosaic', 'drift'];

export function alarmsOf(parameters: ObservedParameters): Alarm[] {
  const { stage, modelName, driftThreshold, driftWindow, blankShareLimit, accuracyLimit, quietDaysLimit } = parameters;
  const { alarmWebhook, arrivalsWindowSeconds, apiLatencyLimit, timeouts } = parameters;
  const hasApi = parameters.api === 'true';
  const ours = (
    name: MetricName | OnlineMetricName | 'Accuracy',
    dimensions: Record<string, string> = {},
  ): MetricId => ({
    namespace: NAMESPACE,
    name,
    dimensions: { Stage: stage, ...dimensions },
  });
  const { failedOfDay, failedOfMinutes, fast } = SERVICE_LEVELS;
  const recent = { Model: modelName, Window: 'recent' };
  /** A command as one would type it about this stage. */
  const swath = (command: string) => `npx swath ${command}${stage === LAPTOP ? '' : ` --stage ${stage}`}`;
  const percent = (share: number) => `${Math.round(share * 100)} %`;

  /** What an alarm is unless it says otherwise: one such thing is one too many, and silence is good news. */
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

  /** Something that happened: it stands for an hour, and another one within that hour sends no second e-mail. */
  const withinAnHour = { ...usual, evaluationPeriods: 12, tellsWhenOver: false };

  /** A number that is published with each run: it holds until the next one says otherwise. */
  const untilToldOtherwise = {
    ...usual,
    periodSeconds: MINUTE, // the highest of a period counts; where the last one says something else, functions/drift/lastWord.ts says it again
    comparison: 'GreaterThanThreshold',
    missing: 'ignore', // no new file says nothing about the model: the last verdict stands
  } as const;

  /** What API Gateway counts of all requests; the average of its errors is their share. */
  const ofApi = (name: string): MetricId => ({
    namespace: 'AWS/ApiGateway',
    name,
    dimensions: { ApiName: apiName(stage), Stage: stage },
  });
  const readPredict = `read the log of predict (${swath('logs --function predict --since 2h')})`;
  const failedAnswers = {
    ...usual,
    metric: ofApi('5XXError'),
    statistic: 'Average',
    comparison: 'GreaterThanThreshold',
    isOn: hasApi,
  } as const;

  return [
    {
      ...untilToldOtherwise,
      id: 'drift',
      title: 'Predictions drift',
      metric: ours('Drift', recent),
      threshold: driftThreshold,
      meaning: `What was predicted lately (by the newest runs of today and yesterday, until they hold ${driftWindow} predictions) is further from the reference than ${driftThreshold} (Jensen-Shannon distance), and by more than chance explains.`,
      firstStep:
        'hold back maps made since then; compare the predictions with the reference on the dashboard, and look at the chips.',
      page: { path: 'drift', name: 'The drift of each day' },
    },
    {
      ...untilToldOtherwise,
      id: 'band-drift',
      title: 'A source band drifts',
      metric: ours('BandDrift', recent),
      threshold: driftThreshold,
      meaning: `In at least one source band, the values of the chips that came lately are further from the package's profile than ${driftThreshold} (Jensen-Shannon distance), and by more than chance explains. Without a profile this is never told.`,
      firstStep:
        'see on the page of the drift which band it is: alone, it points to the instrument or its processing; with all others, to the scenes.',
      page: { path: 'drift', name: 'The drift of each day' },
    },
    {
      ...untilToldOtherwise,
      id: 'blanks',
      title: 'Too many blank chips',
      metric: ours('BlankShare', recent),
      threshold: blankShareLimit,
      meaning: `More than ${percent(blankShareLimit)} of the chips that came lately have nothing on them, so they were not classified.`,
      firstStep: 'look at the newest files: a sensor, a download or an export upstream may deliver empty images.',
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
      meaning: `Of the predictions that came lately and of which it is known what is true, less than ${percent(accuracyLimit)} are right.`,
      firstStep:
        "look at the confusion matrix in the day's report, and hold back maps made since then; check that the labels of the newest files are meant as the model's are.",
      isOn: accuracyLimit > 0,
    },
    {
      ...untilToldOtherwise,
      id: 'accuracy-below',
      title: 'Accuracy is below what the package expects',
      metric: ours('AccuracyShortfall', { Model: modelName }),
      threshold: 0,
      meaning:
        "On a day that the newest sweep with known truth has judged, or judged anew as its truth came late, the 95 % interval of the accuracy lies wholly below what the model's package expects (swath:expected_accuracy). Of a package that expects nothing this is never told.",
      firstStep:
        "see on the page of the drift which day it is, and what was taken for what; hold back that day's maps, and check that whoever said what is true means the same by it as the model.",
      page: { path: 'drift', name: 'The accuracy of each day' },
    },
    {
      ...withinAnHour,
      id: 'failed-runs',
      title: 'Runs failed',
      metric: ours('FailedRuns'),
      meaning: 'At least one run failed within the last hour. Its file is safe in the inbox.',
      firstStep: `read its error in the ledger (${swath('runs --state FAILED')}). While it has attempts left, the next sweep tries it again by itself; after that nobody does, unless you ask for it (${swath('retry RUN')}).`,
      page: { path: 'runs?state=FAILED', name: 'The failed runs' },
    },
    {
      ...withinAnHour,
      id: 'invalid-files',
      title: 'Invalid files',
      metric: ours('InvalidFiles'),
      meaning:
        'At least one file that arrived within the last hour can never be classified. Other files are not affected.',
      firstStep: `read what is wrong with it (${swath('runs --state INVALID')}) and have a mended file sent.`,
      page: { path: 'runs?state=INVALID', name: 'The invalid files' },
    },
    {
      ...usual, // SQS stops publishing for a queue that has been empty for hours
      id: 'dead-letters',
      title: 'Events or requests were given up',
      metric: {
        namespace: 'AWS/SQS',
        name: 'ApproximateNumberOfMessagesVisible',
        dimensions: { QueueName: deadLetterQueue(stage) },
      },
      meaning:
        'At least one event could not be delivered or taken, or one request could not be taken or answered. Others are not affected. The sweep finds the files of such events as well, a day later at most.',
      firstStep:
        stage === LAPTOP
          ? 'read why in the files of queues/dead-letters in the data folder, and have a mended request sent.'
          : `see which they are, and why (${swath('redrive --dry-run')}); mend that, and put them back (${swath('redrive')}). Where a request can never be taken, have a mended one sent.`,
    },
    {
      ...usual,
      id: 'arrivals',
      title: 'Files wait to be gathered',
      metric: {
        namespace: 'AWS/SQS',
        name: 'ApproximateAgeOfOldestMessage',
        dimensions: { QueueName: arrivalsQueue(stage) },
      },
      comparison: 'GreaterThanThreshold',
      threshold: arrivalsWindowSeconds + MOST_WAITING_SECONDS,
      meaning: `An event has been in the queue of arrivals for more than ${MOST_WAITING_SECONDS / MINUTE} minutes beyond its window. The sweep finds its file as well, a day later at most.`,
      firstStep: `read why in the log of collect (${swath('logs --function collect --since 2h')}): what it refuses, it says.`,
      isOn: arrivalsWindowSeconds > 0,
    },
    {
      ...usual,
      id: 'requests',
      title: 'Requests wait to be taken',
      metric: {
        namespace: 'AWS/SQS',
        name: 'ApproximateAgeOfOldestMessage',
        dimensions: { QueueName: requestsQueue(stage) },
      },
      comparison: 'GreaterThanThreshold',
      threshold: MOST_WAITING_SECONDS,
      meaning: `A request, or a note that an answer is due, has been in the queue for more than ${MOST_WAITING_SECONDS / MINUTE} minutes. Nothing is lost for that as long as it is there.`,
      firstStep: `read why in the log of collect (${swath('logs --function collect --since 2h')}): what it refuses, it says.`,
      isOn: hasRequestsQueue(parameters) && stage !== LAPTOP,
    },
    {
      ...failedAnswers,
      id: 'api-errors',
      title: 'Answers over HTTP fail',
      periodSeconds: failedOfMinutes.seconds,
      threshold: failedOfMinutes.share,
      meaning: `Of the requests over HTTP within ${failedOfMinutes.seconds / MINUTE} minutes, more than ${shareInWords(failedOfMinutes.share)} were answered with 5xx: a failure of ours, or no answer in time.`,
      firstStep: `${readPredict}; ask the health of the API (GET /healthz), which says what is wrong with the live model. A version that was just promoted: go back (${swath('model rollback')}).`,
    },
    {
      ...failedAnswers,
      id: 'api-errors-of-day',
      title: 'Too many answers over HTTP failed within a day',
      periodSeconds: failedOfDay.seconds,
      threshold: failedOfDay.share,
      meaning: `Of the requests over HTTP within a day, more than ${shareInWords(failedOfDay.share)} were answered with 5xx: ${shareInWords(1 - failedOfDay.share)} are meant to be answered. Of fewer than ${(1 / failedOfDay.share).toLocaleString('en-US')}, one is too many.`,
      firstStep: `${readPredict} for the requests with a status from 500 on; each line says why.`,
    },
    {
      ...usual,
      id: 'api-slow',
      title: 'Answers over HTTP are slow',
      metric: ofApi('Latency'),
      statistic: `p${fast.percentile}`,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      comparison: 'GreaterThanThreshold',
      threshold: apiLatencyLimit,
      meaning: `For a quarter of an hour, ${100 - fast.percentile} % of the requests over HTTP have waited longer than ${apiLatencyLimit} ms (apiLatencyLimit) for its answer.`,
      firstStep: `see on the dashboard whether requests have become larger, or start containers (OnlineColdStarts); ${readPredict} for the slow ones. Raise predictMemory, or keep containers by provisionedConcurrency; what is meant to take longer, apiLatencyLimit says.`,
      isOn: hasApi,
    },
    {
      ...withinAnHour,
      id: 'api-throttles',
      title: 'Requests over HTTP found no room',
      metric: {
        namespace: 'AWS/Lambda',
        name: 'Throttles',
        dimensions: { FunctionName: functionName(stage, 'predict') },
      },
      statistic: 'Sum',
      meaning:
        "Lambda has turned calls of predict away for the account's limit of concurrency within the last hour; whoever asked was answered with 5xx.",
      firstStep:
        "compare the concurrent calls on the dashboard with the account's quota, and ask for a larger one; or lower apiRate and apiBurst, so that more is refused with 429 in time.",
      isOn: hasApi,
    },
    {
      ...withinAnHour,
      id: 'api-uncounted',
      title: 'Predictions over HTTP are not counted',
      metric: ours('OnlineUncounted'),
      statistic: 'Sum',
      meaning:
        'Predictions that were answered over HTTP within the last hour could not be sent to be counted: drift, reports and tables are without them. The answers are not affected.',
      firstStep: `read why in the log of predict (${swath('logs --function predict --since 2h')}): the lines predict.uncounted name the request and the error.`,
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
      missing: 'breaching', // a sweep that does not run publishes nothing: that is what this is about
      meaning: `No sweep has come to its end for ${SWEEP_HOURS} hours: nothing recovers lost events and failed runs, or judges closed days. A first deployment ends with a sweep; until that is done, the alarm stands so for some minutes.`,
      firstStep:
        "look at the newest execution of the state machine that began with the schedule's event, and at its error.",
    },
    {
      ...usual,
      id: 'nothing-arrived',
      title: 'Nothing arrived',
      metric: ours('DaysSinceArrival'),
      periodSeconds: HOUR,
      threshold: Math.max(1, quietDaysLimit),
      missing: 'ignore', // published once a day: in between, the last sweep's answer stands
      meaning: `No new scene file has arrived for ${Math.max(1, quietDaysLimit)} days.`,
      firstStep: 'ask whoever delivers the scenes; check that they write to the inbox bucket.',
      page: { path: 'runs?sort=claimedAt&descending=true', name: 'The newest runs' },
      isOn: quietDaysLimit > 0,
    },
    {
      ...withinAnHour,
      id: WEBHOOK_ALARM,
      title: 'The webhook was not told of an alarm',
      // One for each message that is given up, after Lambda's own tries: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
      metric: {
        namespace: 'AWS/Lambda',
        name: 'AsyncEventsDropped',
        dimensions: { FunctionName: functionName(stage, 'webhook') },
      },
      statistic: 'Sum',
      meaning:
        'At least one alarm within the last hour did not get through to the webhook, in three tries. This alarm is not posted there: e-mail, console and dashboard have it.',
      firstStep: `read why (${swath('logs --function webhook --since 2h')}), and which alarms are on (${swath('doctor')}). A webhook that was removed or renewed: put its new address into the SSM parameter ${alarmWebhook || 'that alarmWebhook names'}; no deployment is needed.`,
      isOn: alarmWebhook !== '',
    },
    ...Object.entries(timeouts)
      .filter(([name]) => WITHOUT_ANOTHER_WORD.includes(name))
      .map(
        ([name, seconds]): Alarm => ({
          ...usual, // a function that is not called is not slow
          id: `slow-${name}`,
          title: `${name} is near its time-out`,
          metric: {
            namespace: 'AWS/Lambda',
            name: 'Duration',
            dimensions: { FunctionName: functionName(stage, name) },
          },
          statistic: 'p95',
          comparison: 'GreaterThanThreshold',
          threshold: seconds * 1000 * NEAR_TIMEOUT,
          meaning: `One call in twenty of ${name} takes more than ${percent(NEAR_TIMEOUT)} of its time-out of ${seconds} s; at the time-out, a call is cut off.`,
          firstStep: `look at the step durations, and at whether files, or the number of runs, have grown; raise its parameters ${name}Timeout and ${name}Memory.`,
          page: { path: 'runs?sort=seconds&descending=true', name: 'The slowest runs' },
        }),
      ),
  ];
}

/** The name that a function has in an account. */
export const functionName = (stage: string, name: string): string => `swath-${stage}-${name}`;

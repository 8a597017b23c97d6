import { type CommandPlace, commandFor } from '../core/base/text/commandFor.ts';
import { gradualThreshold, NAMESPACE } from '../core/metrics/metrics.ts';
import written from './alarms.json' with { type: 'json' };
import { type ObservedParameters, SERVICE_LEVELS, shareInWords } from './parameters.ts';
import type { MetricId, Statistic } from './readMetrics.ts';

/** Each alarm uses one metric, without metric math, as it must work in CloudFormation, the embedded stack and the console. */
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

type Rule = Pick<Alarm, 'statistic' | 'periodSeconds' | 'evaluationPeriods' | 'datapointsToAlarm' | 'comparison'> &
  Pick<Alarm, 'threshold' | 'missing' | 'tellsWhenOver'>;

/**
 * What alarms.json has of an alarm: its words (`onLaptop`: the first step there), of what its metric is (see `metricOf`), the page about it, and where it is judged in
 * another way than the usual one, `like` others that are, or by itself.
 */
type Written = Pick<Alarm, 'title' | 'meaning' | 'firstStep'> &
  Partial<Rule> & { onLaptop?: string; of: string; metric: string; page?: Alarm['page']; like?: keyof typeof LIKE };

const MINUTE = 60;

/** A single occurrence sets an alarm off, and missing data is good news. */
const USUAL: Rule = {
  statistic: 'Maximum',
  periodSeconds: 5 * MINUTE,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  comparison: 'GreaterThanOrEqualToThreshold',
  threshold: 1,
  missing: 'notBreaching',
  tellsWhenOver: true,
};

const LIKE = {
  /** An alarm on an event: it lasts an hour, and another event within that hour sends no second e-mail. */
  event: { evaluationPeriods: 12, tellsWhenOver: false },
  above: { comparison: 'GreaterThanThreshold' },
  /** An alarm on a number that is published with each run: it holds until the next one. */
  untilToldOtherwise: {
    comparison: 'GreaterThanThreshold',
    periodSeconds: MINUTE, // the highest value of a period counts; if the last one differs, functions/drift/recent/recentDrift.ts publishes it again
    missing: 'ignore', // without new files the last verdict holds
  },
} satisfies Record<string, Partial<Rule>>;

const ALARMS = written as Record<keyof typeof written, Written>;

/** A function that takes more than this share of its time-out is too close to it. */
const NEAR_TIMEOUT = 0.8;
/** A warehouse may be resumed, or busy, for a while. The alarm looks back two hours: what could not be loaded comes again sooner, and it lasts. */
export const MOST_LOADING_SECONDS = 60 * MINUTE;
/** The embedded stack's stage name: its commands name no stage, but its data folder. */
export const LAPTOP = 'local';
export const placeOf = ({ stage, dataDir }: Pick<ObservedParameters, 'stage' | 'dataDir'>): CommandPlace =>
  stage === LAPTOP ? { dataDir } : { stage };
/** The name of one of a stage's queues; there is `counts` if a REST API or a server sends predictions or truths. */
export const queueName = (stage: string, queue: (typeof QUEUES)[number]): string => `swath-${stage}-${queue}`;
const QUEUES = ['arrivals', 'requests', 'counts', 'dead-letters'] as const;
export const hasCountsQueue = ({ serverRoles, api }: Pick<ObservedParameters, 'serverRoles' | 'api'>): boolean =>
  serverRoles !== '' || api === 'true';
/**
 * A message that waits longer than the window plus this time is stuck. With a collectTimeout from 50 s on, that is before its third
 * receipt, from which on SQS leaves it out of the age; the alarm `dead-letters` tells of the fifth. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export const MOST_WAITING_SECONDS = 10 * MINUTE;

/** The alarm on the webhook itself, which is not posted to the webhook: each failure would cause another one. */
export const WEBHOOK_ALARM = 'webhook';

export const runbookSection = (id: string): string => `docs/runbook.md#${id}`;

/** Where that section is to be read: in the console, if it is running. */
export const runbookPlace = (id: string, url?: string): string =>
  url === undefined ? runbookSection(id) : `${url}#/runbook/${encodeURIComponent(id)}`;

/** The consoles of other partitions than the usual one, by how their regions begin: https://docs.aws.amazon.com/general/latest/gr/mgmtconsole.html */
const CONSOLES: Record<string, string> = { cn: 'amazonaws.cn', 'us-gov': 'amazonaws-us-gov.com' };

/**
 * The address of a stage's dashboard in CloudWatch. Its name contains the region, because an account's dashboards share names.
 *
 * @param region as it stands in the address, where a template may have a reference in place of `deployed`
 */
export const dashboardUrl = (stage: string, region: string, deployed = region): string =>
  `https://${region}.console.${CONSOLES[deployed.replace(/-[a-z]+-\d+$/, '')] ?? 'aws.amazon.com'}/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboardName(stage, region)}`;
export const dashboardName = (stage: string, region: string): string => `swath-${stage}-${region}`;

export const alarmName = (stage: string, id: string): string => `swath-${stage}-${id}`;

/** Describes an alarm for CloudWatch and e-mails. Without the console's `url`, the text names the command that serves it. */
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
 * preprocessCubes has its panel and `failed-runs`: an alarm would cost by the month also where no such scenes come.
 */
const WITHOUT_ANOTHER_WORD: readonly string[] = ['preprocess', 'infer', 'mosaic'];

export function alarmsOf(parameters: ObservedParameters): Alarm[] {
  const { stage, driftThreshold, blankShareLimit, accuracyLimit, quietDaysLimit } = parameters;
  const { alarmWebhook, arrivalsWindowSeconds, apiLatencyLimit, expectedAccuracyAlarm, timeouts } = parameters;
  const hasApi = parameters.api === 'true';
  const { failedOfDay, failedOfMinutes, fast } = SERVICE_LEVELS;
  const gradual = gradualThreshold(driftThreshold);
  const quietDays = Math.max(1, quietDaysLimit);
  const swath = (command: string) => commandFor(placeOf(parameters), command);
  const percent = (share: number) => `${Math.round(share * 100)} %`;

  /** What alarms.json has of an alarm; in its words, `{swath …}` is a command of the stage, and `{name}` one of the values or parameters. */
  function own(id: keyof typeof written, values: Record<string, unknown> = {}): Alarm {
    const named: Record<string, unknown> = { ...parameters, ...values };
    const filled = (text: string) =>
      text.replaceAll(/\{(swath )?(.+?)\}/g, (_, isCommand, name) => (isCommand ? swath(name) : String(named[name])));
    const { title, meaning, firstStep, onLaptop = firstStep, of, metric, page = null, like, ...rule } = ALARMS[id];
    const first = stage === LAPTOP ? onLaptop : firstStep;
    const words = { title: filled(title), meaning: filled(meaning), firstStep: filled(first) };
    const about = { metric: metricOf(parameters, of, metric), page, console: swath('console') };
    return { ...USUAL, ...(like && LIKE[like]), ...rule, id, ...words, ...about, isOn: true };
  }

  /** An alarm on the share of a time's answers of the REST API that are errors: their average. */
  const failedAnswers = (id: keyof typeof written, { share, seconds }: { share: number; seconds: number }): Alarm => {
    const words = { share: shareInWords(share), level: shareInWords(1 - share), minutes: seconds / MINUTE };
    const requests = (1 / share).toLocaleString('en-US');
    return { ...own(id, { ...words, requests }), periodSeconds: seconds, threshold: share, isOn: hasApi };
  };

  /** An alarm on the oldest message in a queue that collect empties. */
  const waits = (id: 'arrivals' | 'requests' | 'counts', isOn: boolean, windowSeconds = 0): Alarm => {
    const threshold = windowSeconds + MOST_WAITING_SECONDS;
    return { ...own(id, { minutes: MOST_WAITING_SECONDS / MINUTE }), threshold, isOn };
  };

  return [
    { ...own('drift'), threshold: driftThreshold },
    { ...own('band-drift'), threshold: driftThreshold },
    { ...own('gradual-drift', { threshold: gradual }), threshold: gradual },
    { ...own('blanks', { share: percent(blankShareLimit) }), threshold: blankShareLimit, isOn: blankShareLimit < 1 },
    { ...own('accuracy', { share: percent(accuracyLimit) }), threshold: accuracyLimit, isOn: accuracyLimit > 0 },
    // On a laptop, an alarm costs nothing.
    { ...own('accuracy-below'), isOn: accuracyLimit > 0 || expectedAccuracyAlarm === 'true' || stage === LAPTOP },
    own('failed-runs'),
    own('invalid-files'),
    own('dead-letters'), // SQS stops publishing for a queue that has been empty for hours
    waits('arrivals', arrivalsWindowSeconds > 0, arrivalsWindowSeconds),
    waits('requests', parameters.requests === 'true' && stage !== LAPTOP),
    waits('counts', hasCountsQueue(parameters) && stage !== LAPTOP),
    { ...own('warehouse'), threshold: MOST_LOADING_SECONDS, isOn: parameters.redshift !== '' },
    failedAnswers('api-errors', failedOfMinutes),
    failedAnswers('api-errors-of-day', failedOfDay),
    {
      ...own('api-slow', { percent: 100 - fast.percentile }),
      statistic: `p${fast.percentile}`,
      threshold: apiLatencyLimit,
      isOn: hasApi,
    },
    { ...own('api-throttles'), isOn: hasApi },
    { ...own('api-uncounted'), isOn: hasApi },
    // One sweep a day, plus two hours for a late one. With periods below an hour, an alarm cannot look back further than a day.
    own('no-sweep'),
    // An API may be down for a while. Published with each look: in between, the last one's value holds.
    { ...own('feeds'), isOn: parameters.feedSchedule !== '' || stage === LAPTOP },
    // Published once a day: in between, the last sweep's value holds.
    { ...own('nothing-arrived', { days: quietDays }), threshold: quietDays, isOn: quietDaysLimit > 0 },
    // One for each message that is given up, after Lambda's retries: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    { ...own(WEBHOOK_ALARM, { parameter: alarmWebhook || 'that alarmWebhook names' }), isOn: alarmWebhook !== '' },
    ...WITHOUT_ANOTHER_WORD.map((name): Alarm => {
      const seconds = timeouts[name]!;
      const slow = own('slow', { name, seconds, share: percent(NEAR_TIMEOUT) }); // one that is not called is not slow
      const metric = metricOf(parameters, name, 'Duration');
      return { ...slow, id: `slow-${name}`, metric, threshold: seconds * 1000 * NEAR_TIMEOUT };
    }),
  ];
}

/** A metric of the stage, of the model or its window `recent`; or one of AWS, of the executions, the REST API, a queue or a function. */
export function metricOf(parameters: ObservedParameters, of: string, name: string): MetricId {
  const { stage, modelName, stateMachineArn } = parameters;
  const model = { Model: modelName };
  const ours: Record<string, Record<string, string>> = { stage: {}, model, recent: { ...model, Window: 'recent' } };
  if (of in ours) return { namespace: NAMESPACE, name, dimensions: { Stage: stage, ...ours[of] } };
  if (of === 'executions') return { namespace: 'AWS/States', name, dimensions: { StateMachineArn: stateMachineArn } };
  if (of === 'api')
    return { namespace: 'AWS/ApiGateway', name, dimensions: { ApiName: `swath-${stage}`, Stage: stage } };
  const queue = QUEUES.find((one) => one === of);
  if (queue !== undefined) return { namespace: 'AWS/SQS', name, dimensions: { QueueName: queueName(stage, queue) } };
  return { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName(stage, of) } };
}

export const functionName = (stage: string, name: string): string => `swath-${stage}-${name}`;

/** The present state of an alarm: CloudWatch's in an account, the embedded stack's on a laptop. */
export type AlarmState = {
  /** As in observability/alarms.ts. */
  id: string;
  /** The name in CloudWatch: swath-<stage>-<id>. */
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  since: string;
  reason: string;
};

/** An e-mail in the outbox of the embedded stack. */
export type Email = { id: string; time: string; to: string; subject: string; text: string };

import { type MetricName, NAMESPACE } from '../core/metrics.ts';
import type { ObservedParameters } from './parameters.ts';
import type { MetricId, Statistic } from './readMetrics.ts';

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
  /** Whether an e-mail also tells that it is over: not where that only means that an hour went by. */
  tellsWhenOver: boolean;
  isOn: boolean;
};

const MINUTE = 60;
const HOUR = 3600;

/** Beyond this share of its time-out, a function is too near to it. */
const NEAR_TIMEOUT = 0.8;
/** A sweep a day, and two hours for a late one. */
const SWEEP_HOURS = 26;
/** The queue for what the rules could not deliver; where there is none, its alarm is quiet. */
export const deadLetterQueue = (stage: string): string => `swath-${stage}-dead-letters`;

/** The section of docs/runbook.md that is about an alarm. */
export const runbookSection = (id: string): string => `docs/runbook.md#${id}`;

/** The name that an alarm has in CloudWatch. */
export const alarmName = (stage: string, id: string): string => `swath-${stage}-${id}`;

/** What CloudWatch and an e-mail say of an alarm: what it means, what to do first, where to read on. */
export const describeAlarm = ({ id, meaning, firstStep }: Alarm): string =>
  `${meaning} First: ${firstStep} Runbook: ${runbookSection(id)}`;

export function alarmsOf(parameters: ObservedParameters): Alarm[] {
  const { stage, modelName, driftThreshold, driftWindow, blankShareLimit, quietDaysLimit, timeouts } = parameters;
  const ours = (name: MetricName, dimensions: Record<string, string> = {}): MetricId => ({
    namespace: NAMESPACE,
    name,
    dimensions: { Stage: stage, ...dimensions },
  });
  const recent = { Model: modelName, Window: 'recent' };
  const percent = (share: number) => `${Math.round(share * 100)} %`;

  /** Something that happened: it stands for an hour, and another one within that hour sends no second e-mail. */
  const withinAnHour = {
    statistic: 'Maximum',
    periodSeconds: 5 * MINUTE,
    evaluationPeriods: 12,
    datapointsToAlarm: 1,
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold: 1,
    missing: 'notBreaching', // only a failure publishes; silence is good news
    tellsWhenOver: false,
    isOn: true,
  } as const;

  /** A number that is published with each run: it holds until the next one says otherwise. */
  const untilToldOtherwise = {
    statistic: 'Maximum',
    periodSeconds: MINUTE, // the highest of a period counts; where the last one says something else, functions/drift/lastWord.ts says it again
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparison: 'GreaterThanThreshold',
    missing: 'ignore', // no new file says nothing about the model: the last verdict stands
    tellsWhenOver: true,
  } as const;

  return [
    {
      ...untilToldOtherwise,
      id: 'drift',
      title: 'Predictions drift',
      metric: ours('Drift', recent),
      threshold: driftThreshold,
      meaning: `The classes predicted lately (the newest runs of today and yesterday, until they hold ${driftWindow} predictions) are further from the reference than ${driftThreshold} (Jensen-Shannon distance), and by more than chance explains.`,
      firstStep:
        'hold back maps made since then; compare the class shares with the reference on the dashboard, and look at the least certain chips.',
      isOn: true,
    },
    {
      ...untilToldOtherwise,
      id: 'blanks',
      title: 'Too many blank chips',
      metric: ours('BlankShare', recent),
      threshold: blankShareLimit,
      meaning: `More than ${percent(blankShareLimit)} of the chips that came lately have nothing on them, so they were not classified.`,
      firstStep: 'look at the newest files: a sensor, a download or an export upstream may deliver empty images.',
      isOn: blankShareLimit < 1,
    },
    {
      ...withinAnHour,
      id: 'failed-runs',
      title: 'Runs failed',
      metric: ours('FailedRuns'),
      meaning: 'At least one run failed within the last hour. Its file is safe in the inbox.',
      firstStep:
        'read its error in the ledger (npx swath runs --state FAILED); the next sweep tries it again by itself.',
    },
    {
      ...withinAnHour,
      id: 'invalid-files',
      title: 'Invalid files',
      metric: ours('InvalidFiles'),
      meaning:
        'At least one file that arrived within the last hour can never be classified. Other files are not affected.',
      firstStep: 'read what is wrong with it (npx swath runs --state INVALID) and have a mended file sent.',
    },
    {
      id: 'dead-letters',
      title: 'Events could not be delivered',
      metric: {
        namespace: 'AWS/SQS',
        name: 'ApproximateNumberOfMessagesVisible',
        dimensions: { QueueName: deadLetterQueue(stage) },
      },
      statistic: 'Maximum',
      periodSeconds: 5 * MINUTE,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      comparison: 'GreaterThanOrEqualToThreshold',
      threshold: 1,
      missing: 'notBreaching', // SQS stops publishing for a queue that has been empty for hours
      meaning:
        'EventBridge could not start the pipeline for at least one event. The sweep finds those files as well, a day later at most.',
      firstStep:
        'see which they are, and why (npx swath redrive --dry-run); mend that, and put them back (npx swath redrive).',
      tellsWhenOver: true,
      isOn: true,
    },
    {
      id: 'no-sweep',
      title: 'The daily sweep did not run',
      metric: ours('Sweeps'),
      statistic: 'Maximum',
      periodSeconds: HOUR, // with shorter periods, an alarm cannot look back further than a day
      evaluationPeriods: SWEEP_HOURS,
      datapointsToAlarm: SWEEP_HOURS,
      comparison: 'LessThanThreshold',
      threshold: 1,
      missing: 'breaching', // a sweep that does not run publishes nothing: that is what this is about
      meaning: `No sweep has come to its end for ${SWEEP_HOURS} hours: lost events, failed runs and closed days are not looked after. A first deployment ends with a sweep; until that is done, the alarm stands so for some minutes.`,
      firstStep:
        "look at the newest execution of the state machine that began with the schedule's event, and at its error.",
      tellsWhenOver: true,
      isOn: true,
    },
    {
      id: 'nothing-arrived',
      title: 'Nothing arrived',
      metric: ours('DaysSinceArrival'),
      statistic: 'Maximum',
      periodSeconds: HOUR,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      comparison: 'GreaterThanOrEqualToThreshold',
      threshold: Math.max(1, quietDaysLimit),
      missing: 'ignore', // published once a day: in between, the last sweep's answer stands
      meaning: `No new scene file has arrived for ${Math.max(1, quietDaysLimit)} days.`,
      firstStep: 'ask whoever delivers the scenes; check that they write to the inbox bucket.',
      tellsWhenOver: true,
      isOn: quietDaysLimit > 0,
    },
    ...Object.entries(timeouts).map(
      ([name, seconds]): Alarm => ({
        id: `slow-${name}`,
        title: `${name} is near its time-out`,
        metric: { namespace: 'AWS/Lambda', name: 'Duration', dimensions: { FunctionName: functionName(stage, name) } },
        statistic: 'p95',
        periodSeconds: 5 * MINUTE,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        comparison: 'GreaterThanThreshold',
        threshold: seconds * 1000 * NEAR_TIMEOUT,
        missing: 'notBreaching', // a function that is not called is not slow
        meaning: `One call in twenty of ${name} takes more than ${percent(NEAR_TIMEOUT)} of its time-out of ${seconds} s; at the time-out, a call is cut off.`,
        firstStep: `look at the step durations, and at whether files, or the number of runs, have grown; raise its parameters ${name}Timeout and ${name}Memory.`,
        tellsWhenOver: true,
        isOn: true,
      }),
    ),
  ];
}

/** The name that a function has in an account. */
export const functionName = (stage: string, name: string): string => `swath-${stage}-${name}`;

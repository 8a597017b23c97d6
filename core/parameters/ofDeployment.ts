import * as z from 'zod';
import { FUNCTIONS } from '../functions.ts';
import { parseGate } from '../models/gateRules.ts';
import { number, type Parameter, text, upTo, whole } from './parameter.ts';

/** EventBridge's schedules: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
const schedule =
  /^(cron\([^\s?]+ [^\s?]+ (\? [^\s?]+ [^\s?]+|[^\s?]+ [^\s?]+ \?) [^\s?]+\)|rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\))$/;

/** Lambda's limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_TIMEOUT_SECONDS = 900;
const [MIN_MEMORY_MB, MAX_MEMORY_MB] = [128, 10_240];

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching */
const MAX_BATCHING_WINDOW_SECONDS = 300;

/** An inline Map's iterations: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
const MAX_MAP_CONCURRENCY = 40;

/** A distributed Map's children: https://docs.aws.amazon.com/step-functions/latest/dg/limits-overview.html */
const MAX_DISTRIBUTED_CONCURRENCY = 10_000;

/**
 * The retention periods that CloudWatch offers for log lines:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
const RETENTIONS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
];

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-athena-workgroup-workgroupconfiguration.html */
const LEAST_SCANNED_BYTES = 10_000_000;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const MAX_API_RATE = 10_000;
const MAX_API_BURST = 5000;
/** CloudFormation's Limit is a 32-bit integer. */
const MAX_API_QUOTA = 2 ** 31 - 1;
/** A scheme, a host and an optional port, as browsers send an origin; separated by commas. */
const CORS_ORIGINS = /^(\*|(https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(,(?=.)|$))*)$/;
const URL_HOSTS = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(,(?=.)|$))*$/;

function isGate(text: string): boolean {
  try {
    parseGate(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Empty, or a name that is not reserved by AWS.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html
 */
const SSM_PARAMETER = /^$|^(?!\/(aws|ssm)(\/|$))(\/[A-Za-z0-9_.-]+){1,15}$/i;

const days = whole(1, undefined, 'a whole number of days from 1 on');
const reserved = whole(0, undefined, 'a whole number, or 0, which reserves nothing');

/** The parameters that no function reads; they are used by templates, alarms, panels and the Serverless Framework. */
export const deploymentParameters = {
  sweepSchedule: {
    ...text(z.string().regex(schedule), 'a schedule such as cron(15 0 * * ? *) or rate(1 day)'),
    meaning: 'The daily sweep, shortly after the UTC day has closed',
  },
  alarmEmail: {
    ...text(z.union([z.email(), z.literal(['none', ''])]), 'one e-mail address, or "none" for no e-mails'),
    meaning: 'The e-mail address that alarms are sent to; `sls deploy` requires an address, or an explicit "none"',
  },
  alarmWebhook: {
    ...text(
      z.string().regex(SSM_PARAMETER),
      'nothing, or the name of an SSM parameter that begins with a slash, such as /swath/dev/alarm-webhook; the address itself stands in that parameter',
    ),
    meaning:
      'The SSM parameter (a SecureString) with the address of a Slack or Mattermost webhook that alarms are sent to as well',
    isObserved: true,
    formerly: '',
  },
  modelWatch: {
    ...text(
      z.string().regex(/^$|^mlflow:[^/:@\s][^/:\s]{0,255}@[\w-]{1,255}$/),
      'nothing, or an alias of a model that is registered with MLflow, such as mlflow:drought@champion',
    ),
    meaning:
      'The alias of a model registry that is checked daily: a new target is published as a candidate, reported to the recipients of alarms, and promoted if there is a gate and it passes',
  },
  mlflowTrackingUri: {
    ...text(
      z.string().regex(/^$|^https?:\/\/[^\s@?#]+$/),
      'nothing, or the address of an MLflow tracking server without a user in it, such as https://mlflow.example.org',
    ),
    meaning: 'The address of the registry of modelWatch',
  },
  mlflowSecret: {
    ...text(
      z.string().regex(SSM_PARAMETER),
      'nothing, or the name of an SSM parameter that begins with a slash, such as /swath/dev/mlflow; the token itself stands in that parameter',
    ),
    meaning:
      'The SSM parameter (a SecureString) with the credentials for the registry of modelWatch: a token, or USER:PASSWORD',
  },
  arrivalsWindowSeconds: {
    ...whole(
      0,
      MAX_BATCHING_WINDOW_SECONDS,
      `a whole number of seconds from 0, which starts an execution per file, to ${MAX_BATCHING_WINDOW_SECONDS}, the longest time that Lambda gathers messages of a queue`,
    ),
    meaning:
      'Above 0, small files that arrive within this many seconds are gathered in a queue and classified in batches, which costs less and takes longer',
    isObserved: true,
    formerly: 0,
  },
  requests: {
    type: 'yes or no',
    schema: z.union([z.boolean(), z.literal(['true', 'false'])]),
    allowed: 'true, where there is a queue that takes requests, or false',
    meaning: 'Whether there is a queue for prediction requests: docs/requests.md',
    isObserved: true,
    formerly: 'false',
  },
  api: {
    type: 'yes or no',
    schema: z.union([z.boolean(), z.literal(['true', 'false'])]),
    allowed: 'true, where predictions can be asked for over HTTP, or false',
    meaning: 'Whether there is a REST API for predictions, with a key: docs/http.md',
    isObserved: true,
    formerly: 'false',
  },
  apiRate: {
    ...whole(1, MAX_API_RATE, `a whole number from 1 to ${MAX_API_RATE}, which is what an account has by default`),
    meaning: 'Average requests over HTTP per second; more are rejected with 429',
  },
  apiBurst: {
    ...whole(1, MAX_API_BURST, `a whole number from 1 to ${MAX_API_BURST}, which is what an account has by default`),
    meaning: 'Burst of requests over HTTP',
  },
  apiDailyQuota: {
    ...whole(0, MAX_API_QUOTA, `a whole number up to ${MAX_API_QUOTA}, or 0, which sets none`),
    meaning: 'Requests over HTTP per key and UTC day',
  },
  apiCorsOrigins: {
    ...text(
      z.string().regex(CORS_ORIGINS),
      'nothing, * for any, or origins with a comma between two of them, such as https://maps.example.org,http://localhost:3000',
    ),
    meaning: 'Origins whose web pages may call the API from a browser; none by default',
  },
  apiUrlHosts: {
    ...text(
      z.string().regex(URL_HOSTS),
      'nothing, or hosts with a comma between two of them, such as images.example.org,data.example.org:8443',
    ),
    meaning:
      'Hosts from which images are fetched that inputs over HTTP name by address, only with https; none by default',
  },
  apiLatencyLimit: {
    ...whole(1, undefined, 'a whole number of milliseconds from 1 on'),
    meaning: 'Milliseconds for the alarm on a slow API, which goes off when one answer in twenty takes longer',
    isObserved: true,
    formerly: 4000,
  },
  provisionedConcurrency: {
    ...whole(0, undefined, 'a whole number, or 0, which keeps none'),
    meaning:
      "Containers of predict that are always running (provisioned concurrency): $19 a month each with 1,769 MB, busy or not. They count towards the account's concurrency quota",
  },
  quietDaysLimit: {
    ...whole(0, undefined, 'a whole number of days, or 0, which switches the alarm off'),
    meaning: 'Days without a new file after which an alarm goes off',
    isObserved: true,
  },
  promotionGate: {
    ...text(
      z.string().refine(isGate),
      'nothing, or rules with a comma between two of them, such as max_accuracy_drop=0.02,confidence=0.95,min_agreement=0.9,max_time_ratio=2,min_chips=500, or for values max_error_rise=0.5,max_mean_absolute_difference=2',
    ),
    meaning:
      "What a version has to show before it is promoted over another one, in addition to the packages' own `swath:gate`: docs/models.md",
    isObserved: true,
    formerly: '',
  },
  inboxBucket: {
    ...text(
      z.string().regex(/^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$/),
      'the name of an existing bucket, or "own" for one of the stage\'s own',
    ),
    meaning: 'An existing bucket to take scene files from; without one, the stage gets its own',
  },
  batchesAtOnce: {
    ...whole(
      1,
      MAX_DISTRIBUTED_CONCURRENCY,
      `a whole number from 1 to ${MAX_DISTRIBUTED_CONCURRENCY}, which is as many as Step Functions does at once`,
    ),
    meaning:
      "Batches at the same time; four are a thousand files a second, which one key of the ledger's indexes takes",
  },
  bulkToleratedShare: {
    ...number(z.number().min(0).max(1), 'a share from 0 to 1, which tolerates everything'),
    meaning: 'The share of failed and invalid bulk files above which a sweep fails at its end',
  },
  sqlTables: {
    type: 'yes or no',
    schema: z.union([z.boolean(), z.literal(['true', 'false'])]),
    allowed: 'true, or false where the account has no Glue or no Athena',
    meaning:
      'Whether predictions, runs and metrics are Athena tables: a Glue database and a workgroup, which cost nothing while idle',
  },
  sqlBytesLimit: {
    ...whole(
      LEAST_SCANNED_BYTES,
      undefined,
      `a whole number of bytes from ${LEAST_SCANNED_BYTES} on, which is the least that Athena takes`,
    ),
    meaning: 'A query that would read more bytes is cancelled: a terabyte costs $5',
  },
  partsAtOnce: {
    ...whole(
      1,
      MAX_MAP_CONCURRENCY,
      `a whole number from 1 to ${MAX_MAP_CONCURRENCY}, which is as many as Step Functions does at once within one execution`,
    ),
    meaning: 'Parts of one file that are classified concurrently',
  },
  preprocessAtOnce: {
    ...reserved,
    meaning: "Invocations of preprocess at the same time, of all files: a share of the account's quota reserved for it",
  },
  inferAtOnce: {
    ...reserved,
    meaning: "Invocations of infer at the same time, of all files: a share of the account's quota reserved for it",
  },
  throwAway: {
    type: 'yes or no',
    schema: z.union([z.boolean(), z.literal(['true', 'false'])]),
    allowed: 'true, where all that is stored goes with the stack, or false',
    meaning: 'Whether `sls remove` deletes all stored data; otherwise it is kept for the next deployment',
  },
  logRetentionDays: {
    ...whole(1, undefined, `one of ${RETENTIONS.join(', ')} days, as CloudWatch has it`),
    schema: whole(1).schema.refine((days) => RETENTIONS.includes(days)),
    meaning: 'How long log lines are kept; the outcome of every run stays in the ledger',
  },
  oldVersionsDays: {
    ...days,
    meaning: 'How long overwritten and deleted results and models can be restored; the inbox keeps everything',
  },
  preparedDays: {
    ...days,
    meaning:
      'How long prepared parts and their summaries are kept; a run needs them for hours, and a failed one can be examined',
  },
} as const satisfies Record<string, Parameter>;

export const timeoutParameter = (name: string): string => `${name}Timeout`;

export const sizeParameters: Record<string, Parameter> = Object.fromEntries(
  FUNCTIONS.flatMap((name): [string, Parameter][] => [
    [timeoutParameter(name), { ...upTo(MAX_TIMEOUT_SECONDS, 'seconds'), meaning: `Seconds of a call of ${name}` }],
    [
      `${name}Memory`,
      { ...upTo(MAX_MEMORY_MB, 'MB', MIN_MEMORY_MB), meaning: `MB of ${name}, with a share of a vCPU: 1,769 are one` },
    ],
  ]),
);

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
    ...text(z.union([z.email(), z.literal(['none', ''])]), 'one e-mail address, or "none" where nobody is to be told'),
    meaning: 'Who is told of alarms; `sls deploy` asks for an address, or "none" on purpose',
  },
  alarmWebhook: {
    ...text(
      z.string().regex(SSM_PARAMETER),
      'nothing, or the name of an SSM parameter that begins with a slash, such as /swath/dev/alarm-webhook; the address itself stands in that parameter',
    ),
    meaning:
      'The SSM parameter (a SecureString) that holds the address of a webhook of Slack or Mattermost, which is told of alarms as well',
    isObserved: true,
    formerly: '',
  },
  modelWatch: {
    ...text(
      z.string().regex(/^$|^mlflow:[^/:@\s][^/:\s]{0,255}@[\w-]{1,255}$/),
      'nothing, or an alias of a model that is registered with MLflow, such as mlflow:drought@champion',
    ),
    meaning:
      'The alias of a model registry that a daily look follows: what it comes to point to is published as a candidate, told to who is told of alarms, and promoted where there is a gate that lets it pass',
  },
  mlflowTrackingUri: {
    ...text(
      z.string().regex(/^$|^https?:\/\/[^\s@?#]+$/),
      'nothing, or the address of an MLflow tracking server without a user in it, such as https://mlflow.example.org',
    ),
    meaning: 'Where the registry of modelWatch is',
  },
  mlflowSecret: {
    ...text(
      z.string().regex(SSM_PARAMETER),
      'nothing, or the name of an SSM parameter that begins with a slash, such as /swath/dev/mlflow; the token itself stands in that parameter',
    ),
    meaning:
      'The SSM parameter (a SecureString) that holds what the registry of modelWatch takes: a token, or USER:PASSWORD',
  },
  arrivalsWindowSeconds: {
    ...whole(
      0,
      MAX_BATCHING_WINDOW_SECONDS,
      `a whole number of seconds from 0, which starts an execution for each file, to ${MAX_BATCHING_WINDOW_SECONDS}, which is as long as Lambda gathers messages of a queue`,
    ),
    meaning:
      'Above 0, small files that arrive within so many seconds are classified in batches: a queue gathers them, which costs less and takes longer',
    isObserved: true,
    formerly: 0,
  },
  requests: {
    type: 'yes or no',
    schema: z.union([z.boolean(), z.literal(['true', 'false'])]),
    allowed: 'true, where there is a queue that takes requests, or false',
    meaning: 'Whether a queue takes requests for predictions: docs/requests.md',
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
    meaning: 'Requests a second over HTTP, on average: more are refused with 429',
  },
  apiBurst: {
    ...whole(1, MAX_API_BURST, `a whole number from 1 to ${MAX_API_BURST}, which is what an account has by default`),
    meaning: 'Requests over HTTP that may come at once',
  },
  apiDailyQuota: {
    ...whole(0, MAX_API_QUOTA, `a whole number up to ${MAX_API_QUOTA}, or 0, which sets none`),
    meaning: 'Requests over HTTP of a key in a UTC day',
  },
  apiCorsOrigins: {
    ...text(
      z.string().regex(CORS_ORIGINS),
      'nothing, * for any, or origins with a comma between two of them, such as https://maps.example.org,http://localhost:3000',
    ),
    meaning: 'Origins whose web pages may ask the API from a browser; none by default',
  },
  apiUrlHosts: {
    ...text(
      z.string().regex(URL_HOSTS),
      'nothing, or hosts with a comma between two of them, such as images.example.org,data.example.org:8443',
    ),
    meaning:
      'Hosts of which images are read that inputs over HTTP name by their addresses, with https alone; none by default',
  },
  apiLatencyLimit: {
    ...whole(1, undefined, 'a whole number of milliseconds from 1 on'),
    meaning: 'Milliseconds above which an alarm tells that the API is slow, where one answer in twenty takes longer',
    isObserved: true,
    formerly: 4000,
  },
  provisionedConcurrency: {
    ...whole(0, undefined, 'a whole number, or 0, which keeps none'),
    meaning:
      'Containers of predict that are started beforehand and kept: $19 a month each with 1,769 MB, busy or not. They come out of the concurrency quota of the account',
  },
  quietDaysLimit: {
    ...whole(0, undefined, 'a whole number of days, or 0, which switches the alarm off'),
    meaning: 'Days without a new file after which an alarm tells',
    isObserved: true,
  },
  promotionGate: {
    ...text(
      z.string().refine(isGate),
      'nothing, or rules with a comma between two of them, such as max_accuracy_drop=0.02,confidence=0.95,min_agreement=0.9,max_time_ratio=2,min_chips=500, or for values max_error_rise=0.5,max_mean_absolute_difference=2',
    ),
    meaning:
      'What a version has to show before it is promoted in the place of another one, beside what `swath:gate` of the packages says: docs/models.md',
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
    meaning: 'A sweep fails at its end where more of its bulk files failed or are invalid',
  },
  sqlTables: {
    type: 'yes or no',
    schema: z.union([z.boolean(), z.literal(['true', 'false'])]),
    allowed: 'true, or false where the account has no Glue or no Athena',
    meaning:
      'Whether predictions, runs and metrics are tables of Athena: a database of Glue and a workgroup, which cost nothing idle',
  },
  sqlBytesLimit: {
    ...whole(
      LEAST_SCANNED_BYTES,
      undefined,
      `a whole number of bytes from ${LEAST_SCANNED_BYTES} on, which is the least that Athena takes`,
    ),
    meaning: 'A query that would read more bytes than that is ended: a terabyte costs $5',
  },
  partsAtOnce: {
    ...whole(
      1,
      MAX_MAP_CONCURRENCY,
      `a whole number from 1 to ${MAX_MAP_CONCURRENCY}, which is as many as Step Functions does at once within one execution`,
    ),
    meaning: 'Parts of one file that are classified at the same time',
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
    meaning: 'Whether `sls remove` deletes all that is stored; else it stays for the next deployment',
  },
  logRetentionDays: {
    ...whole(1, undefined, `one of ${RETENTIONS.join(', ')} days, as CloudWatch has it`),
    schema: whole(1).schema.refine((days) => RETENTIONS.includes(days)),
    meaning: 'Log lines go after so long; what ended how stays in the ledger',
  },
  oldVersionsDays: {
    ...days,
    meaning:
      'What was overwritten or deleted among results and models can be had back so long; the inbox keeps all for ever',
  },
  preparedDays: {
    ...days,
    meaning:
      'Prepared parts and their summaries go after so long; a run is done with them within hours, and one that failed can be looked into',
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

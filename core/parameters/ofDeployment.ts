import * as z from 'zod';
import { orElse } from '../base/errors.ts';
import { FUNCTIONS } from '../base/functions.ts';
import { parseGate } from '../package/gateRules.ts';
import { MAX_FUNCTION_MB } from '../package/runsOn.ts';
import { number, type Parameter, text, upTo, whole, yesOrNo } from './parameter.ts';

/** EventBridge's schedules: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
const schedule =
  /^(cron\([^\s?]+ [^\s?]+ (\? [^\s?]+ [^\s?]+|[^\s?]+ [^\s?]+ \?) [^\s?]+\)|rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\))$/;

/** Lambda's limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_TIMEOUT_SECONDS = 900;
const MIN_MEMORY_MB = 128;

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
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
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
const ENDPOINT_HOSTS =
  /^(((http:\/\/)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|sagemaker:([a-z]+(-[a-z]+)+-\d\/)?[A-Za-z0-9](-*[A-Za-z0-9]){0,62})(,(?=.)|$))*$/;

/**
 * Empty, or a name that is not reserved by AWS.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html
 */
const SSM_PARAMETER = /^$|^(?!\/(aws|ssm)(\/|$))(\/[A-Za-z0-9_.-]+){1,15}$/i;

const BATCH_IMAGE = /^$|^[a-z0-9][\w.:/-]*@sha256:[0-9a-f]{64}$/;
const INSTANCE_TYPES = /^([a-z][a-z0-9-]*(\.[a-z0-9-]+)?(,(?=.)|$))+$/;
const idsOf = (kind: string, what: string) => {
  const ids = z.string().regex(new RegExp(`^(${kind}-[0-9a-f]{8,17}(,(?=.)|$))*$`));
  return text(ids, `nothing, or a comma-separated list of ${what}, such as ${kind}-0a1b2c3d`);
};

const days = whole(1, undefined, 'a whole number of days from 1 on');
const reserved = whole(0, undefined, 'a whole number, or 0 to reserve nothing');

/** The parameters that no function reads; they are used by templates, alarms, panels and the Serverless Framework. */
export const deploymentParameters = {
  sweepSchedule: {
    ...text(z.string().regex(schedule), 'a schedule such as cron(15 0 * * ? *) or rate(1 day)'),
    meaning: 'When the daily sweep runs: shortly after the end of the UTC day',
  },
  alarmEmail: {
    ...text(z.union([z.email(), z.literal(['none', ''])]), 'one e-mail address, or "none" for no e-mails'),
    meaning:
      'The address that gets e-mails about alarms. Required: `sls deploy` fails without an address or an explicit "none"',
  },
  alarmWebhook: {
    ...text(
      z.string().regex(SSM_PARAMETER),
      'nothing, or the name of an SSM parameter that begins with a slash, such as /swath/dev/alarm-webhook; the SSM parameter holds the address itself',
    ),
    meaning:
      'The SSM parameter (a SecureString) that holds the address of a Slack or Mattermost webhook, which gets the alarms as well',
    isObserved: true,
  },
  modelWatch: {
    ...text(
      z.string().regex(/^$|^mlflow:[^/:@\s][^/:\s]{0,255}@[\w-]{1,255}$/),
      'nothing, or an alias of a model in an MLflow registry, such as mlflow:drought@champion',
    ),
    meaning:
      'An alias in a model registry that is checked daily. A new version behind it is published as a candidate, reported to the recipients of alarms, and promoted if there is a gate and it passes the gate',
  },
  mlflowTrackingUri: {
    ...text(
      z.string().regex(/^$|^https?:\/\/[^\s@?#]+$/),
      'nothing, or the URL of an MLflow tracking server, without user information, such as https://mlflow.example.org',
    ),
    meaning: 'The URL of the registry of `modelWatch`',
  },
  mlflowSecret: {
    ...text(
      z.string().regex(SSM_PARAMETER),
      'nothing, or the name of an SSM parameter that begins with a slash, such as /swath/dev/mlflow; the SSM parameter holds the token itself',
    ),
    meaning:
      'The SSM parameter (a SecureString) that holds the credentials for the registry of `modelWatch`: a token, or USER:PASSWORD',
  },
  expectedAccuracyAlarm: {
    ...yesOrNo('true, for packages with swath:expected_accuracy, or false'),
    meaning: 'Whether there is the alarm `accuracy-below`; an `accuracyLimit` above 0 switches it on as well',
    isObserved: true,
  },
  arrivalsWindowSeconds: {
    ...whole(
      0,
      MAX_BATCHING_WINDOW_SECONDS,
      `a whole number of seconds from 0 (one execution per file) to ${MAX_BATCHING_WINDOW_SECONDS} (the longest batching window of Lambda)`,
    ),
    meaning:
      'Above 0: a queue gathers small files for this many seconds, and they are classified in batches, which costs less and takes longer',
    isObserved: true,
  },
  requests: {
    ...yesOrNo('true, which deploys a queue for requests, or false'),
    meaning: 'Whether there is a queue for requests for predictions: docs/requests.md',
    isObserved: true,
  },
  serverRoles: {
    ...text(
      z.string().regex(/^(?:arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}?(?:,(?=arn:)|$))*$/),
      'nothing, or a comma-separated list of ARNs of IAM roles, such as arn:aws:iam::123456789012:role/server',
    ),
    meaning: 'Roles of servers (`npx swath serve --stage`) whose predictions are counted: docs/http.md',
    isObserved: true,
  },
  api: {
    ...yesOrNo('true, which deploys a REST API, or false'),
    meaning: 'Whether there is a REST API for predictions, protected by a key: docs/http.md',
    isObserved: true,
  },
  apiRate: {
    ...whole(1, MAX_API_RATE, `a whole number from 1 to ${MAX_API_RATE}, the default quota of an account`),
    meaning: 'Average HTTP requests per second; more are refused with 429',
  },
  apiBurst: {
    ...whole(1, MAX_API_BURST, `a whole number from 1 to ${MAX_API_BURST}, the default quota of an account`),
    meaning: 'Burst of HTTP requests',
  },
  apiDailyQuota: {
    ...whole(0, MAX_API_QUOTA, `a whole number up to ${MAX_API_QUOTA}, or 0 for no quota`),
    meaning: 'HTTP requests per key and UTC day',
  },
  apiCorsOrigins: {
    ...text(
      z.string().regex(CORS_ORIGINS),
      'nothing, * for any origin, or a comma-separated list of origins, such as https://maps.example.org,http://localhost:3000',
    ),
    meaning: 'Origins whose web pages may call the API from a browser (CORS); none by default',
  },
  apiUrlHosts: {
    ...text(
      z.string().regex(URL_HOSTS),
      'nothing, or a comma-separated list of hosts, such as images.example.org,data.example.org:8443',
    ),
    meaning: 'Hosts from which images may be fetched, by https only, when an HTTP input gives a URL; none by default',
  },
  endpointHosts: {
    ...text(
      z.string().regex(ENDPOINT_HOSTS),
      'nothing, or a comma-separated list of hosts and endpoints, such as models.example.org,http://10.0.0.5:8000,sagemaker:forage',
    ),
    meaning:
      'Servers of the Open Inference Protocol that models may run on, by https unless the entry begins with http://, and endpoints of SageMaker; none by default',
  },
  endpointSecret: {
    ...text(
      z.string().regex(SSM_PARAMETER),
      'nothing, or the name of an SSM parameter that begins with a slash, such as /swath/dev/endpoints; the SSM parameter holds the tokens themselves',
    ),
    meaning:
      'The SSM parameter (a SecureString) that holds the tokens of servers in `endpointHosts`, as HOST=TOKEN, separated by commas',
  },
  apiLatencyLimit: {
    ...whole(1, undefined, 'a whole number of milliseconds from 1 on'),
    meaning: 'Milliseconds: an alarm goes off when more than 5 % of the answers of the API take longer',
    isObserved: true,
  },
  provisionedConcurrency: {
    ...whole(0, undefined, 'a whole number, or 0 for none'),
    meaning:
      'Provisioned concurrency of `predict`: containers that are kept warm, for $19 a month each with 1,769 MB, busy or not. They count towards the concurrency quota of the account',
  },
  quietDaysLimit: {
    ...whole(0, undefined, 'a whole number of days, or 0 to switch the alarm off'),
    meaning: 'Days without a new file after which an alarm goes off',
    isObserved: true,
  },
  promotionGate: {
    ...text(
      z.string().refine((text) => orElse(undefined, () => parseGate(text)) !== undefined),
      'nothing, or a comma-separated list of rules, such as max_accuracy_drop=0.02,confidence=0.95,min_agreement=0.9,max_time_ratio=2,min_chips=500, or for regression max_error_rise=0.5,max_mean_absolute_difference=2',
    ),
    meaning:
      'Conditions for replacing a promoted version with another one, in addition to `swath:gate` in the packages: docs/models.md',
    isObserved: true,
  },
  inboxBucket: {
    ...text(
      z.string().regex(/^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$/),
      'the name of an existing bucket, or "own" for a bucket of the stage',
    ),
    meaning: 'An existing bucket to use as the inbox; by default the stage gets its own bucket',
  },
  batchesAtOnce: {
    ...whole(
      1,
      MAX_DISTRIBUTED_CONCURRENCY,
      `a whole number from 1 to ${MAX_DISTRIBUTED_CONCURRENCY}, the most that Step Functions runs concurrently`,
    ),
    meaning:
      "Concurrent batches; four reach about a thousand files per second, the throughput of one key of the ledger's indexes",
  },
  bulkToleratedShare: {
    ...number(z.number().min(0).max(1), 'a share from 0 to 1; 1 tolerates everything'),
    meaning: 'A sweep fails at its end if a larger share of its bulk files failed or is invalid',
  },
  sqlTables: {
    ...yesOrNo('true, or false if the account has no Glue or no Athena'),
    meaning:
      'Whether predictions, runs and metrics are Athena tables: a Glue database and a workgroup, which cost nothing when idle',
  },
  sqlBytesLimit: {
    ...whole(
      LEAST_SCANNED_BYTES,
      undefined,
      `a whole number of bytes from ${LEAST_SCANNED_BYTES} on, the minimum of Athena`,
    ),
    meaning: 'Athena cancels a query that reads more bytes; a terabyte costs $5',
  },
  partsAtOnce: {
    ...whole(
      1,
      MAX_MAP_CONCURRENCY,
      `a whole number from 1 to ${MAX_MAP_CONCURRENCY}, the most that Step Functions runs concurrently within one execution`,
    ),
    meaning: 'Parts of one file that are classified concurrently',
  },
  preprocessAtOnce: {
    ...reserved,
    meaning: "Reserved concurrency of `preprocess`, for all files together: a part of the account's quota",
  },
  inferAtOnce: {
    ...reserved,
    meaning: "Reserved concurrency of `infer`, for all files together: a part of the account's quota",
  },
  batchImage: {
    ...text(
      z.string().regex(BATCH_IMAGE),
      'nothing, or an image by its digest, such as ghcr.io/me/swath@sha256:(64 digits)',
    ),
    meaning: 'The image of jobs on AWS Batch, for models that outgrow `infer`; none by default, and then no jobs',
  },
  batchVcpus: { ...upTo(192, 'vCPUs'), meaning: 'vCPUs of a job' },
  batchMemory: { ...upTo(2 ** 21, 'MiB', 2048), meaning: 'Memory of a job in MiB' },
  batchGpus: { ...upTo(16, 'GPUs', 0), meaning: 'GPUs of a job. With 0, jobs run on Fargate, else on EC2 instances' },
  batchInstanceTypes: {
    ...text(z.string().regex(INSTANCE_TYPES), 'a comma-separated list of families or types, such as g4dn,g6.2xlarge'),
    meaning: 'EC2 instances with NVIDIA GPUs and x86 processors that jobs may run on',
  },
  batchMaxVcpus: { ...whole(1), meaning: 'vCPUs of all jobs at once; with GPUs on Spot, and as many again on demand' },
  batchHours: { ...upTo(336, 'hours'), meaning: 'An attempt of a job is stopped after this many hours' },
  batchSubnets: { ...idsOf('subnet', 'subnets'), meaning: 'Where jobs run; required with `batchImage`' },
  batchSecurityGroups: { ...idsOf('sg', 'security groups'), meaning: 'Those of jobs; required with `batchImage`' },
  batchPublicIp: {
    ...yesOrNo('true, for public subnets without a NAT gateway, or false'),
    meaning: 'Whether jobs on Fargate get a public address; EC2 instances get one if their subnet assigns it',
  },
  throwAway: {
    ...yesOrNo('true, which deletes all stored data with the stack, or false'),
    meaning: 'Whether `sls remove` deletes all stored data; by default it stays for the next deployment',
  },
  logRetentionDays: {
    ...whole(1, undefined, `one of ${RETENTIONS.join(', ')} days, the values that CloudWatch accepts`),
    schema: whole(1).schema.refine((days) => RETENTIONS.includes(days)),
    meaning: 'Log lines are deleted after this many days; the ledger keeps how each run ended',
  },
  oldVersionsDays: {
    ...days,
    meaning:
      'Overwritten or deleted results and models can be restored for this many days; the inbox keeps every version for ever',
  },
  preparedDays: {
    ...days,
    meaning:
      'Prepared parts and their summaries are deleted after this many days. A run needs them for hours only; the rest is for examining failed runs',
  },
} as const satisfies Record<string, Parameter>;

export const timeoutParameter = (name: string): string => `${name}Timeout`;

export const sizeParameters: Record<string, Parameter> = Object.fromEntries(
  FUNCTIONS.flatMap((name): [string, Parameter][] => [
    [timeoutParameter(name), { ...upTo(MAX_TIMEOUT_SECONDS, 'seconds'), meaning: `Timeout of \`${name}\` in seconds` }],
    [
      `${name}Memory`,
      {
        ...upTo(MAX_FUNCTION_MB, 'MB', MIN_MEMORY_MB),
        meaning: `Memory of \`${name}\` in MB, with a proportional share of a vCPU: 1,769 MB is one vCPU`,
      },
    ],
  ]),
);

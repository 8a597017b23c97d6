import * as z from 'zod';
import { orElse } from '../base/errors.ts';
import { FUNCTIONS } from '../base/functions.ts';
import { parseGate } from '../package/gateRules.ts';
import { MAX_FUNCTION_MB } from '../package/runsOn.ts';
import { number, observed, type Parameter, text, upTo, whole, yesOrNo } from './parameter.ts';

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

const secret = (example: string, holds: string) =>
  text(
    z.string().regex(SSM_PARAMETER),
    `nothing, or the name of an SSM parameter that begins with a slash, such as /swath/dev/${example}; the SSM parameter holds ${holds}`,
  );
const list = (pattern: RegExp, of: string, example: string) =>
  text(z.string().regex(pattern), `nothing, or a comma-separated list of ${of}, such as ${example}`);
const idsOf = (kind: string, what: string) =>
  list(new RegExp(`^(${kind}-[0-9a-f]{8,17}(,(?=.)|$))*$`), what, `${kind}-0a1b2c3d`);
const atMost = (most: number, why: string) => whole(1, most, `a whole number from 1 to ${most}, ${why}`);

const days = whole(1, undefined, 'a whole number of days from 1 on');
const reserved = whole(0, undefined, 'a whole number, or 0 to reserve nothing');

/** The parameters that no function reads; they are used by templates, alarms, panels and the Serverless Framework. */
export const deploymentParameters = {
  sweepSchedule: text(z.string().regex(schedule), 'a schedule such as cron(15 0 * * ? *) or rate(1 day)'),
  alarmEmail: text(z.union([z.email(), z.literal(['none', ''])]), 'one e-mail address, or "none" for no e-mails'),
  alarmWebhook: observed(secret('alarm-webhook', 'the address itself')),
  modelWatch: text(
    z.string().regex(/^$|^mlflow:[^/:@\s][^/:\s]{0,255}@[\w-]{1,255}$/),
    'nothing, or an alias of a model in an MLflow registry, such as mlflow:drought@champion',
  ),
  mlflowTrackingUri: text(
    z.string().regex(/^$|^https?:\/\/[^\s@?#]+$/),
    'nothing, or the URL of an MLflow tracking server, without user information, such as https://mlflow.example.org',
  ),
  mlflowSecret: secret('mlflow', 'the token itself'),
  expectedAccuracyAlarm: observed(yesOrNo('true, for packages with swath:expected_accuracy, or false')),
  arrivalsWindowSeconds: observed(
    whole(
      0,
      MAX_BATCHING_WINDOW_SECONDS,
      `a whole number of seconds from 0 (one execution per file) to ${MAX_BATCHING_WINDOW_SECONDS} (the longest batching window of Lambda)`,
    ),
  ),
  requests: observed(yesOrNo('true, which deploys a queue for requests, or false')),
  serverRoles: observed(
    list(
      /^(?:arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}?(?:,(?=arn:)|$))*$/,
      'ARNs of IAM roles',
      'arn:aws:iam::123456789012:role/server',
    ),
  ),
  api: observed(yesOrNo('true, which deploys a REST API, or false')),
  apiRate: atMost(MAX_API_RATE, 'the default quota of an account'),
  apiBurst: atMost(MAX_API_BURST, 'the default quota of an account'),
  apiDailyQuota: whole(0, MAX_API_QUOTA, `a whole number up to ${MAX_API_QUOTA}, or 0 for no quota`),
  apiCorsOrigins: text(
    z.string().regex(CORS_ORIGINS),
    'nothing, * for any origin, or a comma-separated list of origins, such as https://maps.example.org,http://localhost:3000',
  ),
  apiUrlHosts: list(URL_HOSTS, 'hosts', 'images.example.org,data.example.org:8443'),
  endpointHosts: list(
    ENDPOINT_HOSTS,
    'hosts and endpoints',
    'models.example.org,http://10.0.0.5:8000,sagemaker:forage',
  ),
  endpointSecret: secret('endpoints', 'the tokens themselves'),
  apiLatencyLimit: observed(whole(1, undefined, 'a whole number of milliseconds from 1 on')),
  provisionedConcurrency: whole(0, undefined, 'a whole number, or 0 for none'),
  quietDaysLimit: observed(whole(0, undefined, 'a whole number of days, or 0 to switch the alarm off')),
  promotionGate: observed(
    text(
      z.string().refine((text) => orElse(undefined, () => parseGate(text)) !== undefined),
      'nothing, or a comma-separated list of rules, such as max_accuracy_drop=0.02,confidence=0.95,min_agreement=0.9,max_time_ratio=2,min_chips=500, or for regression max_error_rise=0.5,max_mean_absolute_difference=2',
    ),
  ),
  inboxBucket: text(
    z.string().regex(/^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$/),
    'the name of an existing bucket, or "own" for a bucket of the stage',
  ),
  batchesAtOnce: atMost(MAX_DISTRIBUTED_CONCURRENCY, 'the most that Step Functions runs concurrently'),
  bulkToleratedShare: number(z.number().min(0).max(1), 'a share from 0 to 1; 1 tolerates everything'),
  sqlTables: yesOrNo('true, or false if the account has no Glue or no Athena'),
  sqlBytesLimit: whole(
    LEAST_SCANNED_BYTES,
    undefined,
    `a whole number of bytes from ${LEAST_SCANNED_BYTES} on, the minimum of Athena`,
  ),
  partsAtOnce: atMost(MAX_MAP_CONCURRENCY, 'the most that Step Functions runs concurrently within one execution'),
  preprocessAtOnce: reserved,
  inferAtOnce: reserved,
  batchImage: text(
    z.string().regex(BATCH_IMAGE),
    'nothing, or an image by its digest, such as ghcr.io/me/swath@sha256:(64 digits)',
  ),
  batchVcpus: upTo(192, 'vCPUs'),
  batchMemory: upTo(2 ** 21, 'MiB', 2048),
  batchGpus: upTo(16, 'GPUs', 0),
  batchInstanceTypes: text(
    z.string().regex(INSTANCE_TYPES),
    'a comma-separated list of families or types, such as g4dn,g6.2xlarge',
  ),
  batchMaxVcpus: whole(1),
  batchHours: upTo(336, 'hours'),
  batchSubnets: idsOf('subnet', 'subnets'),
  batchSecurityGroups: idsOf('sg', 'security groups'),
  batchPublicIp: yesOrNo('true, for public subnets without a NAT gateway, or false'),
  throwAway: yesOrNo('true, which deletes all stored data with the stack, or false'),
  logRetentionDays: {
    ...whole(1, undefined, `one of ${RETENTIONS.join(', ')} days, the values that CloudWatch accepts`),
    schema: whole(1).schema.refine((days) => RETENTIONS.includes(days)),
  },
  oldVersionsDays: days,
  preparedDays: days,
} as const satisfies Record<string, Parameter>;

export const timeoutParameter = (name: string): string => `${name}Timeout`;

export const sizeParameters: Record<string, Parameter> = Object.fromEntries(
  FUNCTIONS.flatMap((name): [string, Parameter][] => [
    [timeoutParameter(name), upTo(MAX_TIMEOUT_SECONDS, 'seconds')],
    [`${name}Memory`, upTo(MAX_FUNCTION_MB, 'MB', MIN_MEMORY_MB)],
  ]),
);

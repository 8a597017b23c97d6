import * as z from 'zod';
import { orElse } from '../base/errors.ts';
import { FUNCTIONS } from '../base/functions.ts';
import { parseGate } from '../package/gateRules.ts';
import { MAX_FUNCTION_MB } from '../package/runsOn.ts';
import { MOST_DAYS, matching, number, observed, type Parameter, text, upTo, whole, yesOrNo } from './parameter.ts';
import { daily, schedule } from './schedules.ts';

/** Lambda's limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_TIMEOUT_SECONDS = 900;
const MIN_MEMORY_MB = 128;
/** functions/predict keeps two seconds of its time, to count what it answered and to answer in time if it is late. */
const LEAST_PREDICT_SECONDS = 4;
/** SNS takes 150 values in a filter: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const COLLECTIONS = /^(?:[\w.:-]{1,128}(?:,(?=.)|$)){0,150}$/;
/** The quota of an account, which is raised to tens of thousands at most. */
const MAX_CONCURRENCY = 100_000;

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

const ROLES = /^(?:arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}?(?:,(?=arn:)|$))*$/;
const BATCH_IMAGE = /^$|^[a-z0-9][\w.:/-]*@sha256:[0-9a-f]{64}$/;
/** Those with x86 processors and NVIDIA GPUs that ECS_AL2023_NVIDIA drives: https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html */
const INSTANCE_TYPES = /^((g4dn|g5|g6|g6e|gr6|g7e|p4d|p4de|p5|p5e|p5en|p6-b200|p6-b300)(\.[a-z0-9-]+)?(,(?=.)|$))+$/;

const secret = matching(SSM_PARAMETER);
const idsOf = (kind: string, most: number) => matching(new RegExp(`^(${kind}-[0-9a-f]{8,17}(,(?=.)|$)){0,${most}}$`));
const days = upTo(MOST_DAYS, 'days');

/** The parameters that no function reads; they are used by templates, alarms, panels and the Serverless Framework. */
export const deploymentParameters = {
  sweepSchedule: matching(daily),
  alarmEmail: text(z.union([z.email(), z.literal(['none', ''])])),
  alarmWebhook: observed(secret),
  modelWatch: matching(/^$|^mlflow:[^/:@\s][^/:\s]{0,255}@[\w-]{1,255}$/),
  mlflowTrackingUri: matching(/^$|^https?:\/\/[^\s@?#]+$/),
  mlflowSecret: secret,
  feedTopics: matching(/^(?:arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]{1,256}(?:,(?=arn:)|$))*$/),
  assetEndpoints: observed(matching(/^(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]=https:\/\/[\w.:-]+(?:,(?=.)|$))*$/)),
  assetSecret: secret,
  feedTopicCollections: matching(COLLECTIONS),
  feedSchedule: observed(matching(new RegExp(`^$|${schedule.source}`))),
  expectedAccuracyAlarm: observed(yesOrNo),
  arrivalsWindowSeconds: observed(whole(0, MAX_BATCHING_WINDOW_SECONDS)),
  requests: observed(yesOrNo),
  serverRoles: observed(matching(ROLES)),
  api: observed(yesOrNo),
  apiRate: whole(1, MAX_API_RATE),
  apiBurst: whole(1, MAX_API_BURST),
  apiDailyQuota: whole(0, MAX_API_QUOTA),
  apiCorsOrigins: matching(CORS_ORIGINS),
  apiUrlHosts: matching(URL_HOSTS),
  endpointHosts: matching(ENDPOINT_HOSTS),
  endpointSecret: secret,
  apiLatencyLimit: observed(upTo(60_000, 'milliseconds')),
  provisionedConcurrency: whole(0, MAX_CONCURRENCY),
  quietDaysLimit: observed(whole(0, MOST_DAYS)),
  promotionGate: observed(text(z.string().refine((text) => orElse(undefined, () => parseGate(text)) !== undefined))),
  inboxBucket: matching(/^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$/),
  batchesAtOnce: whole(1, MAX_DISTRIBUTED_CONCURRENCY),
  bulkToleratedShare: number(z.number().min(0).max(1)),
  sqlTables: yesOrNo,
  sqlBytesLimit: whole(LEAST_SCANNED_BYTES, Number.MAX_SAFE_INTEGER),
  redshift: observed(matching(/^$|^(?:workgroup:[a-z0-9-]{3,64}|cluster:[a-z][a-z0-9-]{0,62})(?:\/[a-z_]\w{0,126})?$/)),
  partsAtOnce: whole(1, MAX_MAP_CONCURRENCY),
  preprocessAtOnce: whole(0, MAX_CONCURRENCY),
  inferAtOnce: whole(0, MAX_CONCURRENCY),
  batchImage: matching(BATCH_IMAGE),
  batchVcpus: upTo(192, 'vCPUs'),
  batchMemory: upTo(2 ** 21, 'MiB', 2048),
  batchGpus: upTo(16, 'GPUs', 0),
  batchInstanceTypes: matching(INSTANCE_TYPES),
  batchMaxVcpus: upTo(100_000, 'vCPUs'),
  batchHours: upTo(336, 'hours'),
  batchSubnets: idsOf('subnet', 16),
  batchSecurityGroups: idsOf('sg', 5),
  batchPublicIp: yesOrNo,
  throwAway: yesOrNo,
  logRetentionDays: { ...days, schema: days.schema.refine((count) => RETENTIONS.includes(count)) },
  oldVersionsDays: days,
  preparedDays: days,
} as const satisfies Record<string, Parameter>;

export const timeoutParameter = (name: string): string => `${name}Timeout`;

export const sizeParameters: Record<string, Parameter> = Object.fromEntries(
  FUNCTIONS.flatMap((name): [string, Parameter][] => [
    [timeoutParameter(name), upTo(MAX_TIMEOUT_SECONDS, 'seconds', name === 'predict' ? LEAST_PREDICT_SECONDS : 1)],
    [`${name}Memory`, upTo(MAX_FUNCTION_MB, 'MB', MIN_MEMORY_MB)],
  ]),
);

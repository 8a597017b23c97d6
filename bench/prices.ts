import { ENGINE_PRICES } from '../cli/models/engine.ts';

/**
 * What AWS charges in us-east-1, in dollars, without free tiers and without the lower prices of large amounts. Each price
 * with the page that names it.
 */

export const REGION = 'us-east-1';
export const READ_ON = '2026-11-20';

type Price = { dollars: number; per: string; source: string };

const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const STEP_FUNCTIONS = 'https://aws.amazon.com/step-functions/pricing/';
const DYNAMODB = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const S3 = 'https://aws.amazon.com/s3/pricing/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';
const EVENTBRIDGE = 'https://aws.amazon.com/eventbridge/pricing/';
const SQS = 'https://aws.amazon.com/sqs/pricing/';
const API_GATEWAY = 'https://aws.amazon.com/api-gateway/pricing/';
const EC2 = 'https://aws.amazon.com/ec2/pricing/on-demand/';
const KMS = 'https://aws.amazon.com/kms/pricing/';
const FARGATE = 'https://aws.amazon.com/fargate/pricing/';
const LOAD_BALANCING = 'https://aws.amazon.com/elasticloadbalancing/pricing/';
const VPC = 'https://aws.amazon.com/vpc/pricing/';
const SECRETS = 'https://aws.amazon.com/secrets-manager/pricing/';
const EBS = 'https://aws.amazon.com/ebs/pricing/';

const MILLION = 1e6;

export const PRICES = {
  lambdaRequest: { dollars: 0.2 / MILLION, per: 'request', source: LAMBDA },
  lambdaGbSecond: { dollars: ENGINE_PRICES.lambdaGbSecond, per: 'GB-second, x86', source: LAMBDA },
  standardTransition: { dollars: 25 / MILLION, per: 'state transition', source: STEP_FUNCTIONS },
  tableWrite: { dollars: 0.625 / MILLION, per: 'write request unit', source: DYNAMODB },
  tableRead: { dollars: 0.125 / MILLION, per: 'read request unit', source: DYNAMODB },
  tableStorage: { dollars: 0.25, per: 'GB and month', source: DYNAMODB },
  tableRecovery: { dollars: 0.2, per: 'GB and month, for point-in-time recovery', source: DYNAMODB },
  s3Write: { dollars: 5 / MILLION, per: 'PUT, COPY, POST or LIST', source: S3 },
  s3Read: { dollars: 0.4 / MILLION, per: 'GET or any other request', source: S3 },
  s3Storage: { dollars: 0.023, per: 'GB and month', source: S3 },
  metricRequest: { dollars: 10 / MILLION, per: 'PutMetricData', source: CLOUDWATCH },
  metricMonth: { dollars: 0.3, per: 'metric and month, by the hour in which it is sent', source: CLOUDWATCH },
  alarmMonth: { dollars: 0.1, per: 'alarm and month', source: CLOUDWATCH },
  dashboardMonth: { dollars: 3, per: 'dashboard and month', source: CLOUDWATCH },
  logGb: { dollars: 0.5, per: 'GB of log lines', source: CLOUDWATCH },
  s3Event: { dollars: 1 / MILLION, per: 'event that S3 sends to EventBridge', source: EVENTBRIDGE },
  queueRequest: { dollars: 0.4 / MILLION, per: 'request of a standard queue', source: SQS },
  apiRequest: { dollars: 3.5 / MILLION, per: 'request of a REST API, however large', source: API_GATEWAY },
  transferGb: { dollars: 0.09, per: 'GB that leaves AWS for the internet', source: EC2 },
  keyMonth: { dollars: 1, per: 'key and month', source: KMS },
  // Of servers (docs/http.md#on-ecs) and jobs. For GPUs also AWS's price list of EC2 of 2026-09-01: SKU 7TVXMFHQR6U7W5CV and TPKUC6XYSUQ3VFK2.
  gpuT4Hour: { dollars: ENGINE_PRICES.gpuHour['g4dn.xlarge'], per: 'hour of a g4dn.xlarge, on demand', source: EC2 },
  gpuL4Hour: { dollars: ENGINE_PRICES.gpuHour['g6.xlarge'], per: 'hour of a g6.xlarge, on demand', source: EC2 },
  fargateVcpuHour: { dollars: ENGINE_PRICES.fargateVcpuHour, per: 'vCPU and hour, x86', source: FARGATE },
  fargateGbHour: { dollars: ENGINE_PRICES.fargateGbHour, per: 'GB of memory and hour, x86', source: FARGATE },
  loadBalancerHour: { dollars: 0.0225, per: 'hour of an Application Load Balancer', source: LOAD_BALANCING },
  loadBalancerUnit: { dollars: 0.008, per: 'capacity unit and hour', source: LOAD_BALANCING },
  publicAddressHour: { dollars: 0.005, per: 'public IPv4 address and hour', source: VPC },
  secretMonth: { dollars: 0.4, per: 'secret and month', source: SECRETS },
  volumeGb: { dollars: 0.08, per: 'GB of a gp3 volume and month', source: EBS },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

/** A month, as AWS counts it. */
export const HOURS_A_MONTH = 730;
export const DAYS_A_MONTH = HOURS_A_MONTH / 24;
export const GB = 1024 ** 3;

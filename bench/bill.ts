import { sum } from 'simple-statistics';
import { DAYS_A_MONTH, GB, HOURS_A_MONTH, PRICES, type PriceName } from './prices.ts';

/** A line of a bill: so much of something, at its price. */
type Line = { what: string; price: PriceName; amount: number };
export type Bill = readonly Line[];

export function dollarsOf({ price, amount }: Line): number {
  return amount * PRICES[price].dollars;
}

export function total(bill: Bill): number {
  return sum(bill.map(dollarsOf));
}

/** The same so many times over. */
export function times(bill: Bill, factor: number): Line[] {
  return bill.map((line) => ({ ...line, amount: line.amount * factor }));
}

/** One call of a function, as it is measured. */
export type Call = { memoryMb: number; milliseconds: number; cpuMilliseconds: number };

/** So much memory comes with one vCPU. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MB_PER_CORE = 1769;

/**
 * The milliseconds that Lambda would bill: with less memory than brings a whole core, what took the processor takes longer
 * by as much; what waited does not.
 */
export function billedMilliseconds({ memoryMb, milliseconds, cpuMilliseconds }: Call): number {
  const waited = Math.max(0, milliseconds - cpuMilliseconds);
  return Math.ceil(waited + cpuMilliseconds * Math.max(1, MB_PER_CORE / memoryMb));
}

function gbSeconds(call: Call): number {
  return (call.memoryMb / 1024) * (billedMilliseconds(call) / 1000);
}

/** What one file, or one batch of files, needs of AWS. */
export type Needs = {
  calls: readonly Call[];
  transitions: number;
  writeUnits: number;
  indexWriteUnits: number;
  readUnits: number;
  s3Writes: number;
  s3Reads: number;
  metricRequests: number;
  /** Lines and their bytes, those that Lambda itself writes among them. */
  logBytes: number;
  s3Events: number;
  /** What a queue of arrivals is asked: a message is sent by itself, and taken and removed by tens. */
  queueRequests?: number;
  /** Of a REST API, and the bytes of its answers. */
  apiRequests?: number;
  answerBytes?: number;
  /** Bytes that are kept: of S3 for a month, of S3 for so many days, of the tables, and of their indexes. */
  keptBytes: number;
  preparedBytes: number;
  preparedDays: number;
  tableBytes: number;
  indexBytes: number;
};

/** The bill of one file: whatever is charged for it, and what it takes to keep its results for a month. */
export function billOf(needs: Needs): Line[] {
  return [
    { what: 'Step Functions: transitions', price: 'standardTransition', amount: needs.transitions },
    { what: 'Lambda: requests', price: 'lambdaRequest', amount: needs.calls.length },
    { what: 'Lambda: time', price: 'lambdaGbSecond', amount: sum(needs.calls.map(gbSeconds)) },
    { what: 'DynamoDB: writes of the tables', price: 'tableWrite', amount: needs.writeUnits },
    { what: 'DynamoDB: writes of their indexes', price: 'tableWrite', amount: needs.indexWriteUnits },
    { what: 'DynamoDB: reads', price: 'tableRead', amount: needs.readUnits },
    { what: 'S3: PUT and LIST', price: 's3Write', amount: needs.s3Writes },
    { what: 'S3: GET', price: 's3Read', amount: needs.s3Reads },
    { what: 'CloudWatch: PutMetricData', price: 'metricRequest', amount: needs.metricRequests },
    { what: 'CloudWatch: log lines', price: 'logGb', amount: needs.logBytes / GB },
    { what: 'EventBridge: events of S3', price: 's3Event', amount: needs.s3Events },
    { what: 'API Gateway: requests', price: 'apiRequest', amount: needs.apiRequests ?? 0 },
    { what: 'data transfer: answers', price: 'transferGb', amount: (needs.answerBytes ?? 0) / GB },
    { what: 'SQS: requests', price: 'queueRequest', amount: needs.queueRequests ?? 0 },
    { what: 'kept a month: predictions', price: 's3Storage', amount: needs.keptBytes / GB },
    {
      what: 'kept for a while: prepared parts',
      price: 's3Storage',
      amount: ((needs.preparedBytes / GB) * needs.preparedDays) / DAYS_A_MONTH,
    },
    { what: 'kept a month: rows', price: 'tableStorage', amount: needs.tableBytes / GB },
    { what: 'kept a month: their entries in indexes', price: 'tableStorage', amount: needs.indexBytes / GB },
    { what: 'kept a month: their point-in-time recovery', price: 'tableRecovery', amount: needs.tableBytes / GB },
  ];
}

/** Of each so many bytes of messages, a request is charged, and as many messages are taken and removed at once. */
const [QUEUE_CHUNK_BYTES, MESSAGES_AT_ONCE] = [64 * 1024, 10];

/**
 * The requests that are charged to have messages of those sizes sent, each by itself, and taken and removed by tens.
 * https://aws.amazon.com/sqs/pricing/
 */
export function queueRequestsOf(bytes: readonly number[]): number {
  const chunks = (size: number) => Math.max(1, Math.ceil(size / QUEUE_CHUNK_BYTES));
  const tens = bytes.flatMap((_, i) => (i % MESSAGES_AT_ONCE === 0 ? [bytes.slice(i, i + MESSAGES_AT_ONCE)] : []));
  return sum([...bytes.map(chunks), ...tens.map((some) => chunks(sum(some)) + 1)]);
}

/** What a stage costs in a month in which nothing arrives. */
type Idle = {
  dashboards: number;
  alarms: number;
  keys: number;
  /** Metrics that a sweep publishes: each is charged for the hour of the day in which it is. */
  metrics: number;
  sweep: Needs;
  artifactBytes: number;
  modelBytes: number;
};

/**
 * Lambda asks a queue by five pollers, each of which waits twenty seconds for an answer, the longest that there is; with little to
 * do it may come down to two, which is not reckoned with: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const [POLLERS, WAIT_SECONDS] = [5, 20];

/** What a queue that the function collect empties adds to that: Lambda asks it all the time, and alarms watch it. */
export function idleQueueBill(name: string, alarms: number): Line[] {
  return [
    {
      what: `SQS: five pollers that ask the queue of ${name} in vain`,
      price: 'queueRequest',
      amount: (POLLERS * HOURS_A_MONTH * 3600) / WAIT_SECONDS,
    },
    {
      what: `${alarms === 1 ? 'the alarm' : `${alarms} alarms`} of the queue of ${name}`,
      price: 'alarmMonth',
      amount: alarms,
    },
  ];
}

/** What a queue costs less in a month if Lambda comes down to two of the pollers, as long as nothing comes. */
export const FEWER_POLLERS: Line = {
  what: 'if Lambda comes down to two pollers at a queue to which nothing comes',
  price: 'queueRequest',
  amount: (-(POLLERS - 2) * HOURS_A_MONTH * 3600) / WAIT_SECONDS,
};

/** What the REST API adds while nobody asks it. */
export function idleApiBill(alarms: number): Line[] {
  const [polls] = idleQueueBill('counts', 0);
  return [polls!, { what: `${alarms} alarms of the REST API`, price: 'alarmMonth', amount: alarms }];
}

export function idleBill({ dashboards, alarms, keys, metrics, sweep, artifactBytes, modelBytes }: Idle): Line[] {
  return [
    { what: 'the dashboard', price: 'dashboardMonth', amount: dashboards },
    { what: `${alarms} alarms`, price: 'alarmMonth', amount: alarms },
    { what: "the key of the alarms' topic", price: 'keyMonth', amount: keys },
    {
      what: `${metrics} metrics, an hour a day`,
      price: 'metricMonth',
      amount: (metrics * DAYS_A_MONTH) / HOURS_A_MONTH,
    },
    ...times(billOf(sweep), DAYS_A_MONTH)
      .filter((line) => line.amount > 0)
      .map((line) => ({ ...line, what: `daily sweep: ${line.what}` })),
    { what: 'artifacts of the last deployments', price: 's3Storage', amount: artifactBytes / GB },
    { what: 'the model package', price: 's3Storage', amount: modelBytes / GB },
  ];
}

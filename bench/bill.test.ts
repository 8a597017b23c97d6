import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  billedMilliseconds,
  billOf,
  dollarsOf,
  FEWER_POLLERS,
  idleApiBill,
  idleBill,
  idleQueueBill,
  type Needs,
  queueRequestsOf,
  times,
  total,
} from './bill.ts';
import { PRICES, READ_ON } from './prices.ts';

const NEEDS: Needs = {
  calls: [
    { memoryMb: 1769, milliseconds: 60.2, cpuMilliseconds: 50 },
    { memoryMb: 512, milliseconds: 20, cpuMilliseconds: 10 },
  ],
  transitions: 9,
  writeUnits: 8,
  indexWriteUnits: 11,
  readUnits: 0.5,
  s3Writes: 2,
  s3Reads: 3,
  metricRequests: 1,
  logBytes: 2 ** 30,
  s3Events: 1,
  keptBytes: 2 ** 30,
  preparedBytes: 2 ** 30,
  preparedDays: 8,
  tableBytes: 2 ** 30,
  indexBytes: 2 ** 30,
};

const near = (found: number, expected: number) =>
  assert.ok(Math.abs(found - expected) < 1e-9 * Math.max(1, expected), `${found}, not ${expected}`);

for (const [what, call, billed] of [
  ['the time by the clock, in whole milliseconds, where there is a core', [1769, 60.2, 50], 61],
  ['no less with more than a core', [3538, 60, 50], 60],
  ['more with less memory, for what took the processor and not for what waited', [884.5, 60, 50], 10 + 100],
  ['never less than the processor time, be it of several threads', [1769, 40, 50], 50],
] as const)
  it(`what Lambda bills is ${what}`, () => {
    const [memoryMb, milliseconds, cpuMilliseconds] = call;
    assert.equal(billedMilliseconds({ memoryMb, milliseconds, cpuMilliseconds }), billed);
  });

describe('the bill of a file', () => {
  it('has a line for each thing that is charged for, by its price', () => {
    const seconds = (1769 / 1024) * 0.061 + 0.5 * (Math.ceil(10 + (10 * 1769) / 512) / 1000);
    const expected = {
      'Step Functions: transitions': 9 * 25e-6,
      'Lambda: requests': 2 * 0.2e-6,
      'Lambda: time': seconds * 0.0000166667,
      'DynamoDB: writes of the tables': 8 * 0.625e-6,
      'DynamoDB: writes of their indexes': 11 * 0.625e-6,
      'DynamoDB: reads': 0.5 * 0.125e-6,
      'S3: PUT and LIST': 2 * 5e-6,
      'S3: GET': 3 * 0.4e-6,
      'CloudWatch: PutMetricData': 10e-6,
      'CloudWatch: log lines': 0.5,
      'EventBridge: events of S3': 1e-6,
      'kept a month: predictions': 0.023,
      'kept for a while: prepared parts': (0.023 * 8) / (730 / 24),
      'kept a month: rows': 0.25,
      'kept a month: their entries in indexes': 0.25,
      'kept a month: their point-in-time recovery': 0.2,
    };
    const lines = new Map(billOf(NEEDS).map((line) => [line.what, dollarsOf(line)]));
    for (const [what, dollars] of Object.entries(expected)) near(lines.get(what)!, dollars);
    near(
      total(billOf(NEEDS)),
      Object.values(expected).reduce((sum, one) => sum + one),
    );
  });

  it('of calls of a REST API has these as well, and what leaves AWS', () => {
    const lines = billOf({ ...NEEDS, apiRequests: 10_000, answerBytes: 3 * 2 ** 30 });
    const dollars = new Map(lines.map((line) => [line.what, dollarsOf(line)]));
    near(dollars.get('API Gateway: requests')!, 0.035);
    near(dollars.get('data transfer: answers')!, 0.27);
  });

  it('of several files is as much larger', () => {
    near(total(times(billOf(NEEDS), 12_345)), 12_345 * total(billOf(NEEDS)));
  });
});

it('an idle month has its fixed things, a metric for an hour a day, and its sweeps', () => {
  const idle = { dashboards: 1, alarms: 12, keys: 1, metrics: 9, artifactBytes: 0, modelBytes: 0 };
  const nothing = Object.fromEntries(Object.keys(NEEDS).map((name) => [name, 0])) as unknown as Needs;
  const sweep: Needs = { ...nothing, calls: [], transitions: 18 };
  const bill = idleBill({ ...idle, sweep });
  near(total(bill), 3 + 1.2 + 1 + (9 * 0.3) / 24 + (18 * 25e-6 * 730) / 24);
  assert.equal(bill.find(({ what }) => what === '12 alarms')?.amount, 12);
});

describe('what a queue is asked', () => {
  it('of ten small messages: to take each, and to hand them out and to forget them together', () => {
    assert.equal(queueRequestsOf(Array.from({ length: 10 }, () => 500)), 10 + 1 + 1);
    assert.equal(queueRequestsOf(Array.from({ length: 11 }, () => 500)), 11 + 2 + 2);
    assert.equal(queueRequestsOf([]), 0);
  });

  it('of large ones: for each 64 KiB, also of those that are handed out together', () => {
    assert.equal(queueRequestsOf([64 * 1024]), 1 + 1 + 1);
    assert.equal(queueRequestsOf([64 * 1024 + 1]), 2 + 2 + 1);
    assert.equal(queueRequestsOf(Array.from({ length: 10 }, () => 20 * 1024)), 10 + 4 + 1);
  });
});

it('an idle queue is asked by five pollers every twenty seconds, and watched by its alarms', () => {
  near(total(idleQueueBill('requests', 2)), ((5 * 730 * 3600) / 20) * 0.4e-6 + 0.2);
  assert.deepEqual(
    idleQueueBill('arrivals', 1).map(({ what }) => what),
    ['SQS: five pollers that ask the queue of arrivals in vain', 'the alarm of the queue of arrivals'],
  );
});

it('the REST API adds its alarms and the polling of its counts to an idle month, and two pollers in the place of five are three fifths less', () => {
  near(total(idleApiBill(5)), 0.5 + ((5 * 730 * 3600) / 20) * 0.4e-6);
  near(dollarsOf(FEWER_POLLERS), -0.6 * ((5 * 730 * 3600) / 20) * 0.4e-6);
});

it("prices are of AWS's own pages, and were read on a day", () => {
  for (const { dollars, source } of Object.values(PRICES)) {
    assert.ok(dollars > 0);
    assert.match(source, /^https:\/\/aws\.amazon\.com\/[\w-]+\/pricing\//);
  }
  assert.match(READ_ON, /^\d{4}-\d\d-\d\d$/);
});

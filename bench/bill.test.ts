import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  billedMilliseconds,
  billOf,
  dollarsOf,
  idleBill,
  idleQueueBill,
  type Needs,
  queueRequestsOf,
  total,
} from './bill.ts';

/** As much of each thing as costs a dollar, but for the two calls. */
const NEEDS: Needs = {
  calls: [
    { memoryMb: 1769, milliseconds: 60.2, cpuMilliseconds: 50 },
    { memoryMb: 512, milliseconds: 20, cpuMilliseconds: 10 },
  ],
  transitions: 40_000,
  writeUnits: 1_600_000,
  indexWriteUnits: 1_600_000,
  readUnits: 8_000_000,
  s3Writes: 200_000,
  s3Reads: 2_500_000,
  metricRequests: 100_000,
  logBytes: 2 ** 31,
  s3Events: 1_000_000,
  queueRequests: 2_500_000,
  apiRequests: 1e6 / 3.5,
  answerBytes: 2 ** 30 / 0.09,
  keptBytes: 2 ** 30 / 0.023,
  preparedBytes: 2 ** 30 / 0.023,
  preparedDays: 730 / 24,
  tableBytes: 2 ** 32,
  indexBytes: 2 ** 32,
};

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

it('the bill of a file has a line for each thing that is charged for, by its price on the page of AWS', () => {
  const dollars = new Map(billOf(NEEDS).map((line) => [line.what, dollarsOf(line).toFixed(9)]));
  assert.equal(dollars.get('Lambda: requests'), '0.000000400');
  assert.equal(dollars.get('Lambda: time'), '0.000002131');
  assert.equal(dollars.get('kept a month: their point-in-time recovery'), '0.800000000');
  for (const what of ['Lambda: requests', 'Lambda: time', 'kept a month: their point-in-time recovery'])
    dollars.delete(what);
  assert.deepEqual([...new Set(dollars.values())], ['1.000000000']);
  assert.equal(dollars.size, 16);
});

it('an idle month has its fixed things, a metric for an hour a day, its sweeps, and queues that five pollers ask', () => {
  const nothing = Object.fromEntries(Object.keys(NEEDS).map((name) => [name, 0])) as unknown as Needs;
  const sweep: Needs = { ...nothing, calls: [], transitions: 18 };
  const idle = { dashboards: 1, alarms: 11, keys: 1, metrics: 9, artifactBytes: 0, modelBytes: 0 };
  const fixed = 3 + 1.1 + 1 + (9 * 0.3) / 24 + (18 * 25e-6 * 730) / 24;
  assert.equal(total(idleBill({ ...idle, sweep })).toFixed(9), fixed.toFixed(9));
  const polls = ((5 * 730 * 3600) / 20) * 0.4e-6;
  assert.equal(total(idleQueueBill('requests', 2)).toFixed(9), (polls + 0.2).toFixed(9));
});

for (const [messages, size, requests] of [
  [0, 500, 0],
  [10, 500, 10 + 1 + 1],
  [11, 500, 11 + 2 + 2],
  [1, 64 * 1024, 1 + 1 + 1],
  [1, 64 * 1024 + 1, 2 + 2 + 1],
  [10, 20 * 1024, 10 + 4 + 1],
] as const)
  it(`a queue is asked ${requests} times for ${messages} messages of ${size} bytes: each 64 KiB counts, and tens are handed out together`, () => {
    assert.equal(queueRequestsOf(Array.from({ length: messages }, () => size)), requests);
  });

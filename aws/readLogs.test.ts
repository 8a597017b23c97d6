import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, type FilterLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import { readLogsOf } from './readLogs.ts';

/** CloudWatch Logs as lists: a line's time in seconds before the end, and what it says. */
const END = Date.parse('2026-03-01T10:00:00Z');
const groups = new Map<string, [secondsAgo: number, message: string][]>();
const asked: FilterLogEventsCommandInput[] = [];
const PAGE = 2;

const config = { region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
const logs = new CloudWatchLogsClient(config);
logs.send = (async ({ input }: { input: FilterLogEventsCommandInput }) => {
  asked.push(input);
  const { logGroupName = '', startTime = 0, endTime = 0, filterPattern = '""', nextToken = '0' } = input;
  const events = (groups.get(logGroupName) ?? [])
    .map(([ago, message], i) => ({ timestamp: END - ago * 1000, message, eventId: `${logGroupName}${i}` }))
    .filter(
      ({ timestamp, message }) =>
        timestamp >= startTime && timestamp <= endTime && message.includes(JSON.parse(filterPattern)),
    )
    .sort((a, b) => a.timestamp - b.timestamp);
  const next = Number(nextToken) + PAGE;
  return { events: events.slice(next - PAGE, next), ...(next < events.length && { nextToken: String(next) }) };
}) as never;

const resources = [
  ['AWS::Logs::LogGroup', '/aws/lambda/swath-dev-preprocess'],
  ['AWS::Lambda::Function', 'swath-dev-infer'],
  ['AWS::Logs::LogGroup', '/aws/lambda/swath-dev-infer'],
  ['AWS::Logs::LogGroup', '/other'],
];
let listings = 0;
const cloudFormation = new CloudFormationClient(config);
cloudFormation.send = (async ({ input: { NextToken = '0' } }: { input: { NextToken?: string } }) => {
  listings += 1;
  const next = Number(NextToken) + PAGE;
  const page = resources.slice(next - PAGE, next);
  const StackResourceSummaries = page.map(([ResourceType, PhysicalResourceId]) => ({
    ResourceType,
    PhysicalResourceId,
  }));
  return { StackResourceSummaries, ...(next < resources.length && { NextToken: String(next) }) };
}) as never;

const PREFIX = '/aws/lambda/swath-dev-';
const reader = () => readLogsOf({ stack: 'swath-dev', prefix: PREFIX }, logs, cloudFormation);
const query = { from: new Date(END - 3 * 86_400_000), to: new Date(END), limit: 100 };
const own = (event: string, run: string, secondsAgo: number): [number, string] => [
  secondsAgo,
  `${JSON.stringify({ time: new Date(END - secondsAgo * 1000).toISOString(), event, run })}\n`,
];

describe('CloudWatch Logs', () => {
  beforeEach(() => {
    groups.clear();
    asked.length = 0;
    groups.set(`${PREFIX}preprocess`, [
      [400, 'INIT_START Runtime Version: nodejs:24.v1\n'],
      [399, 'START RequestId: 1 Version: 3\n'],
      own('preprocess.done', 'feed', 398),
      [397, 'END RequestId: 1\n'],
      [397, 'REPORT RequestId: 1\tDuration: 1 ms\tBilled Duration: 1 ms\n'],
      own('preprocess.failed', 'cafe', 20),
      [2, '2026-03-01T09:59:58Z 2 Task timed out after 900.00 seconds\n'],
      [1, 'REPORT RequestId: 2\tDuration: 900000 ms\tStatus: timeout\n'],
    ]);
    groups.set(`${PREFIX}infer`, [own('infer.done', 'feed', 390)]);
    groups.set('/aws/lambda/swath-dev-2-infer', [own('infer.done', 'feed', 5)]);
  });

  describe('the lines of a stage', () => {
    test('are those of its functions, the oldest first, without what Lambda says of every call', async () => {
      const lines = await reader().read(query);
      assert.deepEqual(
        lines.map((line) => [line.function, line.event ?? line.text]),
        [
          ['preprocess', 'preprocess.done'],
          ['infer', 'infer.done'],
          ['preprocess', 'preprocess.failed'],
          ['preprocess', '2026-03-01T09:59:58Z 2 Task timed out after 900.00 seconds'],
          ['preprocess', 'REPORT RequestId: 2\tDuration: 900000 ms\tStatus: timeout'],
        ],
      );
      assert.deepEqual(lines[0]?.fields, { run: 'feed' });
      assert.equal(new Set(lines.map(({ id }) => id)).size, 5);
    });

    test('of one run are asked for by its id', async () => {
      const lines = await reader().read({ ...query, run: 'feed' });
      assert.deepEqual(
        lines.map(({ event }) => event),
        ['preprocess.done', 'infer.done'],
      );
      assert.ok(asked.every(({ filterPattern }) => filterPattern === '"feed"'));
    });

    test('of one function are read from its group alone', async () => {
      assert.equal((await reader().read({ ...query, functions: ['infer'] })).length, 1);
      assert.ok(asked.every(({ logGroupName }) => logGroupName === `${PREFIX}infer`));
    });

    test('are the newest if there are more than requested, and older ones are not read', async () => {
      const lines = await reader().read({ ...query, limit: 2 });
      assert.deepEqual(
        lines.map(({ text }) => text?.slice(-15)),
        ['900.00 seconds'.padStart(15), 'Status: timeout'],
      );
      assert.ok(asked.every(({ startTime }) => startTime! >= END - 300_000));
    });

    test('are read once, however the time is cut up', async () => {
      const at = END - 300_000; // where the first look begins
      groups.set(`${PREFIX}infer`, [own('infer.done', 'on the edge', 300)]);
      const lines = await reader().read({ ...query, functions: ['infer'] });
      assert.deepEqual(
        lines.map(({ time }) => Date.parse(time)),
        [at],
      );
    });

    test('of three days are looked for in a handful of calls', async () => {
      groups.clear();
      assert.deepEqual(await reader().read(query), []);
      assert.ok(asked.length <= 12, `${asked.length} calls`);
    });
  });

  test('the functions are those of the stack, and are listed once', async () => {
    const { functions, read } = reader();
    listings = 0;
    assert.deepEqual(await functions(), ['infer', 'preprocess']);
    await read(query);
    assert.equal(listings, 2, 'two pages');
  });
});

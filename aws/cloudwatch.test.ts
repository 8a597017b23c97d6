import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { exampleParameters } from '../test/documents/exampleParameters.ts';
import { readAlarmsOf } from './alarms.ts';
import { publishTo } from './cloudwatch.ts';
import { readMetricsOf } from './readMetrics.ts';

/** What goes to CloudWatch, and what is made of its answers: the real client, with answers in the place of a network. */

type Request = Record<string, unknown>;

function clientThat(answers: unknown[]) {
  const requests: { operation: string; body: Request }[] = [];
  const client = new CloudWatchClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async ({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) => {
        const operation = headers['x-amz-target']?.split('.')[1] ?? '';
        // The client compresses what is large.
        const bytes = Buffer.from(body);
        const text = String(headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes);
        requests.push({ operation, body: JSON.parse(text) });
        const answer = Readable.from([Buffer.from(JSON.stringify(answers.shift() ?? {}))]);
        return {
          response: { statusCode: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: answer },
        };
      },
    } as never,
  });
  return { client, requests };
}

const seconds = (time: string) => Date.parse(time) / 1000;

describe('publishing', () => {
  test('adds the stage and the unit', async () => {
    const { client, requests } = clientThat([]);
    await publishTo('dev', client)([{ metric: 'Blanks', value: 2, dimensions: { Model: 'm', Window: 'recent' } }]);
    const dimensions = Object.entries({ Stage: 'dev', Model: 'm', Window: 'recent' });
    const Dimensions = dimensions.map(([Name, Value]) => ({ Name, Value }));
    const MetricData = [{ MetricName: 'Blanks', Unit: 'Count', Value: 2, Dimensions }];
    assert.partialDeepStrictEqual(requests, [{ operation: 'PutMetricData', body: { Namespace: 'Swath', MetricData } }]);
  });

  for (const [name, value] of [
    ['cows 3+', 'cows 3+'],
    ['forêt', 'for%C3%AAt'],
    ['100 %', '100 %25'],
    ['a\nb\u{1f33e}', 'a%0Ab%F0%9F%8C%BE'],
    ['\ud83c', '%EF%BF%BD'],
  ] as const)
    test(`sends the class ${JSON.stringify(name)} as ASCII, and reads it again`, async () => {
      const { client, requests } = clientThat([{}, { Metrics: [{ Dimensions: [{ Name: 'Class', Value: value }] }] }]);
      await publishTo('dev', client)([{ metric: 'ClassShare', value: 1, dimensions: { Class: name } }]);
      const MetricData = [{ Dimensions: [{ Value: 'dev' }, { Name: 'Class', Value: value }] }];
      assert.partialDeepStrictEqual(requests[0]?.body, { MetricData });
      const metric = { namespace: 'Swath', name: 'ClassShare', dimensions: {} };
      assert.deepEqual(await readMetricsOf(client).valuesOf(metric, 'Class'), [name.toWellFormed()]);
    });

  test('is cut where CloudWatch takes no more at once, and nothing is sent where there is nothing', async () => {
    const { client, requests } = clientThat([]);
    const one = { metric: 'ClassShare', value: 0.1, dimensions: { Class: 'a' } } as const;
    await publishTo('dev', client)(Array.from({ length: 1001 }, () => one));
    assert.equal(requests.map(({ body }) => (body['MetricData'] as unknown[]).length).join(), '1000,1');
    await publishTo('dev', client)([]);
    assert.equal(requests.length, 2);
  });
});

describe('reading', () => {
  const metric = { namespace: 'Swath', name: 'Drift', dimensions: { Stage: 'dev', Model: 'm' } };

  test('has the highest of a minute for the last, which CloudWatch does not know', async () => {
    const { client, requests } = clientThat([{}]);
    const [from, to] = [new Date('2026-03-01T00:00:00Z'), new Date('2026-03-02T00:00:00Z')];
    await readMetricsOf(client).read({ metric, statistic: 'Last', periodSeconds: 60, from, to });
    assert.partialDeepStrictEqual(requests[0]?.body, { MetricDataQueries: [{ MetricStat: { Stat: 'Maximum' } }] });
  });

  test('puts the pages of a metric together', async () => {
    const at = (time: string) => seconds(`2026-03-01T${time}Z`);
    const { client, requests } = clientThat([
      { MetricDataResults: [{ Id: 'q0', Timestamps: [at('10:00:00')], Values: [0.1] }], NextToken: 'more' },
      { MetricDataResults: [{ Id: 'q0', Timestamps: [at('10:05:00')], Values: [0.2] }] },
    ]);
    const [from, to] = [new Date('2026-03-01T00:00:00Z'), new Date('2026-03-02T00:00:00Z')];
    const points = await readMetricsOf(client).read({ metric, statistic: 'Maximum', periodSeconds: 300, from, to });
    assert.deepEqual(points, [
      { time: '2026-03-01T10:00:00.000Z', value: 0.1 },
      { time: '2026-03-01T10:05:00.000Z', value: 0.2 },
    ]);
    const MetricStat = { Period: 300, Stat: 'Maximum', Metric: { MetricName: 'Drift' } };
    assert.partialDeepStrictEqual(requests[0]?.body, { MetricDataQueries: [{ MetricStat }] });
    assert.equal(requests[1]?.body['NextToken'], 'more');
  });

  test('sends one call for simultaneous requests, and gives each its own answer', async () => {
    const Timestamps = [seconds('2026-03-01T10:00:00Z')];
    const results = [2, 1].map((value) => ({ Id: `q${value - 1}`, Timestamps, Values: [value] }));
    const { client, requests } = clientThat([{ MetricDataResults: results }]);
    const { read } = readMetricsOf(client);
    const span = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-03-02T00:00:00Z'), periodSeconds: 300 };
    const query = (name: string) => ({ metric: { ...metric, name }, statistic: 'Maximum' as const, ...span });
    const [drift, blanks] = await Promise.all([read(query('Drift')), read(query('BlankShare'))]);
    assert.deepEqual([drift?.[0]?.value, blanks?.[0]?.value, requests.length], [1, 2, 1]);
    await Promise.all([read(query('Drift')), read({ ...query('Drift'), statistic: 'p95' })]);
    assert.equal(requests.length, 3, 'where a statistic is not to be had, the others are');
  });

  test('knows the values of a dimension among metrics that have just that one more', async () => {
    const given = [
      { Name: 'Stage', Value: 'dev' },
      { Name: 'Model', Value: 'm' },
    ];
    const withClass = (Value: string) => ({ Dimensions: [...given, { Name: 'Class', Value }] });
    const { client } = clientThat([
      {
        Metrics: [
          withClass('b'),
          { Dimensions: [...given, { Name: 'Class', Value: 'c' }, { Name: 'Band', Value: 'x' }] },
        ],
        NextToken: 'more',
      },
      { Metrics: [withClass('a')] },
    ]);
    assert.deepEqual(await readMetricsOf(client).valuesOf(metric, 'Class'), ['a', 'b']);
  });

  test("knows the stage's alarms by the ids that they have here, and no other stage's", async () => {
    const { client, requests } = clientThat([
      {
        MetricAlarms: [
          { AlarmName: 'swath-dev-2-drift', StateValue: 'ALARM', StateReason: 'Threshold Crossed' },
          {
            AlarmName: 'swath-dev-drift',
            StateValue: 'ALARM',
            StateReason: 'Threshold Crossed',
            StateUpdatedTimestamp: seconds('2026-03-01T10:00:00Z'),
          },
        ],
      },
    ]);
    assert.deepEqual(await readAlarmsOf(exampleParameters, client)(), [
      {
        id: 'drift',
        name: 'swath-dev-drift',
        state: 'ALARM',
        since: '2026-03-01T10:00:00.000Z',
        reason: 'Threshold Crossed',
      },
    ]);
    assert.equal(requests[0]?.body['AlarmNamePrefix'], 'swath-dev-');
  });
});

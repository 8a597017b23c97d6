import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { stageCanary } from './stagePorts.ts';

/** The canary of a stage, with the real clients, and answers in the place of a network. */

const machine = 'arn:aws:states:eu-central-1:123456789012:stateMachine:swath-dev-pipeline';
const place = { inbox: 'swath-dev-inbox', inboxPrefix: '', stateMachineArn: machine };
const scene = { bucket: 'swath-dev-inbox', key: 'swath-canary/a', versionId: 'v1' };
const LASTMODIFIED = '2026-03-01T10:00:00.000Z';

type Http = {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: Uint8Array;
};
type Execution = { name: string; key?: string; second: number };

function open({ executions = [] }: { executions?: Execution[] }) {
  const requests: string[] = [];
  const common = { region: 'eu-central-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } };
  const respond = (body: string, headers: Record<string, string> = {}) => ({
    response: { statusCode: 200, headers, body: Readable.from([Buffer.from(body)]) },
  });
  const s3 = new S3Client({
    ...common,
    requestHandler: {
      handle: async ({ method, path, query }: Http) => {
        requests.push(`${method} ${path}${query['versionId'] === undefined ? '' : `?versionId=${query['versionId']}`}`);
        return respond('', { 'x-amz-version-id': 'v1', 'last-modified': new Date(LASTMODIFIED).toUTCString() });
      },
    } as never,
  });
  const stepFunctions = new SFNClient({
    ...common,
    requestHandler: {
      handle: async ({ headers, body }: Http) => {
        const operation = headers['x-amz-target']?.split('.')[1] ?? '';
        const asked = JSON.parse(Buffer.from(body).toString());
        requests.push(`${operation}${asked.executionArn === undefined ? '' : ` ${asked.executionArn}`}`);
        const json = { 'content-type': 'application/x-amz-json-1.0' };
        if (operation === 'DescribeExecution') {
          const { key } = executions.find(({ name }) => name === asked.executionArn)!;
          const event = { source: 'aws.s3', detail: { bucket: { name: 'swath-dev-inbox' }, object: { key } } };
          const input = JSON.stringify(key === undefined ? { source: 'aws.events' } : event);
          return respond(JSON.stringify({ executionArn: asked.executionArn, input }), json);
        }
        // Two a page.
        const first = Number(asked.nextToken ?? 0);
        const page = executions
          .slice(first, first + 2)
          .map(({ name, second }) => ({
            executionArn: name,
            name,
            startDate: Date.parse(LASTMODIFIED) / 1000 + second,
          }));
        const nextToken = first + 2 < executions.length ? String(first + 2) : undefined;
        return respond(JSON.stringify({ executions: page, nextToken }), json);
      },
    } as never,
  });
  return { canary: stageCanary({ s3, stepFunctions }, place), requests };
}

describe('a canary of a stage', () => {
  test('is put, and its own version is removed again', async () => {
    const { canary, requests } = open({});
    assert.deepEqual(await canary.put('swath-canary/a', Buffer.from('x')), scene);
    await canary.remove(scene);
    const [put, , removed] = requests;
    assert.match(put!, /^PUT .*\/swath-canary\/a$/);
    assert.match(removed!, /^DELETE .*\/swath-canary\/a\?versionId=v1$/);
  });

  test('is removed without a version where the bucket keeps none', async () => {
    const { canary, requests } = open({});
    await canary.remove({ ...scene, versionId: 'null' });
    assert.match(requests[0]!, /^DELETE .*\/swath-canary\/a$/);
  });

  test('is found by the input of its execution, down to the time at which it came, and each other one is looked at once', async () => {
    const executions: Execution[] = [
      { name: `${'0f'.repeat(16)}-1`, key: 'swept', second: 9 }, // the sweep's name says that it is none
      { name: 'sweep', second: 8 },
      { name: 'other', key: 'north/a', second: 7 },
      { name: 'older', key: 'north/b', second: -1 },
      { name: 'oldest', key: 'swath-canary/a', second: -60 },
    ];
    const { canary, requests } = open({ executions });
    await canary.put('swath-canary/a', Buffer.from('x'));
    requests.length = 0;
    assert.equal(await canary.findExecution(scene), undefined);
    assert.deepEqual(requests, [
      'ListExecutions',
      'DescribeExecution sweep',
      'ListExecutions',
      'DescribeExecution other',
    ]);
    requests.length = 0;
    executions.unshift({ name: 'event', key: 'swath-canary/a', second: 10 });
    assert.equal(await canary.findExecution(scene), 'event');
    assert.deepEqual(requests, ['ListExecutions', 'DescribeExecution event']);
  });
});

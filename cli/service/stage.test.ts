import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { exampleParameters } from '../../test/documents/exampleParameters.ts';
import { exitCodeOf, sentenceOf } from '../terminal/output.ts';
import { serviceModels } from './serviceModels.ts';
import { openStage } from './stage.ts';

/** CloudFormation as far as a stage asks it: each stack in the state that its stage's name says. */
let featureSource = '';
const OUTPUTS = {
  InboxBucket: 'inbox',
  ResultsBucket: 'results',
  ModelsBucket: 'models',
  LedgerTable: 'l',
  MetricsTable: 'm',
  FeaturesTable: 'f',
  BulkPrefix: 'bulk/',
  StateMachineArn: exampleParameters.stateMachineArn,
  get ObservedParameters() {
    return JSON.stringify({ ...exampleParameters, featureSource });
  },
};
/** What other services were asked for, and in which region. */
let asked: [string | undefined, string | undefined][] = [];
const server = createServer(async (request, response) => {
  const body = new URLSearchParams(await text(request));
  if (!body.has('StackName')) {
    const [, region] = /Credential=a\/\d+\/([^/]+)/.exec(String(request.headers.authorization)) ?? [];
    asked.push([request.url?.replace(/\?.*/, ''), region]);
    return void response.writeHead(403).end();
  }
  const stage = body.get('StackName')?.slice('swath-'.length) ?? '';
  const status = stage.replaceAll('-', '_').toUpperCase();
  const without = /^WITHOUT_(\w+)$/.exec(status)?.[1];
  const members = Object.entries(OUTPUTS)
    .filter(([key]) => key.toUpperCase() !== without)
    .map(
      ([key, value]) =>
        `<member><OutputKey>${key}</OutputKey><OutputValue>${value.replaceAll('"', '&quot;')}</OutputValue></member>`,
    );
  const about = `<StackName>swath-${stage}</StackName><CreationTime>2026-03-01T08:00:00Z</CreationTime><StackStatus>${without === undefined ? status : 'UPDATE_COMPLETE'}</StackStatus>`;
  const stack = `<member>${about}<Outputs>${status.startsWith('UPDATE') || without !== undefined ? members.join('') : ''}</Outputs></member>`;
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(
    `<DescribeStacksResponse><DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult></DescribeStacksResponse>`,
  );
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const SURROUNDINGS = {
  AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
  AWS_REGION: 'us-east-1',
};

describe('a stage whose stack is', () => {
  const former = Object.entries(SURROUNDINGS).map(([name]) => [name, process.env[name]] as const);
  before(() => void Object.assign(process.env, SURROUNDINGS));
  after(() => {
    for (const [name, value] of former)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    server.closeAllConnections();
    server.close();
  });

  for (const [stage, says] of [
    [
      'rollback-complete',
      /^the stack swath-rollback-complete was never deployed completely: it is ROLLBACK_COMPLETE\. .* "npx sls remove --stage rollback-complete", and deploy it again\.$/,
    ],
    ['rollback-in-progress', /never deployed completely: it is ROLLBACK_IN_PROGRESS/],
    ['create-failed', /never deployed completely: it is CREATE_FAILED/],
    ['review-in-progress', /never deployed completely: it is REVIEW_IN_PROGRESS/],
    ['create-in-progress', /is being deployed for the first time\. Wait/],
    ['delete-in-progress', /is being removed\. Deploy it again once that is done\.$/],
    ['delete-failed', /is partly removed: it is DELETE_FAILED\. .*npx sls remove --stage delete-failed/],
  ] as const)
    test(`${stage} is of no use, and a sentence says so`, async () => {
      await assert.rejects(openStage(stage, {}), (error: Error) => {
        assert.match(sentenceOf(error), says);
        assert.equal(exitCodeOf(error), 1);
        return true;
      });
    });

  for (const stage of ['update-complete', 'update-in-progress', 'update-rollback-complete', 'update-rollback-failed'])
    test(`${stage} can be used`, async () => {
      const service = await openStage(stage, {});
      assert.deepEqual([service.stage, service.parameters.modelName], [stage, exampleParameters.modelName]);
      await service.close();
    });

  for (const [source, path] of [
    ['', undefined],
    ['sagemaker', '/BatchGetRecord'],
    ['s3://lake/features/', '/lake/'],
  ] as const)
    test(`whose features are at “${source}” has requests look them up there, with the caller’s own account`, async () => {
      [featureSource, asked] = [source, []];
      const service = await openStage('update-complete', { region: 'eu-west-1' });
      const group = { name: 'fields', id: 'id', eventTime: 'event_time' };
      const { features } = serviceModels(service);
      await assert.rejects(async () => features!.read(group, ['f-1']));
      assert.deepEqual(asked, [[path ?? '/', 'eu-west-1']]);
      await service.close();
      featureSource = '';
    });

  test('without one of the outputs is to be deployed again', async () => {
    await assert.rejects(openStage('without-ledgertable', {}), {
      name: 'WrongUse',
      message: 'the stack swath-without-ledgertable has no output LedgerTable; deploy it again.',
    });
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ordinaryChips } from '../cli/models/ordinaryChips.ts';
import type { AskEndpoint } from '../core/inference/openInference/endpoint.ts';
import { openInference } from '../core/inference/openInference/runtime.ts';
import { openModel } from '../core/inference/predict.ts';
import { CONSTANT, constantInvocation } from '../test/benches/constantModel.ts';
import { memoryBucket } from '../test/benches/memoryBucket.ts';
import { editedPackage } from '../test/benches/packages.ts';
import { endpointsOf } from './endpoints.ts';
import { askSageMaker } from './sageMaker.ts';

const CHIPS = 3;
const model = { ...(await editedPackage([])), artifact: { file: 'endpoint.json', format: 'open-inference' } };
const chips = ordinaryChips(model, CHIPS);
const EXPECTED = Array.from({ length: CHIPS }, () => CONSTANT).flat();

type Asked = { url: string; headers: IncomingMessage['headers']; body: Buffer };
type Reply = (asked: Asked, response: ServerResponse) => void;

const predicts: Reply = ({ headers, body }, response) => {
  const answer = constantInvocation(body, headers['content-type'] ?? '');
  response.writeHead(200, answer.headers).end(answer.body);
};
const fails =
  (status: number, type: string, body: object = { message: 'why' }): Reply =>
  (_asked, response) =>
    response.writeHead(status, { 'x-amzn-errortype': type }).end(JSON.stringify(body));

describe('an endpoint of SageMaker', () => {
  let server: Server;
  let asked: Asked[];
  let reply: Reply;
  const before = { ...process.env };

  beforeEach(async () => {
    asked = [];
    reply = predicts;
    server = createServer(async (request, response) => {
      const one = { url: request.url ?? '', headers: request.headers, body: await buffer(request) };
      asked.push(one);
      reply(one, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    });
  });
  afterEach(() => {
    process.env = { ...before };
    server.closeAllConnections();
    server.close();
  });

  const scoresOf = async (
    endpoint: object,
    hosts = 'sagemaker:forage',
    runtime = endpointsOf({ ENDPOINT_HOSTS: hosts }),
  ) => {
    const runtimes = [runtime];
    const file = async () => new TextEncoder().encode(JSON.stringify(endpoint));
    const { scores } = await openModel(model, file, { runtimes, threads: 1 });
    return async () => [...(await scores(chips, 0, CHIPS))];
  };

  test('gets binary tensors by their content type, and names its variant and its model', async () => {
    const scores = await scoresOf({ sagemaker: 'forage', variant: 'blue', model: 'forage.tar.gz' });
    assert.deepEqual(await scores(), EXPECTED);
    const [{ url, headers, body }] = asked as [Asked];
    assert.equal(url, '/endpoints/forage/invocations');
    assert.match(headers['content-type']!, /^application\/vnd\.sagemaker-triton\.binary\+json;json-header-size=\d+$/);
    assert.equal(headers['x-amzn-sagemaker-target-variant'], 'blue');
    assert.equal(headers['x-amzn-sagemaker-target-model'], 'forage.tar.gz');
    assert.match(body.toString('latin1'), /^\{"id":"droughtwatch-baseline\/1\.0\.0",/);
  });

  test('of another region is asked there, if it is named with it', async () => {
    const endpoint = { sagemaker: 'forage', region: 'eu-west-1' };
    assert.deepEqual(await (await scoresOf(endpoint, 'sagemaker:eu-west-1/forage'))(), EXPECTED);
    assert.match(asked[0]!.headers.authorization!, /\/eu-west-1\/sagemaker\//);
  });

  const original = (OriginalStatusCode: number) => ({ OriginalStatusCode, OriginalMessage: '{"error": "CUDA"}' });
  const failing: [string, Reply, string, RegExp][] = [
    ['is throttled', fails(400, 'ThrottlingException'), 'EndpointUnavailable', /forage answers 503: “why”/],
    ['has no instance', fails(429, 'ModelNotReadyException'), 'EndpointUnavailable', /503: “why”/],
    ['is not available', fails(503, 'ServiceUnavailable'), 'EndpointUnavailable', /503: “why”/],
    ['fails within SageMaker', fails(500, 'InternalFailure'), 'TransientTrouble', /500: “why”/],
    ['has a model that is busy', fails(424, 'ModelError', original(503)), 'EndpointUnavailable', /503: “CUDA”/],
    ['has a model that takes too long', fails(424, 'ModelError', original(0)), 'EndpointUnavailable', /504: “CUDA”/],
    ['has a model that fails', fails(424, 'ModelError', original(500)), 'TransientTrouble', /500: “CUDA”/],
    ['has a model that refuses', fails(424, 'ModelError', original(422)), 'InvalidModelPackage', /422: “CUDA”/],
    ['is not there', fails(400, 'ValidationError'), 'InvalidModelPackage', /sagemaker:forage answers 400: “why”/],
    ['may not be asked', fails(403, 'AccessDeniedException'), 'InvalidModelPackage', /answers 403: “why”/],
  ];
  for (const [what, answer, name, message] of failing)
    test(`that ${what} fails with ${name}`, async ({ mock }) => {
      mock.method(Math, 'random', () => 0); // between its tries, the client waits for a random part of seconds
      reply = answer;
      await assert.rejects(await scoresOf({ sagemaker: 'forage' }), { name, message });
    });

  const refused: [object, RegExp][] = [
    [{ sagemaker: 'forage/x' }, /sagemaker: found "forage\/x", allowed is a name of up to 63/],
    [{ sagemaker: 'forage', url: 'https://x' }, /endpoint\.json: /],
    [{ sagemaker: 'forage', asynchronous: true, variant: 'blue' }, /allowed is neither a variant nor a model beside/],
  ];
  for (const [endpoint, message] of refused)
    test(`is not asked as ${JSON.stringify(endpoint)}`, () =>
      assert.rejects(scoresOf(endpoint), { name: 'InvalidModelPackage', message }));

  for (const hosts of ['', 'forage', 'sagemaker:eu-west-1/forage', 'sagemaker:forage-2'])
    test(`gets nothing if an operator names ${hosts || 'nothing'}`, async () => {
      const message =
        /^The model is served by sagemaker:forage; .* may be asked\. Name it in the parameter endpointHosts/;
      await assert.rejects(await scoresOf({ sagemaker: 'forage' }, hosts), { name: 'InvalidModelPackage', message });
      assert.deepEqual(asked, []);
    });

  describe('that is asynchronous', () => {
    const endpoint = { sagemaker: 'forage', asynchronous: true };
    let objects: Map<string, Uint8Array>;
    /** What has been put into the queue. */
    let queued: { input: Buffer; type: string; answer: string }[];
    beforeEach(() => {
      objects = new Map();
      queued = [];
      reply = ({ headers }, response) => {
        const key = String(headers['x-amzn-sagemaker-inputlocation']).replace('s3://results/', '');
        const answer = `endpoints/answers/${queued.length}`;
        const type = String(headers['x-amzn-sagemaker-content-type']);
        queued.push({ input: Buffer.from(objects.get(key)!), type, answer });
        const at = `s3://results/${answer}`;
        const locations = { 'x-amzn-sagemaker-outputlocation': at, 'x-amzn-sagemaker-failurelocation': `${at}.error` };
        response.writeHead(202, locations).end('{"InferenceId": "1"}');
      };
    });
    const scoresWithin = (seconds: number, region?: string) => {
      const named = ['sagemaker:forage', 'sagemaker:eu-west-1/forage'];
      const ask = askSageMaker(named, { bucket: 'results', ...memoryBucket(objects), seconds });
      return scoresOf({ ...endpoint, region }, '', openInference(ask as AskEndpoint));
    };
    const answer = ({ input, type, answer: key }: (typeof queued)[number]) =>
      objects.set(key, constantInvocation(input, type).body);

    test('is found to have answered by a later try, which asks for nothing more', async () => {
      const message =
        /^sagemaker:forage has not answered s3:\/\/results\/endpoints\/requests\/forage\/\w{64} within 0\.01 s/;
      await assert.rejects(await scoresWithin(0.01), { name: 'EndpointUnavailable', message });
      answer(queued[0]!);
      assert.deepEqual(await (await scoresWithin(0.01))(), EXPECTED);
      assert.deepEqual(await (await scoresWithin(0.01))(), EXPECTED);
      assert.equal(queued.length, 1);
    });

    test('is asked again after it has failed, or has let a request expire', async () => {
      await assert.rejects(await scoresWithin(0.01), { name: 'EndpointUnavailable' });
      objects.set(`${queued[0]!.answer}.error`, Buffer.from('CUDA out of memory'));
      await assert.rejects(await scoresWithin(0.01), {
        name: 'TransientTrouble',
        message: /500: “CUDA out of memory”/,
      });
      await assert.rejects(await scoresWithin(0.01), { name: 'EndpointUnavailable' });
      const key = [...objects.keys()].find((one) => one.endsWith('.json'))!;
      const sent = JSON.parse(Buffer.from(objects.get(key)!).toString()) as { until: number };
      assert.ok(Math.abs(sent.until - Date.now() - 22_500_000) < 60_000, 'after six hours and a quarter');
      objects.set(key, Buffer.from(JSON.stringify({ ...sent, until: 0 })));
      await assert.rejects(await scoresWithin(0.01), { name: 'EndpointUnavailable' });
      assert.equal(queued.length, 3);
    });

    test('of another region has requests of its own, though its name is the same', async () => {
      for (const region of [undefined, 'eu-west-1', undefined, 'eu-west-1'])
        await assert.rejects(await scoresWithin(0.01, region), { name: 'EndpointUnavailable' });
      assert.equal(queued.length, 2);
      answer(queued[1]!);
      assert.deepEqual(await (await scoresWithin(0.01, 'eu-west-1'))(), EXPECTED);
      await assert.rejects(await scoresWithin(0.01), { name: 'EndpointUnavailable' });
    });

    test('may answer below endpoints/ of the results bucket, and nowhere else', async () => {
      reply = (_asked, response) =>
        response.writeHead(202, { 'x-amzn-sagemaker-outputlocation': 's3://others/endpoints/1' }).end('{}');
      const message =
        /^The endpoint answers at s3:\/\/others\/endpoints\/1, allowed is a place below s3:\/\/results\/endpoints\//;
      await assert.rejects(await scoresWithin(1), { name: 'InvalidModelPackage', message });
    });

    test('is not asked where there is no bucket', async () => {
      const message = /^An asynchronous endpoint takes a bucket\. /;
      await assert.rejects(await scoresOf(endpoint), { name: 'InvalidModelPackage', message });
    });
  });
});

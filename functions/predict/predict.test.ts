import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { modelsIn } from '../../cli/laptop/serve.ts';
import { logTo } from '../../core/base/step.ts';
import type { PredictionsBody } from '../../core/doors/online/answer.ts';
import type { HttpRequest } from '../../core/doors/online/http.ts';
import { readNoImage, readNoUrl } from '../../core/doors/online/inboxImage.ts';
import { openModel } from '../../local/stack/openModel.ts';
import sample from '../../models/digits/1.0.0/sample.json' with { type: 'json' };
import { type PredictPorts, predictStep } from './predict.ts';

const models = await modelsIn(fileURLToPath(new URL('../../models', import.meta.url)));
const DIGITS = '/v1/models/digits/predictions';
const plenty = { remainingSeconds: () => 28 };

function step(others: Partial<PredictPorts> = {}) {
  return predictStep({
    ...models,
    stage: 'dev',
    readFile: readNoImage,
    readUrl: readNoUrl,
    maxImageBytes: 1e7,
    openEngine: async (model, bytes) => {
      const { scores } = await openModel(model, bytes);
      return { run: (batch) => scores(batch, 0, batch.chips) };
    },
    counting: { send: async () => {}, share: 1, now: () => new Date() },
    ...others,
  });
}

function request(method: 'GET' | 'POST', path: string, body: unknown = '', headers = {}): HttpRequest {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return { method, path, query: new URLSearchParams(), headers, body: bytes };
}
const png = Buffer.from(sample.input.image, 'base64');
const predictionOf = (body: string | Uint8Array) => (JSON.parse(String(body)) as PredictionsBody).predictions;

describe('the function predict', () => {
  let lines: Record<string, unknown>[] = [];
  beforeEach(() => {
    lines = [];
    logTo((line) => lines.push(JSON.parse(line)));
  });
  afterEach(() => logTo((line) => process.stdout.write(line)));

  test('predicts for the inputs of a request, and for an image that is its body, the same', async () => {
    const answer = step();
    const { status, body } = await answer(
      request('POST', DIGITS, { inputs: [sample.input, { values: [] }, { url: 'https://a.example.org/a.png' }] }),
      plenty,
    );
    assert.equal(status, 200);
    const [first, second, third] = predictionOf(body);
    assert.equal(first!['class'], sample.prediction.class);
    assert.match(second!.error!, /^inputs\[1\]\.values: /);
    assert.match(third!.error!, /^inputs\[2\]\.url: found an address, but none is read here/);
    const asBody = await answer(request('POST', DIGITS, png, { 'content-type': 'image/png' }), plenty);
    assert.deepEqual(predictionOf(asBody.body), [first]);
  });

  test('has what it predicted counted, and answers whatever becomes of that', async () => {
    const sent: string[] = [];
    const counting = { share: 1, now: () => new Date('2026-03-01') };
    const inputs = { inputs: [{ id: 'a', ...sample.input }, { values: [] }] };
    const counted = step({ counting: { ...counting, send: async (message) => void sent.push(message) } });
    const { body } = await counted(request('POST', DIGITS, inputs), plenty);
    const { answered } = JSON.parse(sent[0]!);
    assert.equal(sent.length, 1);
    assert.equal(answered.request, JSON.parse(String(body)).request);
    assert.deepEqual([answered.model, answered.inputs.length], [{ name: 'digits', version: '1.0.0' }, 1]);

    const refused = step({ counting: { ...counting, send: () => Promise.reject(new Error('no queue')) } });
    assert.equal((await refused(request('POST', DIGITS, inputs), plenty)).status, 200);
    const uncounted = lines.filter((line) => 'OnlineUncounted' in line);
    assert.partialDeepStrictEqual(uncounted, [{ event: 'predict.uncounted', Stage: 'dev', OnlineUncounted: 1 }]);
    assert.equal(uncounted.length, 1, 'of what was sent, nothing is said');
    assert.match(String(uncounted[0]!['error']), /was answered, and its predictions are not counted: no queue/);

    const late = step({ counting: { ...counting, send: () => new Promise(() => {}) } });
    assert.equal((await late(request('POST', DIGITS, inputs), plenty)).status, 200);
  });

  test('writes a line a request, out of which CloudWatch takes its metrics; the first of a container says so', async () => {
    const answer = step();
    const inputs = [...Array.from({ length: 40 }, () => sample.input), { values: [] }];
    await answer(request('POST', DIGITS, { inputs }), plenty);
    await answer(request('POST', DIGITS, { inputs: [sample.input] }), plenty);
    const [first, second] = lines as [Record<string, never>, Record<string, never>];
    assert.partialDeepStrictEqual(first, {
      event: 'predict.answered',
      status: 200,
      model: 'digits',
      version: '1.0.0',
      isCold: true,
      batches: 2,
      Stage: 'dev',
      OnlineRequests: 1,
      OnlineInputs: 41,
      OnlineInputErrors: 1,
      OnlineInputWarnings: 0,
      OnlineBatchSize: [32, 8],
      OnlineColdStarts: 1,
    });
    assert.partialDeepStrictEqual(second, { isCold: false, OnlineBatchSize: 1 });
    assert.ok(!('OnlineColdStarts' in second) && !('OnlineErrors' in second));
    // Each metric that is told of is a member of the line, and so is each of its dimensions.
    const { CloudWatchMetrics, Timestamp } = first['_aws'] as unknown as {
      CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
      Timestamp: number;
    };
    assert.ok(Math.abs(Date.now() - Timestamp) < 60_000);
    assert.equal(CloudWatchMetrics.length, 8);
    for (const { Namespace, Dimensions, Metrics } of CloudWatchMetrics) {
      assert.equal(Namespace, 'Swath');
      for (const name of [...Dimensions.flat(), ...Metrics.map(({ Name }) => Name)]) assert.ok(name in first, name);
    }
  });

  test('logs refusals and failures by kind', async () => {
    const failing = step({ models: { ...models.models, load: () => Promise.reject(new Error('S3 is away')) } });
    const unknown = await failing(request('POST', '/v1/models/none/predictions', { inputs: [{}] }), plenty);
    const failed = await failing(request('POST', DIGITS, { inputs: [{}] }), plenty);
    assert.deepEqual([unknown.status, failed.status], [404, 500]);
    assert.doesNotMatch(String(failed.body), /S3/);
    assert.deepEqual(
      lines.map(({ Kind, OnlineErrors }) => [Kind, OnlineErrors]),
      [
        ['refused', 1],
        ['fault', 1],
      ],
    );
    assert.equal(lines[1]!['error'], 'Error: S3 is away');
  });

  test('answers in time that it is too late, while a model is loaded or between two batches', async () => {
    const slow = step({ openEngine: () => setTimeout(60_000, { run: () => assert.fail() }, { ref: false }) });
    const late = await slow(request('POST', DIGITS, { inputs: [sample.input] }), { remainingSeconds: () => 2 });
    assert.deepEqual([late.status, late.headers['retry-after']], [503, '1']);
    assert.match(String(late.body), /There was no answer within 1 s/);
    assert.partialDeepStrictEqual(lines, [{ Kind: 'timeout', OnlineErrors: 1, OnlineRequests: 1 }]);

    let runs = 0;
    let held = Promise.resolve();
    const busy = step({
      openEngine: async ({ classes }) => ({
        run: async ({ chips }) => {
          runs += 1;
          await held;
          return new Float32Array(chips * classes.length).fill(1 / classes.length);
        },
      }),
    });
    const first = await busy(request('POST', DIGITS, { inputs: [sample.input] }), plenty);
    assert.deepEqual([first.status, runs], [200, 1]);
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    const inputs = Array.from({ length: 100 }, () => sample.input);
    const half = await busy(request('POST', DIGITS, { inputs }), { remainingSeconds: () => 2 });
    assert.equal(half.status, 503);
    resolve();
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    assert.ok(runs <= 2, 'what nobody waits for any more is not run'); // not even once, if a second was too short to read it
    assert.equal(lines.length, 3, 'one line each');
  });

  test('the health runs the live model on its sample; of a model that fails, it says why', async () => {
    const [first] = (await models.models.serving()).live;
    const well = await step()(request('GET', '/healthz'), plenty);
    assert.deepEqual([well.status, JSON.parse(String(well.body)).model], [200, first!.model]);
    const broken = step({ openEngine: () => Promise.reject(new Error('It is no model.')) });
    const ill = await broken(request('GET', '/healthz'), plenty);
    assert.deepEqual([ill.status, JSON.parse(String(ill.body)).output], [503, 'It is no model.']);
    assert.ok(
      lines.every((line) => !('_aws' in line)),
      'it is no request for predictions',
    );
  });
});

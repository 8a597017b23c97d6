import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { modelsIn } from '../cli/laptop/serve.ts';
import { InvalidSceneFile } from '../core/base/errors.ts';
import { parseAnswered } from '../core/doors/answered/answered.ts';
import type { PredictionsBody } from '../core/doors/online/answer.ts';
import type { InputAnswer } from '../core/doors/online/predictor.ts';
import { MODELS, startBundledServer, startServerOf } from '../test/benches/bundledServer.ts';
import { heightsPackage } from '../test/benches/heights.ts';
import golden from '../test/golden/droughtwatch.vectors.json' with { type: 'json' };
import { sampleChips } from '../test/models/sampleChips.ts';
import { makeKeyCheck } from './keys.ts';
import type { PredictionServer, PredictionServerOptions } from './predictionServer.ts';

const SOIL = '/v1/models/landsat-statlog/predictions';
const FORAGE = '/v1/models/droughtwatch-baseline/predictions';
/** The first row of the sample, which onnxruntime in Python takes for grey soil. */
const ROW = [
  80, 102, 102, 79, 76, 102, 102, 79, 76, 102, 106, 83, 76, 99, 108, 85, 76, 103, 118, 88, 80, 107, 118, 88, 79, 107,
  109, 87, 79, 107, 109, 87, 79, 107, 113, 87,
];
const MOST_BYTES = 8 * 1024 ** 2;

const startServer = (options: Partial<PredictionServerOptions> = {}) =>
  startBundledServer({
    threads: 2,
    maxBodyBytes: MOST_BYTES,
    bodySeconds: 1,
    readFile: async (_file, where) => {
      throw new InvalidSceneFile(`${where}: found a scene file, allowed is none`);
    },
    ...options,
  });

describe('a server of predictions', () => {
  let server: PredictionServer;
  const wholeOf = (path: string) => new URL(path, server.url);
  const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(wholeOf(path), { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  const predict = async (path: string, inputs: unknown[]) => {
    const response = await post(path, JSON.stringify({ inputs }));
    assert.equal(response.status, 200);
    return ((await response.json()) as { predictions: InputAnswer[] }).predictions;
  };

  before(async () => {
    server = await startServer();
  });
  after(() => server.close());

  test('answers for each input, in their order, and for one that is bad alone', async () => {
    const inputs = [ROW, [1]].map((values, i) => ({ id: 'ab'[i], values }));
    const response = await post(SOIL, JSON.stringify({ inputs }));
    assert.equal(response.status, 200);
    const { request, predictions, ...about } = (await response.json()) as {
      request: string;
      predictions: InputAnswer[];
    };
    assert.match(request, /^[0-9a-f-]{36}$/);
    assert.deepEqual(about, { model: 'landsat-statlog', version: '1.0.0' });
    const [first, second] = predictions;
    const { probabilities: _1, probability: _2, ...rest } = first as unknown as Record<string, unknown>;
    assert.deepEqual(rest, { id: 'a', class: 'grey-soil', label: 3, value: null, warnings: [], error: null });
    assert.deepEqual([second!.id, second!['class'], second!['probabilities']], ['b', null, null]);
    assert.match(second!.error!, /^inputs\[1\]\.values: found a list of 1, allowed are 36 numbers/);
  });

  test('reads several large inputs of a body, each from its own part', async () => {
    const inputs = [ROW, [1], ROW].map((values, i) => ({ id: 'abc'[i], values }));
    const body = inputs.map((input) => JSON.stringify(input).replace('{', `{${' '.repeat(100_000)}`));
    const response = await post(SOIL, `{"inputs":[${body.join(',')}]}`);
    const { predictions } = (await response.json()) as { predictions: InputAnswer[] };
    assert.deepEqual(
      predictions.map((one) => [one.id, one['class'], one.error?.slice(0, 17) ?? null]),
      [
        ['a', 'grey-soil', null],
        ['b', null, 'inputs[1].values:'],
        ['c', 'grey-soil', null],
      ],
    );
  });

  test('reads bands of a large body whose bytes are small enough for the pool of buffers', async () => {
    const { bands } = sampleChips()[0]!;
    const input = {
      bands: Object.fromEntries([...bands].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')])),
    };
    const [small] = await predict(FORAGE, [input]);
    const padded = JSON.stringify({ inputs: [input] }).replace('{"bands"', `{${' '.repeat(100_000)}"bands"`);
    const response = await post(FORAGE, padded);
    assert.equal(response.status, 200);
    assert.deepEqual(((await response.json()) as { predictions: InputAnswer[] }).predictions, [small]);
  });

  test('predicts for real chips as known, and marks the blank ones', async () => {
    const inputs = sampleChips().map(({ bands }) => ({
      bands: Object.fromEntries([...bands].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')])),
    }));
    const halves = await Promise.all([predict(FORAGE, inputs.slice(0, 40)), predict(FORAGE, inputs.slice(40))]);
    const found = halves.flat();
    const known = new Map(golden.records.map(({ index }, i) => [index, golden.models.baseline.predictions[i]!]));
    for (const [i, answer] of found.entries()) {
      const expected = known.get(i);
      if (expected === undefined) {
        assert.match(answer.warnings.join(), /^It is blank/);
        assert.deepEqual([answer['class'], answer.error], [null, null]);
      } else {
        assert.equal(answer['class'], expected.class);
        const highest = Math.max(...expected.probabilities);
        assert.ok(Math.abs((answer['probability'] as number) - highest) < 1e-6);
      }
    }
  });

  const NONE = { path: '/v1/models/nobody/predictions', version: `${SOIL}?version=9.9` };
  for (const [what, path, body, type, status, says] of [
    ['no JSON', SOIL, '{"inputs"', 'application/json', 400, /starts with .*is not JSON/],
    ['no UTF-8', SOIL, Uint8Array.of(0xff, 0xfe), 'application/json', 400, /not UTF-8/],
    ['no inputs', SOIL, '{}', 'application/json', 422, /inputs: found nothing, allowed is a list of 1 to 1000/],
    ['a form', SOIL, 'a=b', 'text/plain', 415, /text\/plain/],
    ['an empty image', SOIL, '', 'image/png', 422, /empty/],
    ['a picture that is none', FORAGE, 'GIF89a', 'image/gif', 422, /The image: found a file that starts with/],
    ['too many bytes', SOIL, new Uint8Array(MOST_BYTES + 1), 'application/json', 413, /more than 8388608 bytes/],
    [
      'an unknown model',
      NONE.path,
      '{"inputs": [1]}',
      'application/json',
      404,
      /no model “nobody”. Live are: .*digits/,
    ],
    ['an unknown version', NONE.version, '{"inputs": [1]}', 'application/json', 404, /no version “9.9” of landsat/],
  ] as const)
    test(`refuses ${what} with ${status}`, async () => {
      const response = await post(path, body, { 'content-type': type });
      assert.equal(response.status, status);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
      const problem = (await response.json()) as { status: number; detail: string };
      assert.equal(problem.status, status);
      assert.match(problem.detail, says);
    });

  test('lists its models, and shows each with its item', async () => {
    const { models } = (await (await fetch(wholeOf('/v1/models'))).json()) as { models: { name: string }[] };
    assert.ok(models.some(({ name }) => name === 'landsat-statlog'));
    const one = (await (await fetch(wholeOf('/v1/models/landsat-statlog'))).json()) as Record<string, unknown>;
    assert.deepEqual([one['promoted'], one['versions'], one['task']], ['1.0.0', ['1.0.0'], 'classification']);
    assert.equal((one['item'] as { id: string }).id, 'landsat-statlog-1.0.0');
  });

  test('counts, for Prometheus', async () => {
    await predict(SOIL, [{ values: ROW }]);
    const text = await (await fetch(wholeOf('/metrics'))).text();
    assert.match(text, /^swath_requests_total\{route="\/v1\/models\/\{model\}\/predictions",status="200"\} [1-9]/m);
    assert.match(text, /^swath_inputs_total\{model="landsat-statlog",version="1.0.0"\} [1-9]/m);
    assert.match(text, /^swath_batch_inputs_count\{model="landsat-statlog",version="1.0.0"\} [1-9]/m);
    assert.match(text, /^swath_requests_in_flight 1$/m, 'the one that asks');
  });

  test('cuts off a body that does not come', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST ${SOIL} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"inp`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1.1 408 /);
    await once(socket, 'close');
  });

  test('is well while the first live model predicts for its sample what it should', async () => {
    const response = await fetch(wholeOf('/healthz'));
    const model = { name: 'digits', version: '1.0.0' };
    assert.deepEqual([response.status, await response.json()], [200, { status: 'pass', model, output: null }]);
  });

  test('answers the example of its description as it says', async () => {
    const { paths, components } = (await (await fetch(wholeOf('/openapi.json'))).json()) as Record<string, never>;
    const { requestBody, responses } = paths!['/v1/models/{model}/predictions']!['post'] as unknown as Record<
      string,
      Record<string, never>
    >;
    const { model } = components!['parameters'] as unknown as { model: { example: string } };
    const path = `/v1/models/${model.example}/predictions`;
    const asked = (requestBody!['content']!['application/json'] as { example: { inputs: unknown[] } }).example;
    const said = (responses!['200']!['content']!['application/json'] as { example: { predictions: InputAnswer[] } })
      .example;
    const [found] = await predict(path, asked.inputs);
    assert.deepEqual(
      [found!['class'], Object.keys(found!).sort()],
      [said.predictions[0]!['class'], Object.keys(said.predictions[0]!).sort()],
    );
  });

  test('serves a page that loads nothing from elsewhere', async () => {
    const response = await fetch(wholeOf('/docs'));
    assert.match(response.headers.get('content-security-policy')!, /default-src 'none'; script-src 'sha256-/);
    assert.match(await response.text(), /<title>Swath: predictions<\/title>/);
  });
});

test('a server with keys answers nothing without one, except health and the description', async () => {
  const server = await startServer({ check: makeKeyCheck('# of the team\nsecret-1\n\nsecret-2\n'), needsKey: true });
  const ask = async (path: string, key?: string) =>
    (await fetch(new URL(path, server.url), key === undefined ? {} : { headers: { 'x-api-key': key } })).status;
  assert.deepEqual(
    await Promise.all([ask('/v1/models'), ask('/v1/models', 'secret'), ask('/v1/models', 'secret-2'), ask('/docs')]),
    [401, 403, 200, 200],
  );
  assert.deepEqual(await Promise.all([ask('/metrics'), ask('/openapi.json')]), [401, 200]);
  const bearing = async (authorization: string) =>
    (await fetch(new URL('/metrics', server.url), { headers: { authorization } })).status;
  assert.deepEqual(
    await Promise.all(
      ['Bearer secret-1', 'bearer secret-1', 'Bearer secret', 'Basic secret-1', 'Bearer '].map(bearing),
    ),
    [200, 200, 403, 401, 401],
  );
  const metrics = await (await fetch(new URL('/metrics', server.url), { headers: { 'x-api-key': 'secret-1' } })).text();
  assert.match(metrics, /swath_requests_total\{route="\/v1\/models",status="401"\} 1\n/, 'what is refused is counted');
  assert.match(metrics, /swath_requests_total\{route="\/metrics",status="403"\} 1\n/);
  await server.close();
});

test('a server that is stopped answers what it has taken, and takes nothing more', async () => {
  const server = await startServer();
  const ask = () =>
    fetch(new URL(SOIL, server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: Array.from({ length: 1000 }, () => ({ values: ROW })) }),
    });
  await (await ask()).text();
  const asked = Array.from({ length: 4 }, ask);
  await new Promise((resolve) => setImmediate(resolve));
  while (!/in_flight [2-9]/.test(await (await fetch(new URL('/metrics', server.url))).text()));
  const closed = server.close();
  const statuses = (await Promise.allSettled(asked)).map((one) => (one.status === 'fulfilled' ? one.value.status : 0));
  assert.ok(statuses.filter((status) => status === 200).length >= 2, statuses.join());
  await closed;
  await assert.rejects(ask());
});

describe('a server is not ready', () => {
  const statuses = async (server: PredictionServer) =>
    Promise.all(
      ['/readyz', '/ping', '/v2/health/ready', '/healthz'].map(
        async (path) => (await fetch(new URL(path, server.url))).status,
      ),
    );
  /** With a moment between two looks, and what was answered read: else the looks themselves take all that the server has. */
  const until = async (server: PredictionServer, status: number) => {
    for (;;) {
      const response = await fetch(new URL('/readyz', server.url));
      await response.arrayBuffer();
      if (response.status === status) return;
      await setTimeout(20);
    }
  };

  test('where onnxruntime cannot load its models, as without the GPU that they are to run on', async (t) => {
    const { models } = await modelsIn(MODELS);
    const fileOf: typeof models.fileOf = () => async () => new Uint8Array(9);
    const server = await startServer({ threads: 1, models: { ...models, fileOf }, onError: () => {} });
    t.after(() => server.close());
    await fetch(new URL('/healthz', server.url)); // once it is known
    for (let time = 0; time < 3; time += 1) assert.deepEqual(await statuses(server), [503, 503, 503, 503]);
  });

  test('as long as no model is live, which its status says, and becomes so once one is', async (t) => {
    const { models } = await modelsIn(MODELS);
    let isEmpty = true;
    const serving: typeof models.serving = async () => ({ ...(await models.serving()), ...(isEmpty && { live: [] }) });
    const server = await startServer({ threads: 1, models: { ...models, serving } });
    t.after(() => server.close());
    await until(server, 404);
    assert.deepEqual(await statuses(server), [404, 503, 503, 503]);
    isEmpty = false;
    await until(server, 200);
  });

  test('as long as no model can be read, and becomes so once one can', async () => {
    const { models } = await modelsIn(MODELS);
    let isBroken = true;
    const load: typeof models.load = (ref) => (isBroken ? Promise.reject(new Error('busy')) : models.load(ref));
    const server = await startServer({ models: { ...models, load }, onError: () => {} });
    await fetch(new URL('/healthz', server.url));
    assert.deepEqual(await statuses(server), [503, 503, 503, 503]);
    isBroken = false;
    await until(server, 200);
    assert.deepEqual(await statuses(server), [200, 200, 200, 200]);
    await server.close();
  });
});

describe('a live model that cannot be loaded is named to whoever asks, and is counted as not loaded', () => {
  for (const [what, name, content, says] of [
    ['a file that is no ONNX model', 'model.onnx', Uint8Array.of(58, 99), 'is not an ONNX model: at byte'],
    ['a graph that onnxruntime refuses', 'model.onnx', Uint8Array.of(8, 8), 'onnxruntime cannot load it'],
    ['no file', 'model.onnx', null, 'does not exist'],
    ['a broken reference', 'reference.json', '{', 'found no JSON'],
  ] as const)
    test(what, async (t) => {
      const { [name]: _, ...others } = await heightsPackage();
      const heights = content === null ? others : { ...others, [name]: content };
      const errors: unknown[] = [];
      const server = await startServerOf({ heights }, { onError: (error) => void errors.push(error) });
      t.after(() => server.close());
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ inputs: [{ values: Array(4).fill([0, 1, 2, 3]) }] });
      const response = await fetch(`${server.url}/v1/models/heights/predictions`, { method: 'POST', headers, body });
      const { detail } = (await response.json()) as { detail: string };
      assert.equal(response.status, 500);
      assert.match(detail, /^The (model|package of) heights 1\.0\.0 cannot be (loaded|read): /);
      assert.ok(detail.includes(name) && detail.includes(says), detail);
      assert.ok(errors.some((error) => String(error).includes('heights 1.0.0')));
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      const failures = /^swath_request_failures_total\{route="\/v1\/models\/\{model\}\/predictions",type="(\w+)"\} 1$/m;
      assert.equal(failures.exec(metrics)?.[1], 'not_loaded');
    });
});

describe('a server whose predictions are counted', () => {
  const sent: string[] = [];
  let isBroken = false;
  const errors: unknown[] = [];
  let server: PredictionServer;

  before(async () => {
    server = await startServer({
      threads: 1,
      isLazy: true,
      counting: {
        send: async (message) => {
          if (isBroken) throw new Error('the queue is gone');
          sent.push(message);
        },
        share: 1,
        now: () => new Date(),
      },
      onError: (error) => void errors.push(error),
    });
  });
  after(() => server.close());

  const ask = async (inputs: unknown[]) => {
    const body = JSON.stringify({ inputs });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(new URL(SOIL, server.url), { method: 'POST', headers, body });
    return { status: response.status, body: (await response.json()) as PredictionsBody };
  };
  async function until(isSo: () => boolean): Promise<void> {
    for (let i = 0; i < 200 && !isSo(); i += 1) await setTimeout(10);
    assert.ok(isSo());
  }
  const counted = async (word: string) => {
    const text = await (await fetch(new URL('/metrics', server.url))).text();
    return new RegExp(`swath_counted_inputs_total\\{[^}]*counted="${word}"[^}]*\\} (\\d+)`).exec(text)?.[1];
  };

  test('sends its answers to be counted, by their ids, without refused inputs', async () => {
    const { body } = await ask([{ id: 'a', values: ROW }, { values: [1] }, { id: 'b', values: ROW }]);
    await until(() => sent.length === 1);
    const { request, model, columns, inputs } = parseAnswered(sent[0]!);
    assert.deepEqual([request, model], [body.request, { name: body.model, version: body.version }]);
    assert.deepEqual(
      inputs.map(({ place, id, values }) => [place, id, values?.[columns.indexOf('class')]]),
      [
        [0, 'a', body.predictions[0]?.['class']],
        [2, 'b', body.predictions[2]?.['class']],
      ],
    );
    assert.equal(await counted('yes'), '2');
  });

  test('takes truths, which are no inputs', async () => {
    const sentBefore = sent.length;
    const inputsNow = async () =>
      /^swath_inputs_total\{.*\} (\d+)$/m.exec(await (await fetch(new URL('/metrics', server.url))).text())?.[1];
    const before = await inputsNow();
    const body = JSON.stringify({ truths: [{ request: 'a', id: 'b', truth: 1 }] });
    const headers = { 'content-type': 'application/json' };
    const path = SOIL.replace('predictions', 'truth');
    assert.equal((await fetch(new URL(path, server.url), { method: 'POST', headers, body })).status, 202);
    await until(() => sent.length > sentBefore);
    assert.ok(Number(before) > 0);
    assert.equal(await inputsNow(), before);
  });

  test('answers a try of this process in the same way and does not count it; no request can ask for that', async () => {
    const metricsNow = async () =>
      (await (await fetch(new URL('/metrics', server.url))).text())
        .split('\n')
        .filter(
          (line) =>
            /^swath_(?!.*route="\/metrics")/.test(line) && !/seconds|bytes|requests_total|in_progress|batch/.test(line),
        );
    const [before, sentBefore] = [await metricsNow(), sent.length];
    const body = new TextEncoder().encode(JSON.stringify({ inputs: [{ id: 'a', values: ROW }] }));
    const headers = { 'content-type': 'application/json' };
    const tried = await server.tryOut({ method: 'POST', path: SOIL, query: new URLSearchParams(), headers, body });
    assert.equal(tried.status, 200);
    assert.deepEqual(await metricsNow(), before);
    const hints = { ...headers, 'swath-try': '1', origin: new URL(server.url).origin, 'sec-fetch-site': 'same-origin' };
    const over = await fetch(new URL(SOIL, server.url), { method: 'POST', headers: hints, body });
    const called = (await over.json()) as PredictionsBody;
    assert.deepEqual(JSON.parse(String(tried.body)).predictions, called.predictions);
    await until(() => sent.length === sentBefore + 1);
    assert.equal(parseAnswered(sent.at(-1)!).request, called.request, 'only what came by HTTP');
    const truths = new TextEncoder().encode('{"truths": []}');
    const path = SOIL.replace('predictions', 'truth');
    assert.equal(
      (await server.tryOut({ method: 'POST', path, query: new URLSearchParams(), headers, body: truths })).status,
      404,
    );
  });

  test('answers the same where they cannot be counted, and says that they are not', async () => {
    const already = sent.length;
    const before = await ask([{ values: ROW }]);
    await until(() => sent.length === already + 1); // the answer goes first
    isBroken = true;
    const after = await ask([{ values: ROW }]);
    assert.deepEqual([after.status, after.body.predictions], [200, before.body.predictions]);
    await until(() => errors.length === 1);
    assert.match(String(errors[0]), /was answered, and its predictions are not counted: the queue is gone/);
    assert.equal(await counted('no'), '1');
  });
});

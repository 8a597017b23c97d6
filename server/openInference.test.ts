import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { parseAnswered } from '../core/doors/answered/answered.ts';
import type { InputAnswer } from '../core/doors/online/predictor.ts';
import { JSON_LENGTH_HEADER } from '../core/inference/openInference/endpoint.ts';
import { decodeBody, encodeBody, type NamedTensor } from '../core/inference/openInference/message.ts';
import { startBundledServer, startServerOf } from '../test/benches/bundledServer.ts';
import { heightsPackage } from '../test/benches/heights.ts';
import { bytesOf, sampleChips } from '../test/models/sampleChips.ts';
import { makeKeyCheck } from './keys.ts';
import type { PredictionServer } from './predictionServer.ts';

const MODELS = fileURLToPath(new URL('../models', import.meta.url));
const DROUGHT = 'droughtwatch-baseline';
const item = JSON.parse(readFileSync(`${MODELS}/${DROUGHT}/1.1.0/item.json`, 'utf8')) as {
  properties: { bands: { name: string }[] };
};
const BANDS = item.properties.bands;
const CHIPS = sampleChips().slice(0, 20);

describe('the Open Inference Protocol', () => {
  let server: PredictionServer;
  const counted: string[] = [];
  before(async () => {
    server = await startBundledServer({
      check: makeKeyCheck('secret'),
      counting: { send: async (message) => void counted.push(message), share: 1, now: () => new Date(0) },
    });
  });
  after(() => server.close());

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, server.url), { ...init, headers: { 'x-api-key': 'secret', ...init.headers } });
  const get = async (path: string) => (await ask(path)).json() as Promise<Record<string, unknown>>;
  async function infer(model: string, tensors: readonly NamedTensor[], fields: object, isBinary: boolean) {
    const { bytes, headers } = encodeBody(fields, 'inputs', tensors, () => isBinary);
    const response = await ask(`/v2/models/${model}${model.includes('?') ? '' : '/infer'}`, {
      method: 'POST',
      headers,
      body: Buffer.from(bytes),
    });
    const body = new Uint8Array(await response.arrayBuffer());
    if (response.status !== 200) {
      const { error } = JSON.parse(new TextDecoder().decode(body)) as { error: string };
      return {
        status: response.status,
        error,
        about: {} as Record<string, unknown>,
        outputs: new Map<string, NamedTensor>(),
      };
    }
    const length = response.headers.get(JSON_LENGTH_HEADER) ?? undefined;
    const { fields: about, tensors: all } = decodeBody(body, 'outputs', length, 1e7);
    return {
      status: 200,
      error: null,
      about: about as Record<string, unknown>,
      outputs: new Map(all.map((one) => [one.name, one])),
    };
  }
  const chips: NamedTensor = {
    name: 'chips',
    datatype: 'UINT8',
    shape: [CHIPS.length, BANDS.length, 65, 65],
    data: new Uint8Array(Buffer.concat(CHIPS.flatMap((chip) => bytesOf(chip, BANDS)))),
  };

  test('says without a key that the server is there, and with one what a model takes and gives', async () => {
    const isReady = async () => (await fetch(new URL('/v2/health/ready', server.url))).json() as Promise<object>;
    while (!isDeepStrictEqual(await isReady(), { ready: true })) await setTimeout(20);
    assert.deepEqual((await get('/v2'))['extensions'], ['binary_tensor_data']);
    assert.equal((await fetch(new URL(`/v2/models/${DROUGHT}`, server.url))).status, 401);
    assert.deepEqual(await get(`/v2/models/${DROUGHT}/versions/1.1.0`), {
      name: DROUGHT,
      versions: ['1.1.0'],
      platform: 'swath_classification',
      inputs: [{ name: 'chips', datatype: 'UINT8', shape: [-1, 11, 65, 65] }],
      outputs: [
        { name: 'label', datatype: 'INT32', shape: [-1] },
        { name: 'class', datatype: 'BYTES', shape: [-1] },
        { name: 'probability', datatype: 'FP32', shape: [-1] },
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 4] },
      ],
    });
    assert.deepEqual(await get(`/v2/models/${DROUGHT}/ready`), { name: DROUGHT, ready: true });
  });

  for (const isBinary of [true, false])
    test(`predicts what the other routes predict, with ${isBinary ? 'binary tensors' : 'JSON'}, and counts it`, async () => {
      const inputs = CHIPS.map(({ bands }) => ({
        bands: Object.fromEntries([...bands].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')])),
      }));
      const headers = { 'content-type': 'application/json' };
      const path = `/v1/models/${DROUGHT}/predictions`;
      const answered = await ask(path, { method: 'POST', headers, body: JSON.stringify({ inputs }) });
      const { predictions } = (await answered.json()) as { predictions: InputAnswer[] };
      const fields = { id: 'mine', parameters: { binary_data_output: isBinary } };
      const { outputs, about } = await infer(DROUGHT, [chips], fields, isBinary);
      assert.deepEqual(
        outputs.get('class')!.data,
        predictions.map((one) => one['class'] ?? ''),
      );
      assert.deepEqual(
        [...(outputs.get('label')!.data as Int32Array)],
        predictions.map((one) => one['label'] ?? -1),
      );
      const { classes } = (await get(`/v1/models/${DROUGHT}`))['output'] as { classes: { name: string }[] };
      const names = classes.map(({ name }) => name);
      const { data } = outputs.get('probabilities')!;
      for (const [i, { probabilities }] of predictions.entries())
        assert.deepEqual(
          [...(data as Float32Array).subarray(4 * i, 4 * i + 4)],
          probabilities === null
            ? Array(4).fill(Number.NaN)
            : names.map((name) => Object(probabilities)[name] as number),
        );
      assert.equal(about['id'], 'mine');
      const { request } = about['parameters'] as { request: string };
      const ofRequest = () => counted.map(parseAnswered).find((one) => one.request === request);
      while (ofRequest() === undefined) await setTimeout(20); // the answer goes out first
      assert.equal(ofRequest()!.inputs.length, CHIPS.length);
    });

  const scene: NamedTensor = {
    name: 'chips',
    datatype: 'UINT16',
    shape: [1, 6, 256, 256],
    data: Uint16Array.from({ length: 6 * 256 * 256 }, (_, i) => 200 + ((i * 7) % 3000)),
  };

  test('gives only the outputs that are asked for, and the map of a pixel model', async () => {
    const outputs = [{ name: 'predictions', parameters: { binary_data: true } }, { name: 'shares' }];
    const found = await infer('s2-scl', [scene], { outputs }, true);
    assert.deepEqual([...found.outputs.keys()], ['predictions', 'shares']);
    const { data: pixels, shape } = found.outputs.get('predictions')!;
    assert.deepEqual(shape, [1, 1, 256, 256]);
    const { classes } = (await get('/v1/models/s2-scl'))['output'] as { classes: { value: number }[] };
    const shares = found.outputs.get('shares')!.data as Float64Array;
    for (const [i, { value }] of classes.entries()) {
      const count = (pixels as Uint8Array).filter((one) => one === value).length;
      assert.ok(Math.abs(count / pixels.length - shares[i]!) < 1e-12, `${value}`);
    }
  });

  for (const outputs of [undefined, null, []])
    test(`gives all outputs for ${JSON.stringify(outputs)} in place of their names`, async () => {
      const found = await infer(DROUGHT, [chips], { outputs }, true);
      assert.deepEqual([...found.outputs.keys()], ['label', 'class', 'probability', 'probabilities']);
    });

  const refused: [string, () => ReturnType<typeof infer>, number, RegExp][] = [
    [
      'another tensor',
      () => infer(DROUGHT, [{ ...chips, name: 'x' }], {}, true),
      422,
      /^Found the tensors “x”, allowed is one tensor chips of UINT8 \[n, 11, 65, 65\]\.$/,
    ],
    ['no tensor', () => infer(DROUGHT, [], {}, true), 422, /^Found no tensor/],
    [
      'another type',
      () => infer(DROUGHT, [{ ...chips, datatype: 'INT8' }], {}, true),
      422,
      /^Found chips of INT8 \[20, 11, 65, 65\]/,
    ],
    [
      'another shape',
      () => infer(DROUGHT, [{ ...chips, shape: [20, 65, 65, 11] }], {}, true),
      422,
      /\[20, 65, 65, 11\], allowed/,
    ],
    [
      'no chip',
      () => infer('landsat-statlog', [{ ...chips, shape: [0, 36], data: new Uint8Array() }], {}, true),
      422,
      /^Found 0 chips, allowed are 1 to 1000/,
    ],
    [
      'an unknown output',
      () => infer(DROUGHT, [chips], { outputs: [{ name: 'logits' }] }, true),
      422,
      /no output “logits”, allowed are label, class, probability, probabilities/,
    ],
    [
      'an output that is no object',
      () => infer(DROUGHT, [chips], { outputs: [5] }, true),
      422,
      /no output 5, allowed are label, class/,
    ],
    [
      'a parameter of another server',
      () => infer(DROUGHT, [chips], { outputs: [{ name: 'class', parameters: { classification: 3 } }] }, true),
      400,
      /^class: found the parameter “classification”, allowed is binary_data/,
    ],
    [
      'an output twice',
      () => infer(DROUGHT, [chips], { outputs: [{ name: 'class' }, { name: 'class' }] }, true),
      422,
      /^Found an output twice/,
    ],
    [
      'a query',
      () => infer(`${DROUGHT}/infer?version=1.1.0&x=`, [chips], {}, true),
      400,
      /^Found the parameter “version”, allowed is none: a version is a part of the path/,
    ],
    [
      'texts',
      () => infer(DROUGHT, [{ name: 'chips', datatype: 'BYTES', shape: [2], data: ['a', 'b'] }], {}, true),
      422,
      /^Found chips of BYTES \[2\]/,
    ],
    ['an unknown model', () => infer('nobody', [chips], {}, true), 404, /no model “nobody”/],
    [
      'a broken body',
      () => infer(DROUGHT, [{ ...chips, data: new Uint8Array(3) }], {}, true),
      400,
      /^“chips” has 3 bytes/,
    ],
  ];
  for (const [what, asking, status, says] of refused)
    test(`refuses ${what} with ${status}, as its clients read it`, async () => {
      const { status: found, error } = await asking();
      assert.equal(found, status);
      assert.match(error!, says);
    });
});

test('a model of one number per chip has one output, by JSON and as binary', async (t) => {
  const server = await startServerOf({ heights: await heightsPackage() });
  t.after(() => server.close());
  const url = `${server.url}/v2/models/heights`;
  const { outputs } = (await (await fetch(url)).json()) as { outputs: unknown };
  assert.deepEqual(outputs, [{ name: 'value', datatype: 'FP64', shape: [-1] }]);
  const data = Uint8Array.from({ length: 32 }, (_, i) => (i < 16 ? 60 : 20));
  const chips: NamedTensor = { name: 'chips', datatype: 'UINT8', shape: [2, 1, 4, 4], data };
  for (const isBinary of [false, true]) {
    const fields = { parameters: { binary_data_output: isBinary } };
    const { bytes, headers } = encodeBody(fields, 'inputs', [chips], () => isBinary);
    const response = await fetch(`${url}/infer`, { method: 'POST', headers, body: Buffer.from(bytes) });
    const body = new Uint8Array(await response.arrayBuffer());
    const { tensors } = decodeBody(body, 'outputs', response.headers.get(JSON_LENGTH_HEADER) ?? undefined, 1e5);
    assert.deepEqual(tensors, [{ name: 'value', datatype: 'FP64', shape: [2], data: Float64Array.of(30, 10) }]);
  }
});

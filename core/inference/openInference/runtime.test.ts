import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ordinaryChips } from '../../../cli/models/ordinaryChips.ts';
import { editedPackage, readBaselineFile } from '../../../test/benches/packages.ts';
import { InvalidModelPackage } from '../../base/errors.ts';
import type { ModelPackage } from '../../package/package.ts';
import { onnx } from '../onnx/session.ts';
import { openModel } from '../predict.ts';
import { type AskEndpoint, type EndpointAnswer, JSON_LENGTH_HEADER } from './endpoint.ts';
import { decodeBody, encodeBody, type NamedTensor } from './message.ts';
import { openInference } from './runtime.ts';

const CHIPS = 4;
const URL_OF = 'https://models.example.org';
const there: ModelPackage = {
  ...(await editedPackage([])),
  artifact: { file: 'endpoint.json', format: 'open-inference' },
};
const here = await openModel(await editedPackage([]), () => readBaselineFile('model.onnx'), {
  runtimes: [onnx],
  threads: 1,
});
const chips = ordinaryChips(here.model, CHIPS);

const json = (status: number, body: object | string): EndpointAnswer => ({
  status,
  jsonLength: undefined,
  bytes: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
});
const described = (shape: readonly number[] = [-1, 65, 65, 4]) =>
  json(200, {
    inputs: [{ name: 'x', datatype: 'FP32', shape }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 4] }],
  });

/** A server that runs the same model with onnxruntime; `infer` may answer in its place. */
async function serverOf({
  about = described(),
  infer,
}: {
  about?: EndpointAnswer;
  infer?: (isBinary: boolean) => EndpointAnswer | undefined;
} = {}) {
  const runner = await onnx.open(() => readBaselineFile('model.onnx'), here.model, { threads: 1, device: 'cpu' });
  const asked: string[] = [];
  const ask: AskEndpoint = async (endpoint, path, body) => {
    assert.ok('url' in endpoint && endpoint.url === URL_OF);
    asked.push(body === undefined ? path : `${path} ${body.headers['content-type']}`);
    if (body === undefined) return about;
    const jsonLength = body.headers[JSON_LENGTH_HEADER];
    const said = infer?.(jsonLength !== undefined);
    if (said !== undefined) return said;
    const { tensors } = decodeBody(body.bytes, 'inputs', jsonLength, 1e8);
    const [{ data, shape: dims }] = tensors as [NamedTensor];
    const outputs = await runner.run(
      new Map([[here.model.inputs[0]!.name, { type: 'float32', dims, data: data as Float32Array }]]),
    );
    const { data: numbers, dims: shape } = [...outputs.values()][0]!;
    const answer = encodeBody(
      {},
      'outputs',
      [{ name: 'y', datatype: 'FP32', shape, data: numbers }],
      () => jsonLength !== undefined,
    );
    return { status: 200, jsonLength: answer.headers[JSON_LENGTH_HEADER], bytes: answer.bytes };
  };
  return { ask, asked };
}

const open = (ask: AskEndpoint, endpoint: object = { url: URL_OF, model: 'forage', version: '3' }) =>
  openModel(there, async () => new TextEncoder().encode(JSON.stringify(endpoint)), {
    runtimes: [onnx, openInference(ask)],
    threads: 1,
  });

describe('a model on a server of the Open Inference Protocol', () => {
  test('predicts what it predicts here, by binary tensors under the names that the server gives them', async () => {
    const { ask, asked } = await serverOf();
    const { scores } = await open(ask);
    assert.deepEqual(await scores(chips, 0, CHIPS), await here.scores(chips, 0, CHIPS));
    assert.deepEqual(asked, [
      '/v2/models/forage/versions/3',
      '/v2/models/forage/versions/3/infer application/octet-stream',
    ]);
  });

  test('gets JSON from then on if its server knows no binary tensors, or describes nothing', async () => {
    const { ask, asked } = await serverOf({
      about: json(200, { inputs: [], outputs: [] }),
      infer: (isBinary) => (isBinary ? json(500, 'Internal Server Error') : undefined),
    });
    const { scores } = await open(ask, { url: URL_OF, model: 'forage' });
    const expected = await here.scores(chips, 0, CHIPS);
    for (let i = 0; i < 2; i += 1) assert.deepEqual(await scores(chips, 0, CHIPS), expected);
    assert.deepEqual(asked.slice(1), [
      '/v2/models/forage/infer application/octet-stream',
      '/v2/models/forage/infer application/json',
      '/v2/models/forage/infer application/json',
    ]);
  });

  const output = { name: 'y', datatype: 'FP32', shape: [CHIPS, 4], data: Array(CHIPS * 4).fill(0) };
  const failing: [string, EndpointAnswer, string, RegExp][] = [
    ['has too much to do', json(429, { error: 'busy' }), 'EndpointUnavailable', /answers 429: “busy”/],
    ['is not there behind its gateway', json(503, '<html>'), 'EndpointUnavailable', /answers 503: “<html>”/],
    ['fails', json(500, { error: 'CUDA' }), 'TransientTrouble', /answers 500: “CUDA”/],
    ['refuses', json(404, { error: 'no model' }), 'InvalidModelPackage', /answers 404: “no model”/],
    [
      'answers what is no JSON',
      json(200, 'ok'),
      'InvalidModelPackage',
      /endpoint\.json: .* cannot be read: The body starts with “ok”/,
    ],
    [
      'answers another shape',
      json(200, { outputs: [{ name: 'y', datatype: 'FP32', shape: [CHIPS, 5], data: Array(CHIPS * 5).fill(0) }] }),
      'InvalidModelPackage',
      /found an output of the shape \[4, 5\], allowed is \[4, 4\]/,
    ],
    [
      'answers by another version than is asked for',
      json(200, { model_version: '2', outputs: [output] }),
      'InvalidModelPackage',
      /endpoint\.json: \/v2\/models\/forage\/versions\/3 answers by the version “2”, allowed is 3$/,
    ],
    ...(['INT32', 'UINT8', 'BOOL', 'BYTES'] as const).map((datatype): (typeof failing)[number] => [
      `answers ${datatype} for floats`,
      json(200, { outputs: [{ ...output, datatype, data: Array(CHIPS * 4).fill(datatype === 'BYTES' ? 'a' : 1) }] }),
      'InvalidModelPackage',
      new RegExp(`versions/3 answers ${datatype}, allowed is FP32$`),
    ]),
    [
      'says why it failed by an object',
      json(500, { error: { message: 'CUDA' } }),
      'TransientTrouble',
      /answers 500: “\{\\"error\\":\{\\"message\\":\\"CUDA\\"\}\}”/,
    ],
    [
      'answers without the output',
      json(200, { outputs: [] }),
      'InvalidModelPackage',
      /answers without the output y: “\{.*outputs/,
    ],
    [
      'answers with another output than it has described',
      json(200, { outputs: [{ name: 'z', datatype: 'FP32', shape: [CHIPS, 4], data: Array(CHIPS * 4).fill(0) }] }),
      'InvalidModelPackage',
      /answers without the output y: “\{.*outputs/,
    ],
    [
      'says that it failed with the status 200',
      json(200, { error: 'CUDA' }),
      'InvalidModelPackage',
      /answers without the output y: “CUDA”/,
    ],
  ];
  for (const [what, answer, name, message] of failing)
    test(`fails with ${name} if its server ${what}`, async () => {
      const { ask } = await serverOf({ infer: () => answer });
      const { scores } = await open(ask);
      await assert.rejects(scores(chips, 0, CHIPS), { name, message });
    });

  const taken: [string, object][] = [
    ['no version', { model_version: null }],
    ['an empty version', { model_version: '' }],
    ['the version', { model_version: '3' }],
    ['an id of its own, as models of KServe do', { id: 'd41d8cd9' }],
    ['the floats of another size', { outputs: [{ ...output, datatype: 'FP64' }] }],
  ];
  for (const [what, answer] of taken)
    test(`predicts if its server answers with ${what}`, async () => {
      const { ask } = await serverOf({ infer: () => json(200, { outputs: [output], ...answer }) });
      const { scores } = await open(ask);
      assert.equal((await scores(chips, 0, CHIPS)).length, CHIPS * 4);
    });

  const refused: [string, () => Promise<unknown>, RegExp][] = [
    [
      'another shape',
      async () => open((await serverOf({ about: described([-1, 64, 64, 4]) })).ask),
      /input "x": found the shape \[, 64, 64, 4\], allowed is \[-1, 65, 65, 4\]/,
    ],
    [
      'a server that does not have it',
      async () => open((await serverOf({ about: json(404, { error: 'unknown model' }) })).ask),
      /\/v2\/models\/forage\/versions\/3 answers 404: “unknown model”/,
    ],
    [
      'no address',
      async () => open((await serverOf()).ask, { model: 'forage' }),
      /endpoint\.json: url: found nothing, allowed is the address of a server/,
    ],
    [
      'a file',
      async () => open((await serverOf()).ask, { url: 'file:///etc/passwd', model: 'x' }),
      /url: found “?"?file/,
    ],
  ];
  for (const [what, opening, message] of refused)
    test(`is not opened with ${what}`, () =>
      assert.rejects(
        opening,
        (error: Error) =>
          (error instanceof InvalidModelPackage && message.test(error.message)) || assert.fail(error.message),
      ));

  test('that was down when it was opened is asked again by the next run', async () => {
    const about = [json(503, { error: 'starting' }), json(503, { error: 'still' }), described()];
    const { ask } = await serverOf();
    const { scores } = await open(async (endpoint, path, body) =>
      body === undefined ? about.shift()! : ask(endpoint, path, body),
    );
    await assert.rejects(scores(chips, 0, CHIPS), { name: 'EndpointUnavailable', message: /still/ });
    assert.deepEqual(await scores(chips, 0, CHIPS), await here.scores(chips, 0, CHIPS));
  });

  test('is refused where only onnxruntime runs models', () =>
    assert.rejects(
      openModel(there, () => readBaselineFile('model.onnx'), { runtimes: [onnx], threads: 1 }),
      { message: 'endpoint.json: found a model of the format open-inference, which none of these runs: onnxruntime.' },
    ));
});

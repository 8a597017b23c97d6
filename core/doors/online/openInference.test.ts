import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { editedPackage, PROPERTIES, smallModel } from '../../../test/benches/packages.ts';
import { textModel } from '../../../test/benches/textModel.ts';
import { encodeBody, type NamedTensor } from '../../inference/openInference/message.ts';
import { decode } from '../../inference/predict.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { makeAnswer } from './answer.ts';
import { type OpenInferencePorts, openInferenceRoutes } from './openInference.ts';

type PredictRead = Awaited<ReturnType<OpenInferencePorts['predictor']>>['predictRead'];

const SCL = new URL('../../../models/s2-scl/1.0.0/', import.meta.url);

/** A server of one model. */
function answerOf(model: ModelPackage, predictRead: PredictRead) {
  const ports: OpenInferencePorts = {
    models: { find: async () => model },
    load: async () => model,
    predictor: async () => ({ model, predictRead }),
    seconds: 1,
    isReady: () => true,
  };
  return makeAnswer(openInferenceRoutes(ports));
}

test('maps that are too large together are refused before a chip is predicted, and not if they are not asked for', async () => {
  const model = await readModelPackage((name) => readFile(new URL(name, SCL)));
  let predicted = 0;
  const predictRead = async (chips: readonly unknown[]) => {
    predicted += chips.length;
    return chips.map(() => undefined);
  };
  const answer = answerOf(model, predictRead);
  const data = new Uint16Array(65 * 6 * 256 * 256);
  const chips: NamedTensor = { name: 'chips', datatype: 'UINT16', shape: [65, 6, 256, 256], data };
  const ask = async (fields: object) => {
    const { bytes, headers } = encodeBody(fields, 'inputs', [chips], () => true);
    const request = { method: 'POST', path: '/v2/models/s2-scl/infer', query: new URLSearchParams(), headers };
    return answer({ ...request, body: bytes });
  };
  const refused = await ask({});
  assert.deepEqual([refused.status, predicted], [413, 0]);
  assert.match(String(refused.body), /The maps of 65 chips have 4259840 pixels, allowed are at most 4194304/);
  const { status } = await ask({ outputs: [{ name: 'class' }] });
  assert.deepEqual([status, predicted], [200, 65]);
  assert.equal((await ask({ outputs: null })).status, 413, 'null asks for all, as nothing does');
});

for (const [what, columns, shape, texts] of [
  ['a text for each chip', ['text'], [2], [['good'], ['bad day']]],
  ['two for each chip', ['a', 'b'], [1, 2], [['good', 'bad day']]],
] as const)
  test(`a model of texts takes them as BYTES: ${what}`, async () => {
    const model = await textModel([`${PROPERTIES}/swath:text`, { columns, max_tokens: 8 }]);
    const seen: Chip[] = [];
    const predictRead: PredictRead = async (chips) => {
      seen.push(...(chips as Chip[]));
      return chips.map(() => undefined);
    };
    const answer = answerOf(model, predictRead);
    const tensor: NamedTensor = { name: 'texts', datatype: 'BYTES', shape: [...shape], data: ['good', 'bad day'] };
    const { bytes, headers } = encodeBody({}, 'inputs', [tensor], () => false);
    const request = { method: 'POST', path: '/v2/models/mood/infer', query: new URLSearchParams(), headers };
    assert.equal((await answer({ ...request, body: bytes })).status, 200);
    assert.deepEqual(
      seen.map((chip) => chip.texts),
      texts,
    );
  });

test('chips of stored values become the physical ones that the model takes', async () => {
  const model = await editedPackage([
    ...smallModel([{ name: 'A', data_type: 'uint16' }], [1, 2]),
    [`${PROPERTIES}/swath:physical`, true],
    [`${PROPERTIES}/bands/0/raster:scale`, 0.0001],
    [`${PROPERTIES}/bands/0/raster:offset`, -0.1],
  ]);
  const seen: Chip[] = [];
  const answer = answerOf(model, async (chips) => {
    seen.push(...(chips as Chip[]));
    return chips.map(() => undefined);
  });
  const tensor: NamedTensor = { name: 'chips', datatype: 'UINT16', shape: [1, 1, 1, 2], data: Uint16Array.of(5000, 1) };
  const { bytes, headers } = encodeBody({}, 'inputs', [tensor], () => true);
  const request = { method: 'POST', path: '/v2/models/a/infer', query: new URLSearchParams(), headers };
  assert.equal((await answer({ ...request, body: bytes })).status, 200);
  // numpy 2.4: (np.array([5000, 1.0]) * 0.0001 - 0.1).astype('f4')
  assert.deepEqual(seen[0]!.planes, [Float32Array.of(0.4000000059604645, -0.09989999979734421)]);
});

test('a chip without a finite prediction refuses the request, and a blank one does not', async () => {
  const model = await editedPackage(smallModel([{ name: 'A', data_type: 'uint8' }], [1, 1]));
  const { values } = decode(model, Float32Array.of(0.7, 0.1, 0.1, 0.1, Number.NaN, 0, 0, 0), 2);
  const ask = async (at: number) => {
    const answer = answerOf(model, async () => [undefined, { values, at, planes: null }]);
    const tensor: NamedTensor = { name: 'chips', datatype: 'UINT8', shape: [2, 1, 1, 1], data: Uint8Array.of(0, 7) };
    const { bytes, headers } = encodeBody({}, 'inputs', [tensor], () => true);
    const request = { method: 'POST', path: '/v2/models/a/infer', query: new URLSearchParams(), headers };
    const { status, body } = await answer({ ...request, body: bytes });
    return { status, body: String(body) };
  };
  assert.equal((await ask(0)).status, 200);
  const refused = await ask(1);
  assert.equal(refused.status, 422);
  assert.match(refused.body, /chips\[1\]: droughtwatch-baseline 1\.\d\.0 has no finite number for it\./);
});

test('an output that is lists in lists is refused by what it is, however deep they are', async () => {
  const model = await editedPackage(smallModel([{ name: 'A', data_type: 'uint8' }], [1, 1]));
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const inputs = '[{"name": "chips", "datatype": "UINT8", "shape": [1, 1, 1, 1], "data": [7]}]';
  const answer = answerOf(model, async () => assert.fail('nothing is predicted'));
  const request = { method: 'POST', path: '/v2/models/a/infer', query: new URLSearchParams(), headers: {} };
  const body = new TextEncoder().encode(`{"outputs": [${deep}], "inputs": ${inputs}}`);
  const refused = await answer({ ...request, body });
  assert.equal(refused.status, 422);
  assert.match(String(refused.body), /There is no output a list of 1, allowed are label, class/);
});

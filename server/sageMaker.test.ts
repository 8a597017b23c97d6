import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { askSageMaker } from '../aws/sageMaker.ts';
import { ordinaryChips } from '../cli/models/ordinaryChips.ts';
import type { AskEndpoint } from '../core/inference/openInference/endpoint.ts';
import { openInference } from '../core/inference/openInference/runtime.ts';
import { startBundledServer, startServerOf } from '../test/benches/bundledServer.ts';
import { heightsPackage } from '../test/benches/heights.ts';
import { memoryBucket } from '../test/benches/memoryBucket.ts';
import { containerAt, startSageMakerRuntime } from '../test/benches/sageMakerRuntime.ts';
import { largestDifference, MODELS, openBoth } from '../test/openInference/largestDifference.ts';
import { jsonLines, startSwath, temporaryFolder } from '../test/swath.ts';

const STATLOG = 'landsat-statlog/1.0.0';
const CHIPS = 1000;

describe('a server of Swath as the container of an endpoint of SageMaker', { timeout: 120_000 }, () => {
  const objects = new Map<string, Uint8Array>();
  const stops: (() => unknown)[] = [];
  after(async () => {
    for (const stop of stops) await stop();
  });

  /** Starts a container of a model, and a runtime that asks it. */
  async function startEndpoint(model: string) {
    const args = ['serve', '--models', join(MODELS, model), '--port', '0', '--threads', '1', '--json'];
    const container = startSwath(args, temporaryFolder());
    stops.push(() => {
      container.kill('SIGTERM');
      return container.ended;
    });
    await container.says(/\n/);
    const [{ url }] = jsonLines<{ url: string }>(container.output) as [{ url: string }];
    while ((await fetch(`${url}/ping`)).status !== 200) await setTimeout(50);
    stops.push((await startSageMakerRuntime(containerAt(url), objects)).close);
    const ask = askSageMaker(['sagemaker:swath'], { bucket: 'results', ...memoryBucket(objects), seconds: 30 });
    return openInference(ask as AskEndpoint);
  }

  test(`predicts ${CHIPS} chips as onnxruntime does here, in real time and asynchronously`, async () => {
    const runtime = await startEndpoint(STATLOG);
    for (const endpoint of [{ sagemaker: 'swath' }, { sagemaker: 'swath', asynchronous: true }])
      assert.equal(await largestDifference(await openBoth(STATLOG, endpoint, runtime), CHIPS), 0);
    const requests = [...objects.keys()].filter((key) => /^endpoints\/requests\/swath\/\w{64}$/.test(key));
    assert.equal(requests.length, 4, 'of up to 256 chips each');
  });

  test('refuses tensors that its model cannot take, whose package is not tried again', async () => {
    const { there, model } = await openBoth('digits/1.0.0', { sagemaker: 'swath' }, await startEndpoint(STATLOG));
    const message = /^endpoint\.json: sagemaker:swath answers 422: “.*input/;
    await assert.rejects(there.scores(ordinaryChips(model, 1), 0, 1), { name: 'InvalidModelPackage', message });
  });

  test('refuses texts and numbers of another type than the graph takes with 422', async (t) => {
    const server = await startServerOf({ heights: await heightsPackage() });
    t.after(() => server.close());
    const ask = (datatype: string, data: unknown[]) => {
      const body = JSON.stringify({ inputs: [{ name: 'chips', datatype, shape: [1, 1, 4, 4], data }] });
      return fetch(new URL('/invocations', server.url), { method: 'POST', body });
    };
    assert.equal((await ask('FP32', Array(16).fill(60))).status, 200);
    for (const [datatype, one] of [
      ['BYTES', 'a'],
      ['INT32', 1],
    ] as const) {
      const response = await ask(datatype, Array(16).fill(one));
      assert.equal(response.status, 422, datatype);
      assert.match(((await response.json()) as { error: string }).error, /data type/);
    }
  });

  test('refuses a tensor twice, and one that the graph does not have, with 422', async (t) => {
    const server = await startServerOf({ heights: await heightsPackage() });
    t.after(() => server.close());
    const tensor = { name: 'chips', datatype: 'FP32', shape: [1, 1, 4, 4], data: Array(16).fill(60) };
    for (const name of ['chips', 'other']) {
      const body = JSON.stringify({ inputs: [tensor, { ...tensor, name }] });
      const response = await fetch(new URL('/invocations', server.url), { method: 'POST', body });
      assert.equal(response.status, 422, name);
      assert.match(
        ((await response.json()) as { error: string }).error,
        /^Found 2 tensors, allowed is each of .*: 1\.$/,
      );
    }
  });

  test('serves one model: with several, it says so', async () => {
    const server = await startBundledServer();
    stops.push(() => server.close());
    const refused = await fetch(new URL('/invocations', server.url), { method: 'POST', body: '{}' });
    assert.equal(refused.status, 404);
    assert.match(((await refused.json()) as { error: string }).error, /^Found none or several live models/);
  });
});

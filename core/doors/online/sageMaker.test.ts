import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { lastDigit as model } from '../../../test/engines/lastDigit.ts';
import type { Tensors } from '../../inference/runtime.ts';
import { makeAnswer } from './answer.ts';
import type { HttpRequest } from './http.ts';
import { makePredictors } from './predictor.ts';
import { sageMakerRoutes } from './sageMaker.ts';

/** A container whose calls take so long; `ran` says which it has begun, by their tensor's number, `most` how many at once. */
function containerOf(engines: number, callMilliseconds: number, seconds: number) {
  const ran: number[] = [];
  const calls = { running: 0, most: 0 };
  const runTensors = async (tensors: Tensors) => {
    ran.push(Number(tensors.get('x')!.data[0]));
    calls.running += 1;
    calls.most = Math.max(calls.most, calls.running);
    await setTimeout(callMilliseconds);
    calls.running -= 1;
    return tensors;
  };
  const predictor = makePredictors({
    models: { load: async () => model, fileOf: () => async () => new Uint8Array(1) } as never,
    engines: async () => Array.from({ length: engines }, () => ({ run: () => assert.fail(), runTensors })),
    readFile: () => assert.fail(),
    readUrl: () => assert.fail(),
    maxImageBytes: 1,
    maxBatch: 1,
    maxWaitingBytes: 1000,
  });
  const live = async () => [{ name: model.name, version: model.version }];
  const answer = makeAnswer(sageMakerRoutes({ models: { live }, predictor, seconds, isReady: () => true }));
  const invoke = (number: number, isGone = () => false) => {
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [1], data: [number] }];
    return ask({ body: Buffer.from(JSON.stringify({ inputs })), isGone });
  };
  const ask = ({ body = new Uint8Array(), headers = {}, ...more }: Partial<HttpRequest>) =>
    answer({ method: 'POST', path: '/invocations', query: new URLSearchParams(), headers, body, ...more });
  return { ask, invoke, ran, calls };
}

describe('calls of the model of a container', () => {
  test('are run one at a time on each engine, and refused with 503 when they have waited too long', async () => {
    const { invoke, ran, calls } = containerOf(2, 1000, 0.2);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, number) => invoke(number)));
    assert.deepEqual([calls.most, ran], [2, [0, 1]]);
    const late = answers.slice(2);
    for (const { status, headers } of late) assert.deepEqual([status, headers['retry-after']], [503, '1']);
    assert.ok(answers.slice(0, 2).every(({ status }) => status === 200));
  });

  test('are not run for callers who have gone while they waited', async () => {
    const { invoke, ran } = containerOf(1, 20, 9);
    let areGone = false;
    const first = invoke(0);
    const abandoned = Array.from({ length: 9 }, (_, i) => invoke(1 + i, () => areGone));
    const last = invoke(10);
    await setTimeout(5);
    areGone = true;
    assert.deepEqual([(await first).status, (await last).status, ran], [200, 200, [0, 10]]);
    for (const { status } of await Promise.all(abandoned)) assert.equal(status, 408);
  });
});

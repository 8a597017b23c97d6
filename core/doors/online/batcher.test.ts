import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { chipOf, lastDigit as model } from '../../../test/engines/lastDigit.ts';
import type { Plane } from '../../arrays/dataTypes.ts';
import type { ChipBatch } from '../../inference/feed.ts';
import { type BatcherOptions, makeBatcher, type Outcome, TooBusy } from './batcher.ts';
import { type Engine, NOT_LOADED } from './engine.ts';

const OPTIONS: BatcherOptions = { maxBatch: 32, maxWaitMilliseconds: 0, maxWaitingBytes: 10_000 };

/** What the model puts out for a batch. */
function digits({ chips, bands: [band] }: ChipBatch): Plane {
  const outputs = new Float32Array(chips * 10);
  for (let i = 0; i < chips; i += 1) outputs[i * 10 + (band!.values[i]! % 10)] = 1;
  return outputs;
}

/** An engine that answers when told to. */
function heldEngine() {
  const held: { batch: ChipBatch; answer: () => void; fail: (error: Error) => void }[] = [];
  const run: Engine['run'] = (batch) =>
    new Promise((resolve, reject) => held.push({ batch, answer: () => resolve(digits(batch)), fail: reject }));
  return { run, held };
}

const quick: Engine = { run: async (batch) => digits(batch) };
const labelOf = (outcome: Outcome) =>
  'error' in outcome ? outcome.error.message : outcome.values['label']![outcome.at];
/** What is scheduled has begun by then, on a busy machine too. */
async function soon(): Promise<void> {
  await setTimeout(5);
  for (let i = 0; i < 3; i += 1) await setImmediate();
}

describe('batches', () => {
  test('hold what came together, and what came while all engines were busy', async () => {
    const engine = heldEngine();
    const { predict } = makeBatcher(model, [engine], OPTIONS);
    const first = [predict([chipOf(1)], 9), predict([chipOf(2), chipOf(3)], 9)];
    await soon();
    const later = [predict([chipOf(4)], 9), predict([chipOf(5)], 9)];
    await soon();
    assert.deepEqual(
      engine.held.map(({ batch }) => batch.chips),
      [3],
    );
    engine.held[0]!.answer();
    await soon();
    assert.deepEqual(
      engine.held.map(({ batch }) => batch.chips),
      [3, 2],
    );
    engine.held[1]!.answer();
    const outcomes = await Promise.all([...first, ...later]);
    assert.deepEqual(
      outcomes.map((one) => one.map(labelOf)),
      [[1], [2, 3], [4], [5]],
    );
  });

  test('hold nothing of who has gone while it waited', async () => {
    const engine = heldEngine();
    const { predict, waiting } = makeBatcher(model, [engine], OPTIONS);
    const first = predict([chipOf(1)], 9);
    await soon();
    let isGone = false;
    const gone = assert.rejects(
      predict([chipOf(2), chipOf(3)], 9, () => isGone),
      { name: 'Problem', status: 408 },
    );
    const last = predict([chipOf(4)], 9);
    await soon();
    isGone = true;
    engine.held[0]!.answer();
    await Promise.all([first, gone]);
    assert.deepEqual([engine.held.length, engine.held[1]!.batch.chips, waiting()], [2, 1, 0]);
    engine.held[1]!.answer();
    assert.deepEqual((await last).map(labelOf), [4]);
  });

  test('have no more chips than they may, nor than the model takes', async () => {
    const sizes: number[] = [];
    const seen: Engine = {
      run: async (batch) => {
        sizes.push(batch.chips);
        return digits(batch);
      },
    };
    await makeBatcher(model, [seen], OPTIONS).predict(
      Array.from({ length: 70 }, (_, i) => chipOf(i)),
      9,
    );
    await makeBatcher({ ...model, batchSize: 4 }, [seen], OPTIONS).predict(
      Array.from({ length: 9 }, () => chipOf(1)),
      9,
    );
    assert.deepEqual(sizes, [32, 32, 6, 4, 4, 1]);
  });

  test('of what waits are shared among the idle engines', async () => {
    const engines = [heldEngine(), heldEngine()];
    const { predict } = makeBatcher(model, engines, OPTIONS);
    const asked = predict(
      Array.from({ length: 20 }, (_, i) => chipOf(i)),
      9,
    );
    await soon();
    assert.deepEqual(
      engines.map(({ held }) => held.map(({ batch }) => batch.chips)),
      [[10], [10]],
    );
    for (const { held } of engines) held[0]!.answer();
    assert.deepEqual(
      (await asked).map(labelOf),
      Array.from({ length: 20 }, (_, i) => i % 10),
    );
  });

  test('wait for more where they are told to, and no longer', async () => {
    const sizes: number[] = [];
    const seen: Engine = {
      run: async (batch) => {
        sizes.push(batch.chips);
        return digits(batch);
      },
    };
    const { predict } = makeBatcher(model, [seen], { ...OPTIONS, maxBatch: 3, maxWaitMilliseconds: 500 });
    const first = predict([chipOf(1)], 9);
    await soon();
    const second = predict([chipOf(2)], 9);
    await soon();
    assert.deepEqual(sizes, []);
    await Promise.all([first, second]);
    assert.deepEqual(sizes, [2]);
    const [third, fourth] = [predict([chipOf(3)], 9), predict([chipOf(4), chipOf(5)], 9)];
    await soon();
    assert.deepEqual(sizes, [2, 3], 'a full one waits for nothing');
    await Promise.all([third, fourth]);
  });
});

describe('an engine that fails', () => {
  test('on one chip costs that chip alone', async () => {
    const picky: Engine = {
      run: async (batch) => {
        if (batch.bands[0]!.values.includes(66)) throw new Error('66 is too much');
        return digits(batch);
      },
    };
    const { predict } = makeBatcher(model, [picky, picky], OPTIONS);
    const outcomes = await Promise.all([predict([chipOf(1), chipOf(66), chipOf(3)], 9), predict([chipOf(4)], 9)]);
    assert.deepEqual(
      outcomes.map((one) => one.map(labelOf)),
      [[1, '66 is too much', 3], [4]],
    );
  });

  test('always, is left out as long as there is another', async () => {
    let calls = 0;
    const broken: Engine = {
      run: async () => {
        calls += 1;
        throw new Error('broken');
      },
    };
    const { predict } = makeBatcher(model, [broken, quick], OPTIONS);
    for (let i = 0; i < 200; i += 1) assert.deepEqual((await predict([chipOf(i)], 9)).map(labelOf), [i % 10]);
    assert.ok(calls < 20, `${calls} batches were given to it`);
  });

  test('always, and is the only one, is said for each chip', async () => {
    const broken: Engine = { run: () => Promise.reject(new Error('no memory')) };
    const { predict } = makeBatcher(model, [broken], OPTIONS);
    assert.deepEqual((await predict([chipOf(1), chipOf(2)], 9)).map(labelOf), ['no memory', 'no memory']);
  });

  test('to load its model fails the request, in which no input has a part', async () => {
    const run = () => Promise.reject(Object.assign(new Error('it is no model'), { name: NOT_LOADED }));
    const { predict, waiting } = makeBatcher(model, [{ run }], OPTIONS);
    await assert.rejects(predict([chipOf(1), chipOf(2)], 9), { name: NOT_LOADED, message: 'it is no model' });
    await soon();
    assert.equal(waiting(), 0);
  });

  test('to give what the task can mean is said', async () => {
    const odd: Engine = { run: async ({ chips }) => new Float32Array(chips * 10).fill(7) };
    const [outcome] = await makeBatcher(model, [odd], OPTIONS).predict([chipOf(1)], 9);
    assert.match(String(labelOf(outcome!)), /found 7.* allowed are probabilities/);
  });
});

describe('too much', () => {
  test('to wait for is refused at once, and there is room again afterwards', async () => {
    const engine = heldEngine();
    const { predict } = makeBatcher(model, [engine], { ...OPTIONS, maxBatch: 1, maxWaitingBytes: 4 });
    const [first, second, third] = [1, 2, 3].map((value) => predict([chipOf(value)], 9));
    await assert.rejects(third!, TooBusy);
    for (let i = 0; i < 2; i += 1) {
      await soon();
      engine.held[i]!.answer();
    }
    assert.deepEqual((await Promise.all([first!, second!])).flat().map(labelOf), [1, 2]);
    const fourth = predict([chipOf(4)], 9);
    await soon();
    engine.held[2]!.answer();
    assert.deepEqual((await fourth).map(labelOf), [4]);
  });

  test('time is not waited for, and what is overdue takes nobody else’s', async () => {
    const engine = heldEngine();
    const { predict, waiting } = makeBatcher(model, [engine], { ...OPTIONS, maxBatch: 1 });
    const stuck = predict([chipOf(1), chipOf(2), chipOf(3)], 0.02);
    await assert.rejects(stuck, { name: 'TooBusy', message: /no answer within 0.02 s/ });
    assert.equal(waiting(), 0);
    const next = predict([chipOf(4)], 9);
    await soon();
    engine.held[0]!.fail(new Error('gone'));
    await soon();
    assert.deepEqual(
      engine.held.map(({ batch }) => batch.bands[0]!.values[0]),
      [1, 4],
    );
    engine.held[1]!.answer();
    assert.deepEqual((await next).map(labelOf), [4]);
  });
});

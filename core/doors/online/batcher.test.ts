import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { chipOf, lastDigit as model } from '../../../test/engines/lastDigit.ts';
import type { Plane } from '../../arrays/dataTypes.ts';
import type { ChipBatch } from '../../inference/feed.ts';
import { type Batched, makeBatcher, type Outcome } from './batcher.ts';
import { type Engine, NOT_LOADED } from './engine.ts';
import { TooBusy } from './http.ts';

const OPTIONS = { maxBatch: 32 };

/** What the model puts out for a batch. */
function digits({ chips, bands: [band] }: ChipBatch): Plane {
  const outputs = new Float32Array(chips * 10);
  for (let i = 0; i < chips; i += 1) outputs[i * 10 + (band!.values[i]! % 10)] = 1;
  return outputs;
}

const chipsOf = (...values: number[]) => values.map((value) => chipOf(value));
const upTo = (count: number) => chipsOf(...Array.from({ length: count }, (_, i) => i));

/** An engine that answers at once, and the sizes of its batches. */
function quickEngine() {
  const sizes: number[] = [];
  const run: Engine['run'] = async (batch) => {
    sizes.push(batch.chips);
    return digits(batch);
  };
  return { run, sizes };
}

/** An engine that throws this at its first batches, or at all. */
function failingEngine(error: Error, times = Number.POSITIVE_INFINITY) {
  const sizes: number[] = [];
  const run: Engine['run'] = async (batch) => {
    sizes.push(batch.chips);
    if (sizes.length <= times) throw error;
    return digits(batch);
  };
  return { run, sizes };
}

/** An engine that answers when the test says so. */
function heldEngine() {
  const held: { batch: ChipBatch; answer: () => void; fail: (error: Error) => void }[] = [];
  const run: Engine['run'] = (batch) =>
    new Promise((resolve, reject) => held.push({ batch, answer: () => resolve(digits(batch)), fail: reject }));
  return { run, held, sizes: () => held.map(({ batch }) => batch.chips) };
}

const labelOf = (outcome: Outcome) =>
  'error' in outcome ? outcome.error.message : outcome.values['label']![outcome.at];
/** What is scheduled has begun by then, on a busy machine too. */
async function soon(): Promise<void> {
  await setTimeout(5);
  for (let i = 0; i < 3; i += 1) await setImmediate();
}

describe('batches', () => {
  test('hold the chips that came together, or that came while all engines were busy', async () => {
    const engine = heldEngine();
    const { predict } = makeBatcher(model, [engine], OPTIONS);
    const first = [predict(chipsOf(1), 9), predict(chipsOf(2, 3), 9)];
    await soon();
    const later = [predict(chipsOf(4), 9), predict(chipsOf(5), 9)];
    await soon();
    assert.deepEqual(engine.sizes(), [3]);
    engine.held[0]!.answer();
    await soon();
    assert.deepEqual(engine.sizes(), [3, 2]);
    engine.held[1]!.answer();
    const labels = (await Promise.all([...first, ...later])).map((one) => one.map(labelOf));
    assert.deepEqual(labels, [[1], [2, 3], [4], [5]]);
  });

  test('leave out the chips of a client that disconnected while they waited', async () => {
    const engine = heldEngine();
    const { predict } = makeBatcher(model, [engine], OPTIONS);
    const first = predict([chipOf(1)], 9);
    await soon();
    let isGone = false;
    const abandoned = predict(chipsOf(2, 3), 9, () => isGone);
    const gone = assert.rejects(abandoned, { name: 'Problem', status: 408 });
    const last = predict([chipOf(4)], 9);
    await soon();
    isGone = true;
    engine.held[0]!.answer();
    await Promise.all([first, gone]);
    assert.deepEqual(engine.sizes(), [1, 1]);
    engine.held[1]!.answer();
    assert.deepEqual((await last).map(labelOf), [4]);
  });

  test('have at most maxBatch chips, and at most the batch size of the model', async () => {
    const engine = quickEngine();
    await makeBatcher(model, [engine], OPTIONS).predict(upTo(70), 9);
    await makeBatcher({ ...model, batchSize: 4 }, [engine], OPTIONS).predict(upTo(9), 9);
    assert.deepEqual(engine.sizes, [32, 32, 6, 4, 4, 1]);
  });

  test('share the waiting chips among the idle engines', async () => {
    const engines = [heldEngine(), heldEngine()];
    const { predict } = makeBatcher(model, engines, OPTIONS);
    const asked = predict(upTo(20), 9);
    await soon();
    assert.deepEqual([engines[0]!.sizes(), engines[1]!.sizes()], [[10], [10]]);
    for (const { held } of engines) held[0]!.answer();
    const labels = Array.from({ length: 20 }, (_, i) => i % 10);
    assert.deepEqual((await asked).map(labelOf), labels);
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
    const [three, one] = await Promise.all([predict(chipsOf(1, 66, 3), 9), predict(chipsOf(4), 9)]);
    assert.deepEqual([three.map(labelOf), one.map(labelOf)], [[1, '66 is too much', 3], [4]]);
  });

  test('on every batch is avoided as long as there is another engine', async () => {
    const broken = failingEngine(new Error('broken'));
    const { predict } = makeBatcher(model, [broken, quickEngine()], OPTIONS);
    for (let i = 0; i < 200; i += 1) assert.deepEqual((await predict([chipOf(i)], 9)).map(labelOf), [i % 10]);
    assert.ok(broken.sizes.length < 20, `${broken.sizes.length} batches were given to it`);
  });

  test('on every batch and is the only one gives each chip its error', async () => {
    const broken = failingEngine(new Error('no memory'));
    const { predict } = makeBatcher(model, [broken], OPTIONS);
    assert.deepEqual((await predict(chipsOf(1, 2), 9)).map(labelOf), ['no memory', 'no memory']);
    assert.deepEqual(broken.sizes, [2, 1, 1, 1, 1], 'three times each');
  });

  test('once, is tried again at once', async () => {
    const engine = failingEngine(new Error('gone'), 1);
    const { predict } = makeBatcher(model, [engine], { ...OPTIONS, maxBatch: 2 });
    assert.deepEqual((await predict([chipOf(1), chipOf(2)], 9)).map(labelOf), [1, 2]);
  });

  test('as the server is stopping refuses the whole request and is not tried again', async () => {
    const seen: Batched[] = [];
    const engine = failingEngine(new TooBusy('The server is stopping.'));
    const { predict } = makeBatcher(model, [engine], OPTIONS, (batch) => seen.push(batch));
    await assert.rejects(predict([chipOf(1), chipOf(2)], 9), { name: 'TooBusy', message: 'The server is stopping.' });
    await soon();
    assert.equal(seen.length, 1);
  });

  test('to load its model fails the whole request', async () => {
    const engine = failingEngine(Object.assign(new Error('it is no model'), { name: NOT_LOADED }));
    const { predict } = makeBatcher(model, [engine], OPTIONS);
    await assert.rejects(predict([chipOf(1), chipOf(2)], 9), { name: NOT_LOADED, message: 'it is no model' });
    await soon();
  });

  test('to give valid outputs gives an error that says so', async () => {
    const odd: Engine = { run: async ({ chips }) => new Float32Array(chips * 10).fill(7) };
    const [outcome] = await makeBatcher(model, [odd], OPTIONS).predict([chipOf(1)], 9);
    assert.match(String(labelOf(outcome!)), /found 7.* allowed are probabilities/);
  });
});

describe('too much', () => {
  test('time to wait makes a request give up, and its overdue chips take no engine time', async () => {
    const engine = heldEngine();
    const { predict } = makeBatcher(model, [engine], { ...OPTIONS, maxBatch: 1 });
    const stuck = predict([chipOf(1), chipOf(2), chipOf(3)], 0.02);
    await assert.rejects(stuck, { name: 'TooBusy', message: /no answer within 0.02 s/ });
    const next = predict([chipOf(4)], 9);
    await soon();
    engine.held[0]!.fail(new Error('gone'));
    await soon();
    assert.equal(engine.held[1]!.batch.bands[0]!.values[0], 4);
    engine.held[1]!.answer();
    assert.deepEqual((await next).map(labelOf), [4]);
  });

  test('time takes the chips of a failed batch with it: they are not tried again', async () => {
    const engine = heldEngine();
    const { predict } = makeBatcher(model, [engine], OPTIONS);
    const stuck = assert.rejects(predict([chipOf(1), chipOf(2), chipOf(3)], 0.05), { name: 'TooBusy' });
    const next = predict([chipOf(4)], 9);
    await soon();
    engine.held[0]!.fail(new Error('gone'));
    await soon();
    await stuck;
    engine.held[1]!.answer();
    await soon();
    engine.held[2]!.answer();
    assert.deepEqual((await next).map(labelOf), [4]);
    const firstChips = engine.held.map(({ batch }) => batch.bands[0]!.values[0]);
    assert.deepEqual(firstChips, [1, 1, 4]);
  });

  test('time is not kept on the clock once there is an answer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
    const before = timers();
    await makeBatcher(model, [quickEngine()], OPTIONS).predict(chipsOf(1), 60);
    const broken = failingEngine(Object.assign(new Error('no model'), { name: NOT_LOADED }));
    await assert.rejects(makeBatcher(model, [broken], OPTIONS).predict(chipsOf(1), 60), /no model/);
    assert.ok(timers() <= before);
  });
});

test('each batch is reported once it has run, with how long its first chip has waited, and what the model took', async () => {
  const reported: Batched[] = [];
  const engine = heldEngine();
  const { predict } = makeBatcher(model, [engine], OPTIONS, (batch) => void reported.push(batch));
  const asked = performance.now();
  const first = predict([chipOf(1)], 9);
  await soon();
  const second = predict([chipOf(2), chipOf(3)], 9);
  await setTimeout(60);
  engine.held[0]!.answer();
  await soon();
  engine.held[1]!.fail(Object.assign(new Error(), { name: 'EngineLate' }));
  await soon();
  for (const one of engine.held.slice(2)) one.answer();
  await soon();
  for (const one of engine.held.slice(3)) one.answer();
  await Promise.all([first, second]);
  const passed = (performance.now() - asked) / 1000;
  assert.partialDeepStrictEqual(reported.slice(0, 2), [
    { chips: 1, failure: null },
    { chips: 2, failure: 'EngineLate' },
  ]);
  assert.ok(reported[0]!.seconds >= 0.05 && reported[0]!.seconds <= passed, `${reported[0]!.seconds}`);
  const { waitedSeconds } = reported[1]!;
  assert.ok(waitedSeconds >= 0.05 && waitedSeconds <= passed, `${waitedSeconds}`);
});

test('nothing is asked of an engine for no chips', async () => {
  assert.deepEqual(await makeBatcher(model, [], OPTIONS).predict([], 9), []);
});

test('chips that one engine runs at once are not shared with others, and those of another size are', async () => {
  const [near, far] = [{ ...quickEngine(), isLight: (chips: number) => chips <= 4 }, quickEngine()];
  const { predict } = makeBatcher(model, [near, far], OPTIONS);
  assert.deepEqual((await predict(upTo(4), 9)).map(labelOf), [0, 1, 2, 3]);
  assert.deepEqual([near.sizes, far.sizes], [[4], []]);
  await predict(upTo(10), 9);
  assert.deepEqual([near.sizes, far.sizes], [[4, 5], [5]]);
});

test('an engine that runs chips at once and has failed leaves them to another', async () => {
  const [near, far] = [{ ...failingEngine(new Error('no'), 1), isLight: () => true }, quickEngine()];
  const { predict } = makeBatcher(model, [near, far], OPTIONS);
  assert.deepEqual((await predict(chipsOf(7), 9)).map(labelOf), [7]);
  assert.deepEqual([near.sizes, far.sizes], [[1], [1]]);
});

test('few chips do not wait for an engine that runs many, while another is idle', async () => {
  const [near, far] = [{ ...heldEngine(), isLight: (chips: number) => chips <= 1 }, quickEngine()];
  const { predict } = makeBatcher(model, [near, far], OPTIONS);
  const many = predict(upTo(4), 9);
  await soon();
  assert.deepEqual([near.sizes(), far.sizes], [[2], [2]]);
  assert.deepEqual((await predict(chipsOf(7), 9)).map(labelOf), [7]);
  near.held[0]!.answer();
  assert.equal((await many).length, 4);
});

test('who waits for an engine of its own has it in its turn, alone, and those behind it wait', async () => {
  const engine = heldEngine();
  const { predict, ownEngine } = makeBatcher(model, [engine], OPTIONS);
  const first = predict(chipsOf(1), 9);
  await soon();
  const second = predict(chipsOf(2), 9);
  const owning = ownEngine(9);
  const last = predict(chipsOf(3), 9);
  engine.held[0]!.answer();
  await soon();
  assert.deepEqual(engine.sizes(), [1, 1], 'what waits in front of it');
  engine.held[1]!.answer();
  const own = await owning;
  await soon();
  assert.deepEqual([own.engine === engine, engine.sizes()], [true, [1, 1]]);
  own[Symbol.dispose]();
  await soon();
  engine.held[2]!.answer();
  const labels = (await Promise.all([first, second, last])).flat().map(labelOf);
  assert.deepEqual(labels, [1, 2, 3]);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { encode } from 'fast-png';
import { lastDigit as model } from '../../../test/engines/lastDigit.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { MAX_MASK_PIXELS, MAX_SERVED_MODELS } from '../../base/limits.ts';
import type { ModelRef } from '../../base/messages.ts';
import type { Chip } from '../../package/package.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import type { Outcome } from './batcher.ts';
import { RawInput, SMALL_BYTES } from './bodyInputs.ts';
import { makeHeld } from './held.ts';
import type { InputJob } from './inputReader.ts';
import { makePredictor, makePredictors } from './predictor.ts';
import { anotherTurn } from './turns.ts';

describe('the reading of inputs stops', () => {
  /** Reads ten at most of a hundred inputs, each of which takes the thread as a decoder does. */
  async function refused(seconds: number, isGone: (read: number) => boolean, expected: object): Promise<void> {
    let read = 0;
    const { predictInputs } = makePredictor(
      { model, predict: () => assert.fail() },
      {
        readFile: async (_, where) => {
          read += 1;
          for (const end = performance.now() + 30; performance.now() < end; );
          throw new InvalidSceneFile(`${where}: it is no image`);
        },
        readUrl: () => assert.fail(),
        maxImageBytes: 1e6,
      },
    );
    const inputs = Array.from({ length: 100 }, (_, i) => ({ s3: `s3://inbox/${i}.tif` }));
    await assert.rejects(
      predictInputs(inputs, seconds, () => isGone(read)),
      expected,
    );
    assert.ok(read <= 10, `${read}`);
  }

  test('when it takes longer than their request may wait', () =>
    refused(0.2, () => false, {
      name: 'TooBusy',
      message: /^[1-9]\d? of its 100 inputs were read within 0\.2 s\. Try again, with fewer or smaller ones\.$/,
    }));

  test('when the client has disconnected', () => refused(10, (read) => read > 3, { name: 'Problem', status: 408 }));
});

test('the event loop is not blocked while many inputs are read', async () => {
  let turns = 0;
  const turn = () => {
    turns += 1;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  const { predictInputs } = makePredictor(
    { model, predict: async () => [] },
    {
      readFile: async (_, where) => {
        for (const end = performance.now() + 15; performance.now() < end; ); // as a decoder takes the thread
        throw new InvalidSceneFile(`${where}: it is no image`);
      },
      readUrl: () => assert.fail(),
      maxImageBytes: 1e6,
    },
  );
  const inputs = Array.from({ length: 8 }, (_, i) => ({ s3: `s3://inbox/${i}.tif` }));
  const { answers } = await predictInputs(inputs, 5).finally(() => clearImmediate(next));
  assert.deepEqual(
    answers.map(({ error }) => error),
    inputs.map((_, i) => `inputs[${i}]: it is no image`),
  );
  assert.ok(turns >= 6, `${turns} turns`);
});

describe('the inputs of a request', () => {
  const columns = { probability: [0, 1], ...Object.fromEntries(model.classes.map((_, i) => [`p_${i}`, [0, 0.1]])) };
  const label = (value: number) => ({ label: [0, value], class: ['', `c${value}`], ...columns });
  const notAsked = { readFile: () => assert.fail(), readUrl: () => assert.fail(), maxImageBytes: 1e6 };

  /** Predicts each chip as its value, and fails on 66. */
  const predict = async (chips: readonly Chip[]) =>
    chips.map(({ planes: [plane] }): Outcome => {
      const value = Number(plane![0]);
      return value === 66 ? { error: new Error('66 is too much') } : { values: label(value), at: 1, planes: null };
    });
  const inputOf = (value: number) => ({ id: `${value}`, values: [[[value]]] });

  test('are answered in their order, and only what was predicted or blank is handed on', async () => {
    const { predictInputs } = makePredictor({ model, predict }, notAsked);
    const { answers, given } = await predictInputs(
      [inputOf(4), { values: [] }, inputOf(66), inputOf(0), inputOf(2)],
      5,
    );
    assert.deepEqual(
      answers.map(({ id, class: name, error, warnings }) => [id, name, error?.replace(/: .*/, ''), warnings.length]),
      [
        ['4', 'c4', undefined, 0],
        [null, null, 'inputs[1].values', 0],
        ['66', null, 'The model failed on it', 0],
        ['0', null, undefined, 1],
        ['2', 'c2', undefined, 0],
      ],
    );
    assert.equal(answers[2]!.error, 'The model failed on it: 66 is too much');
    await assert.rejects(predictInputs([inputOf(66), { values: [] }, inputOf(66), inputOf(0)], 5), {
      status: 500,
      message: 'The model failed on every valid input: 66 is too much',
      type: 'model',
    });
    assert.match(answers[3]!.warnings[0]!, /^It is blank/);
    assert.deepEqual(
      given.map(({ place, id, digest, prediction }) => [place, id, digest, prediction?.values['label']?.[1]]),
      [
        [0, '4', null, 4],
        [3, '0', null, undefined],
        [4, '2', null, 2],
      ],
    );
  });

  for (const { name, type } of [
    { name: 'EngineLate', type: 'timeout' },
    { name: 'EngineLost', type: 'thread' },
  ])
    test(`fail together with the type ${type} where each ended with ${name}`, async () => {
      const lost = async () => [{ error: Object.assign(new Error('no answer'), { name }) }];
      const { predictInputs } = makePredictor({ model, predict: lost }, notAsked);
      await assert.rejects(predictInputs([inputOf(4)], 5), { status: 500, type });
    });

  test('that name files are read one at a time', async () => {
    let [reading, most] = [0, 0];
    const readFile = async (_: unknown, where: string) => {
      reading += 1;
      most = Math.max(most, reading);
      await nextTurn();
      reading -= 1;
      throw new InvalidSceneFile(`${where}: it is no image`);
    };
    const { predictInputs } = makePredictor({ model, predict }, { ...notAsked, readFile });
    await predictInputs(
      [1, 2, 3].map((i) => ({ s3: `s3://inbox/${i}.tif` })),
      5,
    );
    assert.equal(most, 1);
  });

  test('whose chips take more bytes than a request may have are refused, and as many are not', async () => {
    const room = { held: makeHeld(100, 'chips'), mostBytes: 6 };
    const { predictInputs } = makePredictor({ model, predict }, notAsked, room);
    const inputs = [1, 2, 3].map(inputOf);
    assert.equal((await predictInputs(inputs, 5)).given.length, 3);
    await assert.rejects(predictInputs([...inputs, inputOf(4)], 5), {
      status: 413,
      message: 'The chips of 4 inputs take 8 bytes, allowed are at most 6 in one request. Send fewer inputs.',
    });
  });

  test('whose masks have more pixels than an answer may have are refused before they are read', async () => {
    const folder = new URL('../../../models/s2-scl/1.0.0/', import.meta.url);
    const ofPixels = await readModelPackage(async (name) => readFileSync(new URL(name, folder)));
    const { predictInputs } = makePredictor({ model: ofPixels, predict }, notAsked);
    const inputs = Array.from({ length: MAX_MASK_PIXELS / 256 ** 2 + 1 }, () => ({ s3: 's3://inbox/a.tif' }));
    await assert.rejects(predictInputs(inputs, 5), { status: 413, message: /^The masks of \d+ inputs have / });
  });

  test('hold the memory of their chips until they are answered, whatever comes of them', async () => {
    const happened: unknown[] = [];
    const held = () => ({
      hold: (bytes: number) => void happened.push(bytes),
      [Symbol.dispose]: () => void happened.push('released'),
    });
    const room = { held, mostBytes: 100 };
    await makePredictor({ model, predict }, notAsked, room).predictInputs([inputOf(1), inputOf(2)], 5);
    const broken = { model, predict: () => Promise.reject(new Error('no')) };
    await assert.rejects(makePredictor(broken, notAsked, room).predictInputs([inputOf(1)], 5), /no/);
    assert.deepEqual(happened, [4, 'released', 2, 'released']);
  });

  test('wait for the model for what is left of their time', async (t) => {
    const seconds: number[] = [];
    const timed = async (chips: readonly Chip[], left: number) => {
      seconds.push(left);
      return predict(chips);
    };
    const now = performance.now.bind(performance);
    let ahead = 0;
    const clock = t.mock.method(performance, 'now', () => now() + ahead);
    const readFile = async () => {
      ahead += 20_000; // as if it had taken so long
      throw new InvalidSceneFile('it is no image');
    };
    const { predictInputs } = makePredictor({ model, predict: timed }, { ...notAsked, readFile });
    await predictInputs([inputOf(1)], 60);
    await predictInputs([{ s3: 's3://inbox/a.tif' }], 60);
    clock.mock.restore();
    await anotherTurn(); // this one begins at the present time
    assert.deepEqual(seconds, [60, 40]);
  });

  test('are read on another thread where they are large', async () => {
    const jobs: string[] = [];
    const chip: Chip = {
      place: { index: 0, kind: 'index' },
      planes: [Uint16Array.of(7)],
      truth: null,
      warnings: ['w'],
    };
    const readApart = () => async (job: InputJob) => {
      jobs.push(`${job.where} ${job.index} ${'json' in job ? 'json' : `${job.member} ${job.image.length}`}`);
      return { id: null, digest: null, chip };
    };
    const { predictInputs } = makePredictor({ model, predict }, { ...notAsked, readApart });
    const json = (bytes: number) => new RawInput('json', Buffer.from(JSON.stringify(inputOf(3)).padEnd(bytes)));
    const small = Buffer.from(encode({ data: Uint16Array.of(5), width: 1, height: 1, channels: 1, depth: 16 }));
    const inputs = [
      json(SMALL_BYTES),
      json(SMALL_BYTES + 1),
      new RawInput('image', Buffer.from('no PNG')),
      { image: small.toString('base64') },
      { image: Buffer.from('none').toString('base64') },
    ];
    const { answers } = await predictInputs(inputs, 5);
    assert.deepEqual(jobs, ['inputs[1] 1 json', 'inputs[2] 2 image 6', 'inputs[4] 4 image 4']);
    assert.deepEqual(
      answers.map((one) => one['class']),
      ['c3', 'c7', 'c7', 'c5', 'c7'],
    );
    assert.deepEqual(
      answers.map(({ warnings }) => warnings),
      [[], ['w'], ['w'], [], ['w']],
    );
  });
});

test('as many models are kept in memory as may be live, and one more; the one that was used longest ago is given up', async () => {
  const happened: string[] = [];
  const predictor = makePredictors({
    models: {
      load: async (ref: ModelRef) => ({ ...model, ...ref }),
      fileOf: () => async () => new Uint8Array(1),
    } as never,
    engines: async ({ version }) => {
      happened.push(version);
      return [{ run: () => assert.fail(), close: () => void happened.push(`not ${version}`) }];
    },
    readFile: () => assert.fail(),
    readUrl: () => assert.fail(),
    maxImageBytes: 1,
    maxBatch: 1,
    maxWaitingBytes: 1000,
  });
  const all = Array.from({ length: MAX_SERVED_MODELS + 1 }, (_, i) => `${i}`);
  for (const version of [...all, '0']) await predictor({ name: 'm', version });
  assert.deepEqual(happened, all);
  await predictor({ name: 'm', version: 'new' });
  await nextTurn();
  assert.deepEqual(happened.slice(all.length), ['not 1', 'new']);
});

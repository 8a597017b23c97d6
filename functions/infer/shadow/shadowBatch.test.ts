import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Interrupted, ObjectNotFound, TransientTrouble } from '../../../core/base/errors.ts';
import { shadowPredictionsKey } from '../../../core/base/keys.ts';
import { type BatchRef, type ShadowBatchRef, type ShadowRef, shadowRunId } from '../../../core/base/messages.ts';
import type { LogFields } from '../../../core/base/step.ts';
import { encodeGathered, parseAnswered } from '../../../core/doors/answered/answered.ts';
import { isInShare } from '../../../core/releases/shadow.ts';
import { makeStartShadow } from '../../../core/releases/startShadow.ts';
import { DAY, MODEL, makeBench, sceneOf } from '../../../test/benches/batch.ts';
import { encodeScene } from '../../../test/benches/scenes.ts';
import { countsIn } from '../../../test/benches/summaries.ts';
import { readPredictions } from '../../../test/predictions.ts';
import { answeredOf } from '../../../test/simulation/answered.ts';
import { makeSimulatedInference, SHADOW } from '../../../test/simulation/model.ts';
import { makeSettleShadow } from '../../settle/settle.ts';
import { makeShadow, type ShadowPorts } from './shadow.ts';

/** What a shadow makes of a batch, on a real ledger. */

const bench = await makeBench();
const model = { ...(await bench.ports.models.load(MODEL)), version: SHADOW.version };
const { ledger, ports, batchOf, classify } = bench;
let contents = 0;
/** A file like no other: blank chips, as many as make it so. */
function fileOf(...values: number[]): Uint8Array {
  contents += 1;
  return encodeScene([...values, ...Array<number>(contents).fill(0)].map((value) => ({ value })));
}

type Started = { name: string; input: { shadow: ShadowBatchRef } };

/** Has a batch classified while its model has a shadow of that share; answers what was started. */
async function classifyShadowed(batch: BatchRef, share = 1, more: object = {}): Promise<Started[]> {
  const started: Started[] = [];
  const shadow = async () => ({ version: SHADOW.version, share, since: `${DAY}T00:00:00.000Z` });
  const start = async (name: string, input: unknown) => {
    started.push({ name, input: input as Started['input'] });
    return 'started' as const;
  };
  await classify(batch, { models: { ...ports.models, shadow }, executions: { start }, ...more });
  return started;
}

function call(
  shadow: ShadowBatchRef | ShadowRef,
  more: Partial<ShadowPorts> = {},
  log: LogFields = {},
  signal = new AbortController().signal,
) {
  const writeResult = async (key: string, bytes: Uint8Array) => void bench.results.set(key, { bytes, version: 's' });
  const all: ShadowPorts = {
    ...ports,
    ledger,
    writeResult,
    readResult: () => Promise.reject(new ObjectNotFound('a part')),
    models: { load: async () => model },
    classifier: async () => makeSimulatedInference(model, async (go) => go()),
    ...more,
  };
  const invocation = { remainingSeconds: () => 300, signal };
  return makeShadow(all)({ shadow, progress: { left: 1 }, execution: 'arn:shadow' }, invocation, log);
}

describe('the shadow of a batch', () => {
  test('is started once the batch is closed, and has a row for each file that is done', async () => {
    const none = { 'bulk/empty': fileOf(0), 'bulk/bad': new Uint8Array(40) };
    const batch = batchOf({ 'bulk/a': fileOf(5, 6, 7), 'bulk/b': fileOf(9), ...none });
    const [one, ...more] = await classifyShadowed(batch);
    assert.equal(more.length, 0);
    assert.deepEqual(one!.input.shadow, { model: SHADOW, batch, share: 1 });
    assert.deepEqual(await ledger.shadowsOf(sceneOf('bulk/a')), [], 'nothing of it has been done yet');
    const log: LogFields = {};
    assert.deepEqual(await call(one!.input.shadow, {}, log), { left: 0 });
    assert.partialDeepStrictEqual(log, { files: 2, chips: 4 });

    const [a] = await ledger.shadowsOf(sceneOf('bulk/a'));
    const live = await ledger.get(sceneOf('bulk/a'), MODEL);
    const { digest, chips, blank, day, batch: id } = live!;
    const same = { digest, chips, blank, day, batch: id };
    assert.partialDeepStrictEqual(a, { state: 'DONE', shadow: true, model: SHADOW, parts: 1, ...same });
    assert.deepEqual(countsIn(a!).counts, [0, 1, 1, 1]);
    for (const key of Object.keys(none)) assert.deepEqual(await ledger.shadowsOf(sceneOf(key)), []);
    const key = shadowPredictionsKey({ id: batch.id, model: SHADOW, day: DAY }, 0);
    const { rows } = await readPredictions(bench.results.get(key)!.bytes);
    const runs = ['bulk/a', 'bulk/b'].map((file) => shadowRunId(sceneOf(file), SHADOW));
    assert.equal(rows.map(({ run }) => runs.indexOf(String(run))).join(), '0,0,0,1');
  });

  test('says of each file how long its own chips have taken', async () => {
    const [one] = await classifyShadowed(batchOf({ 'slow/a': fileOf(5, 6, 7), 'slow/b': fileOf(9) }));
    const classifier = async () =>
      makeSimulatedInference(model, async (go) => {
        await setTimeout(80);
        return go();
      });
    const began = performance.now();
    await call(one!.input.shadow, { classifier });
    const passed = performance.now() - began;
    const [a, b] = await Promise.all(
      ['slow/a', 'slow/b'].map(async (key) => (await ledger.shadowsOf(sceneOf(key)))[0]!.milliseconds!.infer!),
    );
    assert.ok(b! >= 19 && a! >= 3 * b! - 3 && a! + b! <= passed + 2, `${a} and ${b} of ${passed}`);
  });

  test('has those files whose content is among its share, and no others', async () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`share/${i}`, fileOf(5 + i)]));
    const [one] = await classifyShadowed(batchOf(files), 0.5);
    await call(one!.input.shadow);
    const found = [];
    for (const key of Object.keys(files)) {
      const row = await ledger.get(sceneOf(key), MODEL);
      const has = (await ledger.shadowsOf(sceneOf(key))).length === 1;
      assert.equal(has, isInShare(row!.digest!, 0.5), key);
      found.push(has);
    }
    assert.deepEqual(new Set(found), new Set([true, false]));
  });

  test('is not started where nothing is done, or nothing shadows, or the version is the live one', async () => {
    assert.deepEqual(await classifyShadowed(batchOf({ 'none/a': new Uint8Array(40) })), []);
    const asked = (shadow: unknown) => ({ models: { shadow: async () => shadow } });
    assert.deepEqual(await classifyShadowed(batchOf({ 'none/b': fileOf(5) }), 1, asked(null)), []);
    const live = { version: MODEL.version, share: 1, since: `${DAY}T00:00:00.000Z` };
    assert.deepEqual(await classifyShadowed(batchOf({ 'none/c': fileOf(5) }), 1, asked(live)), []);
  });

  test('that cannot be started, or has no name, is skipped without an effect on the batch', async () => {
    for (const [what, more] of [
      ['busy', { executions: { start: () => Promise.reject(new TransientTrouble('busy')) } }],
      ['damaged', { models: { shadow: () => Promise.reject(new Error('no JSON')) } }],
    ] as const) {
      const key = `guarded/${what}`;
      assert.deepEqual(await classifyShadowed(batchOf({ [key]: fileOf(5) }), 1, more), []);
      assert.equal((await ledger.get(sceneOf(key), MODEL))?.state, 'DONE');
      assert.deepEqual(await ledger.openBatches(), []);
    }
  });

  test('notes a file that is not there any more, and the others are done', async () => {
    const [one] = await classifyShadowed(batchOf({ 'gone/a': fileOf(5), 'gone/b': fileOf(6) }));
    bench.files.delete('gone/a');
    await call(one!.input.shadow);
    const [[a], [b]] = [await ledger.shadowsOf(sceneOf('gone/a')), await ledger.shadowsOf(sceneOf('gone/b'))];
    assert.deepEqual([a?.state, a?.error?.name, b?.state], ['FAILED', 'ObjectNotFound', 'DONE']);
  });

  test('that dies is noted for each of its files', async () => {
    const [one] = await classifyShadowed(batchOf({ 'dies/a': fileOf(5), 'dies/b': fileOf(6) }));
    const { shadow } = one!.input;
    const settle = makeSettleShadow({ ...ports, ledger, now: () => new Date(`${DAY}T12:00:00Z`) });
    const error = { Error: 'Runtime.OutOfMemory', Cause: 'signal: killed' };
    const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };
    await settle({ shadow, execution: 'arn:shadow', error }, invocation, {});
    for (const key of ['dies/a', 'dies/b']) {
      const [row] = await ledger.shadowsOf(sceneOf(key));
      assert.deepEqual([row?.state, row?.error?.step, row?.batch], ['FAILED', 'Shadow', shadow.batch.id]);
      assert.equal((await ledger.get(sceneOf(key), MODEL))?.state, 'DONE');
    }
  });

  test('that is to stop says nothing of the files that it could not read', async () => {
    const [one] = await classifyShadowed(batchOf({ 'unread/a': fileOf(5), 'unread/b': fileOf(6) }));
    const controller = new AbortController();
    const openScene = () => {
      controller.abort();
      return Promise.reject(new ObjectNotFound('gone'));
    };
    await assert.rejects(call(one!.input.shadow, { openScene }, {}, controller.signal), Interrupted);
    for (const key of ['unread/a', 'unread/b']) assert.deepEqual(await ledger.shadowsOf(sceneOf(key)), []);
  });

  test('of trouble of the moment is tried again by its execution', async () => {
    const [one] = await classifyShadowed(batchOf({ 'busy/a': fileOf(5) }));
    const openScene = () => Promise.reject(Object.assign(new Error('SlowDown'), { name: 'SlowDown' }));
    await assert.rejects(call(one!.input.shadow, { openScene }), /SlowDown/);
    assert.deepEqual(await ledger.shadowsOf(sceneOf('busy/a')), []);
  });

  test('that is interrupted while it reads a file writes no row', async () => {
    const [one] = await classifyShadowed(batchOf({ 'stopped/a': fileOf(5) }));
    const openScene = () => Promise.reject(new Interrupted('it is to stop'));
    await assert.rejects(call(one!.input.shadow, { openScene }), Interrupted);
    assert.deepEqual(await ledger.shadowsOf(sceneOf('stopped/a')), []);
  });
});

describe('the shadow of predictions over HTTP', () => {
  const gathered = (...those: ReturnType<typeof answeredOf>[]) =>
    encodeGathered(those.map(({ body }) => parseAnswered(body)));
  const seen = { isShadowed: true };
  /** Nothing is run for it: its predictions came along. */
  const classifier = () => assert.fail('what is predicted is predicted again');
  const rowsIn = async (key: string) => (await readPredictions(bench.results.get(key)!.bytes)).rows;

  test('comes with the messages; it has the predictions that the run counts, wherever they are', async () => {
    const [x, y, z] = [answeredOf('sx', [5, 0, 6], seen), answeredOf('sy', [7], seen), answeredOf('sz', [9])];
    const [one, other] = [gathered(x, z), gathered(x, y)];
    for (const { key, bytes } of [one, other]) {
      const [started] = await classifyShadowed(batchOf({ [key]: bytes }), 0.0001); // its share was decided before
      await call(started!.input.shadow, { classifier });
    }
    const found = [];
    for (const { key } of [one, other]) {
      const [shadow, ...more] = await ledger.shadowsOf(sceneOf(key));
      assert.equal(more.length, 0);
      const { state, chips, blank, parts, batch, day = '' } = shadow!;
      const file = shadowPredictionsKey({ id: batch!, model: SHADOW, day }, 0);
      const rows = (await rowsIn(file)).map(({ request_id, index, label }) => `${request_id} ${index} ${label}`);
      found.push({ state, chips, blank, parts, rows });
    }
    assert.deepEqual(found, [
      { state: 'DONE', chips: 3, blank: 1, parts: 1, rows: ['sx 0 1', 'sx 2 2'] },
      { state: 'DONE', chips: 1, blank: 0, parts: 1, rows: ['sy 3 3'] },
    ]);
  });

  test('is not started where no message of the batch has any, and has no row of a file that has none for it', async () => {
    const none = gathered(answeredOf('none', [5, 6]));
    assert.deepEqual(await classifyShadowed(batchOf({ [none.key]: none.bytes })), []);
    const some = gathered(answeredOf('some', [5], seen));
    const batch = batchOf({ [some.key]: some.bytes });
    const [started] = await classifyShadowed(batch);
    const later = { ...started!.input.shadow, model: { ...SHADOW, version: '2.0.0' } };
    await call(later, { models: { load: async () => ({ ...model, version: '2.0.0' }) } });
    assert.deepEqual(await ledger.shadowsOf(sceneOf(some.key)), [], 'another version was the shadow then');
  });

  test('of a run by itself is read in the same way, and started whatever its share', async () => {
    const { key, bytes } = gathered(answeredOf('alone', [5, 0, 10], seen), answeredOf('beside', [6]));
    await classifyShadowed(batchOf({ [key]: bytes }));
    const row = (await ledger.get(sceneOf(key), MODEL))!;
    const { run: id, scene, model, attempt, execution, day } = row;
    const run = { id, scene, model, attempt, execution, digest: row.digest!, day: day! };
    const started: ShadowRef[] = [];
    const { ofRun } = makeStartShadow({
      models: { shadow: async () => ({ version: SHADOW.version, share: 0.0001, since: `${DAY}T00:00:00.000Z` }) },
      executions: {
        start: async (_name, input) => {
          started.push((input as { shadow: ShadowRef }).shadow);
          return 'started';
        },
      },
    });
    await ofRun(run, row, 2, {});
    assert.deepEqual(await call(started[0]!, { classifier }), { left: 0 });
    const [shadow] = await ledger.shadowsOf(sceneOf(key));
    assert.partialDeepStrictEqual(shadow, { state: 'DONE', chips: 3, blank: 1, parts: 1 });
    assert.equal(shadow!.batch, undefined);
    const file = shadowPredictionsKey({ id: shadowRunId(sceneOf(key), SHADOW), model: SHADOW, day: shadow!.day! }, 0);
    assert.deepEqual(
      (await rowsIn(file)).map(({ index }) => index),
      [0, 2],
    );
  });
});

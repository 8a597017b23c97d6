import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { Interrupted, ObjectNotFound, TransientTrouble } from '../../../core/base/errors.ts';
import { shadowPredictionsKey } from '../../../core/base/keys.ts';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import {
  type RunRef,
  runId,
  type ShadowCall,
  type ShadowProgress,
  type ShadowRef,
  shadowRunId,
} from '../../../core/base/messages.ts';
import type { LogFields } from '../../../core/base/step.ts';
import { decoding, type Inference } from '../../../core/inference/predict.ts';
import { makeLedger } from '../../../core/ledger/ledger.ts';
import { encodePart } from '../../../core/scenes/preparedPart.ts';
import { readModelPackage } from '../../../core/tasks/readModelPackage.ts';
import { LEDGER_TABLE } from '../../../local/tables/tables.ts';
import { readBaselineFile } from '../../../test/benches/packages.ts';
import { makeTestResults } from '../../../test/benches/results.ts';
import { countsIn } from '../../../test/benches/summaries.ts';
import { startTestTables } from '../../../test/benches/tablesInMemory.ts';
import { makeSettleShadow } from '../../settle/settle.ts';
import { makeShadow, type ShadowPorts } from './shadow.ts';

/** What becomes of a shadow's run, on a real ledger; the model is a function that is easy to follow. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const package1 = await readModelPackage(readBaselineFile);
const live = { name: 'droughtwatch-baseline', version: '1.0.0' };
const model = { ...live, version: '2.0.0' };
const candidate = { ...package1, version: '2.0.0' };
const now = new Date('2026-03-01T10:00:00Z');
const day = '2026-02-28';

/** No batch has lines here: ./shadowBatch.test.ts has some. */
const readPiece = async () => new Uint8Array();
const openScene = () => Promise.reject(new ObjectNotFound('no file'));

describe("a shadow's run", () => {
  test('is each part classified by the candidate, and a row at its end', async () => {
    const bench = makeBench(['31', '019'].map((chips) => Array.from(chips, Number)));
    assert.deepEqual(await bench.call(), { left: 0 });
    const id = shadowRunId(bench.run.scene, model);
    assert.notEqual(id, bench.run.id);
    const keys = [0, 1].map((part) => shadowPredictionsKey({ id, model, day }, part));
    assert.deepEqual([...bench.written.keys()], keys);
    const rows = await parquetReadObjects({ file: bench.written.get(keys[1]!)!.bytes.slice().buffer });
    for (const [i, name] of ['cows-0', 'cows-1', null].entries())
      assert.partialDeepStrictEqual(rows[i], { chip_id: `0123456789abcdef-${i}`, class: name, run: id });
    assert.equal(rows.length, 3);
    const [row, ...more] = await ledger.shadowsOf(bench.run.scene);
    assert.equal(more.length, 0);
    const { scene, digest } = bench.run;
    assert.partialDeepStrictEqual(row, { state: 'DONE', shadow: true, run: id, model, scene, digest, day });
    assert.partialDeepStrictEqual(row, { chips: 6, blank: 1, parts: 2 });
    assert.partialDeepStrictEqual(row, { attempt: 1, attemptLimit: 1, execution: 'shadow' });
    assert.partialDeepStrictEqual(countsIn(row!), { counts: [1, 2, 0, 1], missing: 1 });
    assert.deepEqual(Object.keys(row!.milliseconds!), ['infer', 'total', 'chip']);
    assert.equal(await ledger.get(bench.run.scene, model), undefined, 'it is no run that counts');
  });

  test('is handed on where half of the time is used, and adds up', async () => {
    const bench = makeBench([[3, 1], [0], [2, 2]]);
    const progress: ShadowProgress[] = [{ left: 3 }];
    // Each part takes 200 of the 300 seconds that a call has.
    while (progress.at(-1)!.left > 0) progress.push(await bench.call(progress.at(-1), 200));
    assert.equal(progress.map(({ left }) => left).join(), '3,2,1,0');
    const [row] = await ledger.shadowsOf(bench.run.scene);
    assert.deepEqual(countsIn(row!).counts, [1, 1, 2, 1]);
    assert.equal(row!.claimedAt, now.toISOString());
    assert.equal(bench.written.size, 3);
  });

  test('has taken the time of all its calls', async () => {
    const bench = makeBench([[3], [1]]);
    const began = performance.now();
    await bench.call({ left: 2, milliseconds: 1e6 });
    const passed = Math.ceil(performance.now() - began);
    const { infer } = (await ledger.shadowsOf(bench.run.scene))[0]!.milliseconds!;
    assert.ok(infer! >= 1e6 && infer! <= 1e6 + passed, `${infer}, and ${passed} passed`);
  });

  test('keeps no pixels of chips that have no place in a raster', async () => {
    const layers = () => [{ map: 'predictions', classes: [], dataType: 'uint8', nodata: 255 }];
    const ofPixels = { ...candidate, task: { ...candidate.task, layers } } as unknown as typeof candidate;
    const bench = makeBench([[3, 1]], { classifier: async () => decoding(ofPixels, winners, 2) });
    await bench.call();
    assert.equal(bench.written.size, 1, 'the predictions');
    assert.equal((await ledger.shadowsOf(bench.run.scene))[0]!.pieces, undefined);
  });

  test('has taken no time, and not less, where the clock was set back meanwhile', async () => {
    const clock = [now, new Date(now.getTime() - 60_000)];
    const bench = makeBench([[3]], { now: () => clock.shift() ?? new Date(now.getTime() - 60_000) });
    await bench.call();
    assert.equal((await ledger.shadowsOf(bench.run.scene))[0]!.milliseconds!.total, 0);
  });

  test('that is repeated writes the same results', async () => {
    const bench = makeBench([[3], [1]]);
    await bench.call();
    const written = () => [...bench.written].map(([key, { bytes }]) => [key, bytes]);
    const first = written();
    await bench.call();
    assert.deepEqual(written(), first);
    assert.equal((await ledger.shadowsOf(bench.run.scene)).length, 1);
  });

  test('is found by its state, and by no one who looks for runs that count', async () => {
    const bench = makeBench([[3]]);
    await bench.call();
    const id = shadowRunId(bench.run.scene, model);
    const isIn = (rows: { run: string }[]) => rows.some(({ run }) => run === id);
    assert.ok(isIn((await ledger.byState('DONE', { ofShadows: true })).rows));
    assert.ok(!isIn((await ledger.byState('DONE')).rows));
    assert.deepEqual(await ledger.ofScene(bench.run.scene), []);
  });

  for (const [what, ports, error] of [
    ['a part', { readResult: () => Promise.reject(new ObjectNotFound('expired')) }, ObjectNotFound],
    ['its model', { classifier: () => Promise.reject(new TypeError('lost')) }, TypeError],
    ['the live package', { models: { load: () => Promise.reject(new TransientTrouble('busy')) } }, TransientTrouble],
  ] as const)
    test(`for want of ${what} writes nothing`, async () => {
      const bench = makeBench([[3]], ports);
      await assert.rejects(bench.call(), error);
      assert.equal(bench.written.size, 0);
      assert.deepEqual(await ledger.shadowsOf(bench.run.scene), []);
    });

  test('has the class of each truth that the live version has read, whatever its own values are', async () => {
    const classes = package1.classes.map((one, i) => ({ ...one, value: i + 1, name: i === 3 ? 'bulls' : one.name }));
    const bench = makeBench([[3, 0, 1]], { models: { load: async () => ({ ...package1, classes }) } }, [null, 1, 4]);
    await bench.call();
    const [file] = [...bench.written.values()];
    const rows = await parquetReadObjects({ file: file!.bytes.slice().buffer });
    assert.deepEqual(
      rows.map((row) => row[candidate.task.truth.name]),
      [null, 0, null],
    ); // it has no class called bulls
  });

  test('is refused where its package has chips prepared in another way by now', async () => {
    const bench = makeBench([[3]], { models: { load: async () => ({ ...package1, blankMax: 7 }) } });
    const message =
      'droughtwatch-baseline/2.0.0 cannot classify what was prepared for droughtwatch-baseline/1.0.0: the two packages differ in: rule for blank chips.';
    await assert.rejects(bench.call(), { name: 'InvalidModelPackage', message });
  });

  test('stops when it is asked to', async () => {
    const bench = makeBench([[3]]);
    await assert.rejects(bench.call(undefined, 0, AbortSignal.abort()), Interrupted);
  });
});

describe("a shadow's failure", () => {
  const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };
  const settle = (shadow: ShadowCall['shadow'], error = { Error: 'Runtime.OutOfMemory', Cause: 'signal: killed' }) =>
    makeSettleShadow({ ledger, readPiece, now: () => now })({ shadow, execution: 'shadow', error }, invocation, {});

  test('is recorded on its own row, and is never retried', async () => {
    const bench = makeBench([[3]]);
    assert.deepEqual(await settle(bench.shadow), { status: 'noted' });
    const [row] = await ledger.shadowsOf(bench.run.scene);
    assert.partialDeepStrictEqual(row, { state: 'FAILED', shadow: true, attempt: 1, attemptLimit: 1 });
    const { name, message, step } = row!.error!;
    assert.deepEqual([name, message, step], ['Runtime.OutOfMemory', 'signal: killed', 'Shadow']);
    const { rows } = await ledger.failures({ since: null, limit: 1000, cursor: null });
    assert.ok(rows.every(({ run }) => run !== row!.run));
  });

  test('whose time was over says which model was at work', async () => {
    const bench = makeBench([[3]]);
    await settle(bench.shadow, { Error: 'States.Timeout' } as never);
    const [row] = await ledger.shadowsOf(bench.run.scene);
    assert.match(row!.error!.message, /^infer ran out of time\. The model droughtwatch-baseline 2\.0\.0 was at work/);
  });

  test('changes nothing where it had been done before its worker died', async () => {
    const bench = makeBench([[3]]);
    await bench.call();
    await settle(bench.shadow);
    assert.equal((await ledger.shadowsOf(bench.run.scene))[0]!.state, 'DONE');
  });
});

const winners: Inference['scores'] = async ({ bands }, first, count) => {
  const chips = Array.from(bands[0]!.values.subarray(first, first + count), Number);
  const scores = (winner: number) => [0, 1, 2, 3].map((i) => (winner > 3 ? NaN : i === winner ? 0.625 : 0.125));
  return Float32Array.from(chips.flatMap(scores));
};

/** Parts whose chips each have one pixel: it says which class wins; beyond the classes, that the output is no number. */
function makeBench(pixels: number[][], ports: Partial<ShadowPorts> = {}, truths: (number | null)[] = []) {
  const results = makeTestResults();
  const scene = { bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' };
  const digest = '0123456789abcdef'.repeat(4);
  const run: RunRef = { id: runId(scene, live), scene, model: live, attempt: 1, execution: 'first', digest, day };
  const parts = pixels.map((chips) =>
    encodePart({
      chips: chips.length,
      index: Int32Array.from(chips, (_, i) => i),
      offset: BigInt64Array.from(chips, (_, i) => BigInt(100 * i)),
      length: Int32Array.from(chips, () => 100),
      truth: chips.map((_, i) => truths[i] ?? null),
      bands: [{ name: 'A', dataType: 'uint8', values: Uint8Array.from(chips) }],
    }),
  );
  const chips = pixels.flat().length + 1;
  const shadow: ShadowRef = { model, run, parts: parts.length, chips, blank: 1 };
  let used = 0;
  let each = 0;
  const all: ShadowPorts = {
    ledger,
    readPiece,
    openScene,
    resultsBucket: 'results',
    chipsPerPart: 512,
    sceneLimits: SCENE_LIMITS,
    models: { load: async () => package1 },
    readResult: async (key) => {
      used += each;
      const [, number] = new RegExp(`^prepared/${run.id}/part-(\\d{5})\\.arrow$`).exec(key)!;
      return parts[Number(number)]!;
    },
    writeResult: results.ports.writeResult,
    classifier: async () => decoding(candidate, winners, 2),
    now: () => now,
    ...ports,
  };
  const log: LogFields = {};
  /** @param seconds that each part takes, of the 300 that a call has */
  function call(progress: ShadowProgress = { left: parts.length }, seconds = 0, signal = new AbortController().signal) {
    [used, each] = [0, seconds];
    const invocation = { remainingSeconds: () => 300 - used, signal };
    return makeShadow(all)({ shadow, progress, execution: 'shadow' }, invocation, log);
  }
  return { call, run, shadow, written: results.objects, log };
}

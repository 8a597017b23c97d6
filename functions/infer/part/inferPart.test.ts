import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { ClaimLost, Interrupted, ObjectNotFound, TransientTrouble } from '../../../core/base/errors.ts';
import { predictionsKey } from '../../../core/base/keys.ts';
import type { RunRef } from '../../../core/base/messages.ts';
import type { LogFields } from '../../../core/base/step.ts';
import { decoding, type Inference } from '../../../core/inference/predict.ts';
import { makeLedger } from '../../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';
import { encodePart } from '../../../core/scenes/preparedPart.ts';
import { readModelPackage } from '../../../core/tasks/readModelPackage.ts';
import { LEDGER_TABLE } from '../../../local/tables/tables.ts';
import { readBaselineFile } from '../../../test/benches/packages.ts';
import { makeTestResults } from '../../../test/benches/results.ts';
import { startTestTables } from '../../../test/benches/tablesInMemory.ts';
import { type InferPartPorts, makeInferPart } from './inferPart.ts';

/** What becomes of one prepared part, on a real ledger; the model is a function that is easy to follow. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const model = await readModelPackage(readBaselineFile);
const ref = { name: 'droughtwatch-baseline', version: '1.0.0' };
const now = new Date('2026-03-01T10:00:00Z');
const LATER = new Date('2026-03-01T11:00:00Z');
const digest = '0123456789abcdef'.repeat(4);

test('a part becomes one file of predictions, a row a chip in the order of the scene, and a summary', async () => {
  const run = await newRun();
  const bench = makeBench(run, [3, 1, 0, 1, 9]);
  assert.deepEqual(await bench.infer({ run, part: 7 }), { part: 7 });
  const [[key, { bytes }] = assert.fail(), [summaryAt, summary] = assert.fail(), ...more] = bench.written;
  assert.equal(more.length, 0);
  assert.equal(summaryAt, `summaries/${run.id}/attempt-1/part-00007.json`);
  const right = [0, 2, 0, 0]; // of the two chips that are labelled
  const mistakes = { wrong: [0, 0, 0, 0], confused: [] };
  const numbers = { counts: [1, 2, 0, 1], missing: 1, probabilitySum: 2.5, truths: [0, 2, 0, 0], right, ...mistakes };
  const reliability = [[9, 2, 2, 1.25]];
  assert.deepEqual(JSON.parse(Buffer.from(summary.bytes).toString()), { ...numbers, reliability, perChip: 0 });
  assert.equal(key, `predictions/model=droughtwatch-baseline/version=1.0.0/date=2026-02-28/${run.id}-00007.parquet`);
  const rows = await parquetReadObjects({ file: bytes.slice().buffer });
  for (const [i, [name, truth]] of [
    ['cows-3plus', null],
    ['cows-1', 1],
    ['cows-0', null],
    ['cows-1', 1],
    [null, null],
  ].entries()) {
    const place = { chip_id: `0123456789abcdef-${2 * i}`, index: 2 * i, offset: BigInt(200 * i) };
    assert.partialDeepStrictEqual(rows[i], { ...place, class: name, truth });
  }
  assert.equal(rows.length, 5);
  const { id, scene } = run;
  assert.deepEqual(bench.log, { run: id, key: scene.key, part: 7, chips: 5, bytes: bench.log['bytes'], missing: 1 });
});

test('a chip under clouds is classified and has a row that says so, and counts neither among the predictions nor the truths', async () => {
  const run = await newRun();
  const mask = { band: 0, values: [8], bits: 0, share: 0.2 };
  const shares = [0, 0.21, 0.2, null];
  const part = encodePart({
    ...{ chips: 4, index: Int32Array.of(0, 1, 2, 3), offset: new BigInt64Array(4), length: new Int32Array(4) },
    truth: [1, 1, 2, 3],
    carried: [{ name: 'masked', type: 'DOUBLE', values: shares }],
    bands: [{ name: 'A', dataType: 'uint8', values: Uint8Array.of(1, 1, 2, 3) }],
  });
  const scores: Inference['scores'] = async ({ bands }, first, chips) => {
    const winners = [...bands[0]!.values.subarray(first, first + chips)];
    return Float32Array.from(winners.flatMap((winner) => [0, 1, 2, 3].map((i) => (i === winner ? 0.625 : 0.125))));
  };
  const classifier = decoding({ ...model, mask }, scores, 2);
  const bench = makeBench(run, [0], {}, { readResult: async () => part, classifier: async () => classifier });
  await bench.infer({ run, part: 0 });
  const [[, { bytes }] = assert.fail(), [, summary] = assert.fail()] = bench.written;
  const rows = await parquetReadObjects({ file: bytes.slice().buffer });
  assert.deepEqual(
    rows.map(({ label, masked }) => [label, masked]),
    [1, 1, 2, 3].map((label, i) => [label, shares[i]]),
  );
  const { counts, truths, right } = JSON.parse(Buffer.from(summary.bytes).toString());
  assert.deepEqual([counts, truths, right], Array(3).fill([0, 1, 1, 1]));
  assert.equal(bench.log['chips'], 4);
});

test('its partition is registered for SQL before anything is written, and a failure to do so is one of the step', async () => {
  const run = await newRun();
  const registered: string[] = [];
  const registerPartition: InferPartPorts['registerPartition'] = async ({ name }, values) => {
    assert.equal(bench.written.size, 0);
    registered.push([name, ...values].join(' '));
  };
  const bench = makeBench(run, [3, 1], {}, { registerPartition });
  await bench.infer({ run, part: 0 });
  assert.deepEqual(registered, ['predictions droughtwatch-baseline 1.0.0 2026-02-28']);

  const other = await newRun();
  const trouble = new TransientTrouble('ThrottlingException: Rate exceeded');
  const refused = makeBench(other, [3, 1], {}, { registerPartition: () => Promise.reject(trouble) });
  await assert.rejects(refused.infer({ run: other, part: 0 }), trouble);
  assert.equal(refused.written.size, 0);
});

test('the model gets full batches, and a last one with the rest', async () => {
  const run = await newRun();
  const bench = makeBench(run, [0, 1, 2, 3, 0]);
  await bench.infer({ run, part: 0 });
  assert.equal(bench.batches.join(' '), '0,2 2,2 4,1');
});

test('each part renews the lease, so that a long run of parts is not taken for lost', async () => {
  const run = await newRun();
  await makeBench(run, [0]).infer({ run, part: 0 });
  assert.equal((await ledger.get(run.scene, ref))?.lease, '2026-03-01T10:01:00.000Z');
});

test('a step that is repeated writes the same files', async () => {
  const run = await newRun();
  const bench = makeBench(run, [3, 1]);
  const contents = () => [...bench.written].map(([key, { bytes }]) => [key, bytes]);
  await bench.infer({ run, part: 0 });
  const first = contents();
  await bench.infer({ run, part: 0 });
  assert.deepEqual(contents(), first);
  assert.equal(first.length, 2);
});

test('a run that was taken over is left alone: nothing is read, classified or written', async () => {
  const run = await newRun();
  await takeOver(run);
  const bench = makeBench(run, [0, 1]);
  await assert.rejects(bench.infer({ run, part: 0 }), ClaimLost);
  assert.deepEqual([bench.reads(), bench.batches, bench.written.size], [0, [], 0]);
});

test('a run that was taken over while its worker slept is left alone: nothing is written', async () => {
  const run = await newRun();
  let time = now;
  const onBatch = async () => {
    time = new Date(now.getTime() + 61_000);
    await takeOver(run, time);
  };
  const bench = makeBench(run, [0, 1], { onBatch }, { now: () => time });
  await assert.rejects(bench.infer({ run, part: 0 }), ClaimLost);
  assert.deepEqual([bench.batches.length, bench.written.size], [2, 0]);
});

test('a run that was taken over while its worker waited to hear that it holds it is left alone: nothing is classified', async () => {
  const run = await newRun();
  let slept = false;
  const renew: typeof ledger.renew = async (...asked) => {
    const answer = await ledger.renew(...asked);
    if (!slept) await takeOver(run);
    slept = true;
    return answer;
  };
  const bench = makeBench(run, [0], {}, { ledger: { ...ledger, renew }, now: () => (slept ? LATER : now) });
  await assert.rejects(bench.infer({ run, part: 0 }), ClaimLost);
  assert.deepEqual([bench.batches, bench.written.size], [[], 0]);
});

test('the service stops between two batches, and half a part is not visible', async () => {
  const run = await newRun();
  const stopping = new AbortController();
  const bench = makeBench(run, [0, 1, 2, 3], { onBatch: () => stopping.abort() });
  await assert.rejects(bench.infer({ run, part: 0 }, stopping.signal), Interrupted);
  assert.deepEqual([bench.batches, bench.written.size], [[[0, 2]], 0]);
});

describe('predictions that are written', () => {
  const failure = { name: 'Timeout', message: 'It took too long.', step: 'Infer' };

  for (const [what, end] of [
    [
      'when the run has failed meanwhile are removed again, since its duplicates may be tried in its place',
      (row: LedgerRow) => ledger.fail(row, 'FAILED', failure, now),
    ],
    ['while the run is being settled are removed again', ledger.beginToFail],
  ] as const)
    test(what, async () => {
      const run = await newRun();
      const bench = makeBench(run, [0, 1], { onBatch: async () => end((await ledger.get(run.scene, ref))!) });
      await assert.rejects(bench.infer({ run, part: 0 }), ClaimLost);
      assert.deepEqual(bench.results.keys(), []);
    });

  test('stay if it is unknown who holds the run: another worker may have relied on them', async () => {
    const run = await newRun();
    const bench = makeBench(run, [0]);
    await bench.infer({ run, part: 0 });
    const get = () => Promise.reject(new TransientTrouble('throttled'));
    await assert.rejects(bench.infer({ run, part: 0 }, undefined, { ledger: { ...ledger, get } }), TransientTrouble);
    assert.ok(bench.results.objects.has(predictionsKey(run, 0)));
  });

  for (const { what, end, left } of [
    { what: 'when the run has failed meanwhile', end: true, left: 0 },
    { what: 'while the run is held stay, for the step that is repeated', end: false, left: 1 },
  ])
    test(`with an answer that is lost, ${what}${end ? ', are removed as well' : ''}`, async () => {
      const run = await newRun();
      const bench = makeBench(run, [0, 1]);
      const { replaceVersion } = bench.results.ports;
      const lost: typeof replaceVersion = async (...write) => {
        await replaceVersion(...write);
        if (end) await ledger.fail((await ledger.get(run.scene, ref))!, 'FAILED', failure, now);
        throw new TransientTrouble('socket hang up');
      };
      await assert.rejects(bench.infer({ run, part: 0 }, undefined, { replaceVersion: lost }), /socket hang up/);
      assert.equal(bench.results.keys().length, left);
    });

  test("whose write fails are not taken for a newer attempt's of the same chips", async () => {
    const run = await newRun();
    const newer = makeBench({ ...run, attempt: 2, execution: 'second' }, [0, 1]);
    const late = makeBench(run, [0, 1], {
      onBatch: async () => {
        await takeOver(run);
        await newer.infer({ run: { ...run, attempt: 2, execution: 'second' }, part: 0 });
      },
    });
    const { readVersion, removeVersion } = newer.results.ports;
    const replaceVersion = () => Promise.reject(new TransientTrouble('slow down'));
    const ports = { readVersion, removeVersion, replaceVersion };
    await assert.rejects(late.infer({ run, part: 0 }, undefined, ports), /slow down/);
    assert.ok(newer.results.keys().includes(predictionsKey(run, 0)));
  });

  test('by a step that is repeated stay when the other worker has brought the run to its end', async () => {
    const run = await newRun();
    const bench = makeBench(run, [0], { onBatch: async () => ledger.advance(run, 'DONE', now) });
    await bench.infer({ run, part: 0 });
    assert.ok(bench.results.keys().includes(predictionsKey(run, 0)));
  });

  test('replace what an earlier attempt has left', async () => {
    const run = await newRun();
    const bench = makeBench(run, [0]);
    const key = predictionsKey(run, 0);
    bench.results.put(key, new Uint8Array([1]));
    await bench.infer({ run, part: 0 });
    assert.ok(bench.results.objects.get(key)!.bytes.length > 1);
  });

  test('by a late worker replace nothing of a newer attempt', async () => {
    const run = await newRun();
    const key = predictionsKey(run, 0);
    const newer = new Uint8Array([2]);
    const bench = makeBench(run, [0], {
      onBatch: async () => {
        await takeOver(run);
        bench.results.put(key, newer);
      },
    });
    await assert.rejects(bench.infer({ run, part: 0 }), ClaimLost);
    assert.deepEqual(bench.results.objects.get(key)?.bytes, newer);
  });
});

for (const [what, ports, error] of [
  ['the part', { readResult: () => Promise.reject(new ObjectNotFound('expired')) }, ObjectNotFound],
  ['the model', { classifier: () => Promise.reject(new TypeError('lost')) }, TypeError],
] as const)
  test(`for want of ${what} nothing is written`, async () => {
    const run = await newRun();
    const bench = makeBench(run, [0], {}, ports);
    await assert.rejects(bench.infer({ run, part: 0 }), error);
    assert.equal(bench.written.size, 0);
    assert.deepEqual(bench.log, { run: run.id, key: run.scene.key, part: 0 }, 'its log line says whose it was');
  });

test('of logits in the place of probabilities nothing is written: the run fails, whatever the model was promoted as', async () => {
  const run = await newRun();
  const logits = async (_: unknown, __: unknown, chips: number) => new Float32Array(4 * chips).fill(2.88);
  const bench = makeBench(run, [0], {}, { classifier: async () => decoding(model, logits, 2) });
  await assert.rejects(bench.infer({ run, part: 0 }), {
    name: 'InvalidModelPackage',
    message: /^model\.onnx: found 2\.88 for one of 1 chips, allowed are probabilities .*"expression": "softmax"}\.$/,
  });
  assert.equal(bench.written.size, 0);
});

/**
 * Ports for a part whose chips each have one pixel: it says which class wins, by a half; beyond the classes, that the
 * output is no number. Every other record of the file was blank.
 */
function makeBench(
  run: RunRef,
  pixels: number[],
  { onBatch = (): unknown => undefined } = {},
  ports: Partial<InferPartPorts> = {},
) {
  const results = makeTestResults();
  const batches: [first: number, chips: number][] = [];
  let reads = 0;
  const places = Int32Array.from(pixels, (_, i) => 2 * i);
  const part = encodePart({
    chips: pixels.length,
    index: places,
    offset: BigInt64Array.from(places, (i) => BigInt(100 * i)),
    length: places,
    truth: pixels.map((_, i) => (i % 2 === 1 ? 1 : null)),
    bands: [{ name: 'A', dataType: 'uint8', values: Uint8Array.from(pixels) }],
  });
  const scores: Inference['scores'] = async ({ bands }, first, chips) => {
    batches.push([first, chips]);
    if (!(batches.length === 2 && chips === pixels.length)) await onBatch(); // the second time, only to see how long it takes
    const winners = [...bands[0]!.values.subarray(first, first + chips)];
    return Float32Array.from(
      winners.flatMap((winner) => [0, 1, 2, 3].map((i) => (winner > 3 ? NaN : i === winner ? 0.625 : 0.125))),
    );
  };
  const classifier = decoding(model, scores, 2);
  const log: LogFields = {};
  const all: InferPartPorts = {
    ledger,
    ...results.ports,
    readResult: async (key) => {
      reads += 1;
      assert.match(key, new RegExp(`^prepared/${run.id}/part-0000[07]\\.arrow$`));
      return part;
    },
    classifier: async () => classifier,
    models: { load: async () => model },
    registerPartition: async () => {},
    now: () => now,
    leaseSeconds: 60,
    ...ports,
  };
  const infer = (input: { run: RunRef; part: number }, signal = new AbortController().signal, more = {}) =>
    makeInferPart({ clock: () => 0, ...all, ...more })(input, { remainingSeconds: () => 300, signal }, log);
  return { infer, results, written: results.objects, batches, reads: () => reads, log };
}

/** Another execution claims a run, whose lease is over. */
async function takeOver({ scene }: RunRef, at = LATER): Promise<void> {
  const claim = { scene, model: ref, execution: 'second', now: at, leaseSeconds: 60, attemptLimit: 3 };
  assert.equal((await ledger.claim(claim)).held, true);
}

/** A run that is prepared, with a lease of a minute. */
async function newRun(): Promise<RunRef> {
  const scene = { bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' };
  const execution = 'first';
  const { row } = await ledger.claim({ scene, model: ref, execution, now, leaseSeconds: 60, attemptLimit: 3 });
  await ledger.advance(row, 'PREPARED', now);
  return { id: row.run, scene, model: ref, attempt: 1, execution, digest, day: '2026-02-28' };
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TransientTrouble } from '../../../core/base/errors.ts';
import { predictionsKey } from '../../../core/base/keys.ts';
import { type BatchRef, type RunRef, runId } from '../../../core/base/messages.ts';
import type { Answered } from '../../../core/doors/answered/answered.ts';
import { encodeGathered } from '../../../core/doors/answered/answered.ts';
import { predictionsIn } from '../../../core/drift/totals.ts';
import { decoding } from '../../../core/inference/predict.ts';
import { measuresOfRow } from '../../../core/measures/registry.ts';
import { monthOf } from '../../../core/tasks/registry.ts';
import { DAY, MODEL, makeBench, sceneOf } from '../../../test/benches/batch.ts';
import { encodeScene } from '../../../test/benches/scenes.ts';
import { countsIn } from '../../../test/benches/summaries.ts';
import { readPredictions } from '../../../test/predictions.ts';
import { makeSimulatedInference } from '../../../test/simulation/model.ts';

const bench = await makeBench();
const model = await bench.ports.models.load(MODEL);
const { ledger, batchOf, classify, settle, stateOf } = bench;
let contents = 0;
/** A file like no other. */
const fileOf = (...labels: number[]) => {
  contents += 1;
  return encodeScene(labels.map((label, i) => ({ value: label, label: i === 0 ? contents % 4 : 1 })).concat(marker()));
};
/** Blank chips, as many as make a file like no other. */
const marker = () => Array.from({ length: contents }, () => ({ value: 0, label: 0 }));

/** A bucket that is busy, or until it has been asked so often, when it is asked for a file. */
function busyAt(key: string, times = Infinity): { openScene: typeof bench.ports.openScene } {
  let calls = 0;
  return {
    openScene: async (scene) => {
      if (scene.key === key && ++calls <= times) throw Object.assign(new Error('slow down'), { $fault: 'server' });
      return bench.ports.openScene(scene);
    },
  };
}

/** A bucket that never answers a write of predictions. */
const stuck = { replaceVersion: () => Promise.reject(new TransientTrouble('no answer')) };

/** A worker that falls asleep in a call, until it is woken; `asleep` resolves when it does. */
function sleeperIn<Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) {
  const [asleep, woken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = async (...args: Args): Promise<Result> => {
    asleep.resolve();
    await woken.promise;
    return call(...args);
  };
  return { slow, asleep: asleep.promise, wake: woken.resolve };
}

/** Two executions take a batch and die. */
async function die(batch: BatchRef): Promise<void> {
  for (let life = 0; life < 2; life += 1) {
    const opened = await ledger.openBatch(batch, `arn:life${life}`, bench.ports.now, 300);
    await ledger.loseBatch(opened!, bench.ports.now());
  }
}

async function predictionsOf(batch: BatchRef) {
  const found = bench.results.get(predictionsKey(batch, 0));
  return found === undefined ? [] : (await readPredictions(found.bytes)).rows;
}

const labelsOf = async (batch: BatchRef) => (await predictionsOf(batch)).map(({ label }) => label).join();

describe('a batch', () => {
  test('brings each of its files to its end, and its predictions into one file', async () => {
    const same = fileOf(5, 6);
    const batch = batchOf({
      'bulk/a': fileOf(5, 6, 7),
      'bulk/b': same,
      'bulk/c': same,
      'bulk/d': encodeScene([{ value: 0 }]),
      'bulk/e': new Uint8Array(40),
      'bulk/f': fileOf(9),
    });
    bench.files.delete('bulk/f');
    const { files, ...result } = await classify(batch);
    const ended = { done: 2, empty: 1, duplicate: 1, invalid: 1, failed: 1, leftOut: 0, unsettled: 0 };
    assert.deepEqual([files, result], [6, ended]);
    const rows = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ledger.get(sceneOf(`bulk/${key}`), MODEL)),
    );
    const [a, b, c, d, e, f] = rows;
    assert.partialDeepStrictEqual(a, { state: 'DONE', attempt: 1, batch: batch.id, day: DAY, blank: 2 });
    assert.deepEqual([countsIn(a!).missing, predictionsIn(countsIn(a!))], [0, 3]);
    assert.deepEqual([b?.state, c?.state].sort(), ['DONE', 'DUPLICATE']);
    const [owner, duplicate] = b?.state === 'DONE' ? [b, c] : [c, b];
    assert.equal(duplicate?.duplicateOf, owner?.run);
    assert.deepEqual([owner?.size, duplicate?.size, duplicate?.digest], [same.length, same.length, owner?.digest]);
    const counted = (await Array.fromAsync(ledger.ofDay(DAY))).map((row) => row.run);
    const counts = [a, owner, d, duplicate, e, f].map((row) => counted.includes(row!.run));
    assert.deepEqual(counts, [true, true, true, false, false, false]);
    assert.deepEqual([d?.state, d?.chips, d?.blank], ['EMPTY', 1, 1]);
    assert.deepEqual([e?.state, e?.error?.step, e?.error?.name], ['INVALID', 'Batch', 'InvalidSceneFile']);
    assert.match(e?.error?.message ?? '', /^bulk\/e: is in no format that Swath reads/);
    assert.deepEqual([f?.state, f?.error?.name, f?.attemptLimit], ['FAILED', 'ObjectNotFound', 3]);
    const predictions = await predictionsOf(batch);
    const chips = (row: typeof a, ...values: number[]) =>
      values.map((value, i) => `${row?.digest?.slice(0, 16)}-${i}: ${value % 4}`);
    const found = predictions.map(({ chip_id, label }) => `${chip_id}: ${label}`);
    assert.deepEqual(found.sort(), [...chips(a, 5, 6, 7), ...chips(owner, 5, 6)].sort());
    assert.deepEqual(await ledger.openBatches(), []);
  });

  test('dates its files by their keys, and the others not at all', async () => {
    const batch = batchOf({ 'dated/20180704.a': fileOf(5), 'dated/b': fileOf(6) });
    await classify(batch, { acquisitionTimePattern: '%Y%m%d' });
    const rows = await Promise.all(['dated/20180704.a', 'dated/b'].map((key) => ledger.get(sceneOf(key), MODEL)));
    const at = '2018-07-04T00:00:00.000Z';
    assert.deepEqual(
      rows.map((row) => [row!.acquired, monthOf(row!)]),
      [
        [{ at, by: 'key' }, 7],
        [undefined, undefined],
      ],
    );
    const times = (await predictionsOf(batch)).map(({ acquired }) => acquired?.toISOString() ?? null);
    assert.deepEqual(times, [at, null]);
  });

  test('has of a request the chips that can be read, and says which of them cannot', async () => {
    const values = (value: number) => ['A', 'B'].map(() => [0, 1].map(() => [value, value]));
    const inputs = [{ id: 'good', values: values(7) }, { id: 'bad', values: values(256) }, { values: values(6) }];
    const encode = (of: unknown) => new TextEncoder().encode(JSON.stringify({ id: 'r-17', inputs: of }));
    const batch = batchOf({ 'bulk/r.request.json': encode(inputs), 'bulk/s.request.json': encode([inputs[1]]) });
    assert.partialDeepStrictEqual(await classify(batch), { files: 2, done: 1, invalid: 1 });
    const [done, invalid] = await Promise.all(
      ['r', 's'].map((name) => ledger.get(sceneOf(`bulk/${name}.request.json`), MODEL)),
    );
    const message = 'inputs[1].values: band A: found 256 for pixel 0, allowed is a value of uint8';
    const refused = { count: 1, first: [{ index: 1, name: 'bad', message }] };
    assert.partialDeepStrictEqual(done, { state: 'DONE', chips: 2, blank: 0, refused });
    const error = invalid?.error?.message ?? '';
    assert.match(error, /: none of its 1 chips can be read: inputs\[0\]\.values: band A: found 256/);
    assert.equal(invalid?.refused, undefined);
    const chips = (await predictionsOf(batch)).map((one) => `${one.index} ${one.member} ${one.request_id}`);
    assert.deepEqual(chips, ['0 good r-17', '2 null r-17']);
  });

  test('counts answered predictions beside classified files, and each message once', async () => {
    const columns = ['label', 'class', 'probability', 'p_0', 'p_1', 'p_2', 'p_3'];
    const inputOf = (label: number | null, place: number) => ({
      place,
      id: place === 0 ? 'named' : null,
      digest: '0'.repeat(64),
      values: label === null ? null : [label, `cows-${label}`, 0.5, 0.1, 0.2, 0.3, 0.4],
    });
    const messageOf = (request: string, labels: (number | null)[]): Answered => ({
      request,
      part: 0,
      model: MODEL,
      at: `${DAY}T09:00:00.000Z`,
      door: 'http',
      columns,
      inputs: labels.map(inputOf),
    });
    const [a, b] = [messageOf('h-a', [3, null, 1]), messageOf('h-b', [2])];
    const [first, second] = [encodeGathered([a, b]), encodeGathered([b, messageOf('h-c', [0])])];
    const { scores } = makeSimulatedInference(model, async (go) => go());
    let chips = 0;
    const counted: typeof scores = (part, from, count) => {
      chips += count;
      return scores(part, from, count);
    };
    const classifier = async () => decoding(model, counted, 1);
    const batch = batchOf({ 'bulk/a0': fileOf(5, 6), [first.key]: first.bytes, 'bulk/z': fileOf(7) });
    assert.partialDeepStrictEqual(await classify(batch, { classifier }), { done: 3 });
    assert.equal(chips, 3, 'the model ran on the chips of the files alone');
    const row = await ledger.get(sceneOf(first.key), MODEL);
    assert.partialDeepStrictEqual(row, { state: 'DONE', chips: 4, blank: 1 });
    assert.partialDeepStrictEqual(countsIn(row!), { counts: [0, 1, 1, 1], missing: 0, probabilitySum: 1.5 });
    const answered = (await predictionsOf(batch)).filter(({ request_id }) => request_id !== null);
    const places = answered.map(({ index, member, request_id, label }) => `${index} ${member} ${request_id} ${label}`);
    assert.deepEqual(places, ['0 named h-a 3', '2 inputs[2] h-a 1', '3 named h-b 2']);
    for (const { p_3 } of answered) assert.equal(p_3, Math.fround(0.4));
    const later = batchOf({ [second.key]: second.bytes });
    const unopened = { classifier: () => assert.fail('what is only counted needs no session') };
    assert.partialDeepStrictEqual(await classify(later, unopened), { done: 1 });
    const requests = (await predictionsOf(later)).map(({ request_id }) => request_id);
    assert.deepEqual(requests, ['h-c'], 'the other message counts in the object before');
    const none = encodeGathered([b]);
    assert.partialDeepStrictEqual(await classify(batchOf({ [none.key]: none.bytes })), { empty: 1 });
  });

  test('takes two conditional writes a file, a read of it, and few requests for all of them together', async () => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`bulk/n/${i}`, fileOf(5)]));
    const batch = batchOf(files);
    bench.requests.length = 0;
    assert.equal((await classify(batch)).done, 40);
    const counted = Object.groupBy(bench.requests, (name) => name);
    assert.deepEqual(
      Object.fromEntries(Object.entries(counted).map(([name, all]) => [name, all?.length])),
      // The open row, and a claim and an end each; what is settled already; the lease before the predictions and the ends.
      {
        Open: 40,
        Get: 1,
        Put: 1 + 2 * 40,
        'Register predictions droughtwatch-baseline 1.0.0 2026-03-01': 1,
        BatchGet: 1,
        Update: 2,
        Delete: 1,
      },
    );
  });

  test('reads its files whole, even if the next chunk reuses the buffer', async () => {
    const batch = batchOf({ 'bulk/w/a': fileOf(5, 6), 'bulk/w/b': fileOf(7, 8) });
    const openScene: typeof bench.ports.openScene = async (scene) => {
      const room = new Uint8Array(64);
      const bytes = bench.files.get(scene.key)!;
      const chunks = (async function* () {
        for (let at = 0; at < bytes.length; at += room.length) {
          const piece = bytes.subarray(at, at + room.length);
          room.set(piece);
          yield room.subarray(0, piece.length);
        }
        room.fill(0);
      })();
      return { ...(await bench.ports.openScene(scene)), chunks };
    };
    assert.equal((await classify(batch, { openScene })).done, 2);
  });

  test('does again only what an attempt before has left, and writes its predictions whole', async () => {
    const batch = batchOf({ 'bulk/r/a': fileOf(5), 'bulk/r/b': fileOf(6), 'bulk/r/c': fileOf(7) });
    const busy = busyAt('bulk/r/b', 1);
    await assert.rejects(classify(batch, busy), TransientTrouble);
    assert.deepEqual([await stateOf('bulk/r/a'), await stateOf('bulk/r/b')], ['DONE', undefined]);
    assert.equal((await predictionsOf(batch)).length, 2);
    bench.requests.length = 0;
    const { done, leftOut } = await classify(batch, busy);
    assert.deepEqual([done, leftOut], [3, 0]);
    assert.equal(bench.requests.filter((name) => name === 'Open').length, 1);
    assert.equal(await labelsOf(batch), '1,3,2');
  });

  test('finds out of what came to its end just before, as its first read may not show that yet', async () => {
    const of = (folder: string) => ({ [`${folder}/a`]: fileOf(5), [`${folder}/b`]: fileOf(0) });
    const batch = batchOf({ ...of('bulk/behind'), 'bulk/behind/c': new Uint8Array(40), 'bulk/behind/d': fileOf(6) });
    bench.files.delete('bulk/behind/d');
    const result = await classify(batch);
    const scenes = ['a', 'b', 'c', 'd'].map((key) => sceneOf(`bulk/behind/${key}`));
    const before = await ledger.rowsOf(scenes, MODEL);
    const predictions = await predictionsOf(batch);
    const rowsOf: typeof ledger.rowsOf = async (scenes, model, isNow = true) =>
      isNow ? ledger.rowsOf(scenes, model) : new Map();
    const again = await classify(batch, { ledger: { ...ledger, rowsOf } });
    assert.deepEqual(again, result, 'its answer was lost, and the step is repeated');
    const others = batchOf({ 'bulk/behind/a': bench.files.get('bulk/behind/a')!, 'bulk/behind/e': fileOf(7) });
    const other = await classify(others, { ledger: { ...ledger, rowsOf } }, 'arn:other');
    assert.deepEqual([other.done, other.leftOut], [1, 1], 'its event came twice');
    assert.deepEqual(await ledger.rowsOf(scenes, MODEL), before);
    assert.deepEqual(await predictionsOf(batch), predictions);
    assert.equal((await predictionsOf(others)).length, 1);
  });

  test('tries no file again that has failed in it: that is for a batch of a later sweep', async () => {
    const batch = batchOf({ 'bulk/once/a': fileOf(5), 'bulk/once/b': fileOf(6) });
    bench.files.delete('bulk/once/a');
    const busy = busyAt('bulk/once/b', 1);
    await assert.rejects(classify(batch, busy), TransientTrouble);
    const { done, failed } = await classify(batch, busy);
    assert.deepEqual([done, failed], [1, 1]);
    const row = await ledger.get(sceneOf('bulk/once/a'), MODEL);
    assert.deepEqual([row?.state, row?.attempt, row?.failures?.length], ['FAILED', 1, 1]);
    // The same files make the same batch, which is another one once that was over.
    assert.equal((await classify(batch, busy, 'arn:next sweep')).failed, 1);
    assert.equal((await ledger.get(sceneOf('bulk/once/a'), MODEL))?.attempt, 2);
  });

  test('is not taken from another worker by one that wakes up after its time-out', async () => {
    const batch = batchOf({ 'bulk/over/a': fileOf(5) });
    const { slow, asleep, wake } = sleeperIn(ledger.rowsOf);
    const late = classify(batch, { ledger: { ...ledger, rowsOf: slow } }, 'arn:late', () => -3600);
    await asleep;
    const [before] = await ledger.openBatches();
    wake();
    await assert.rejects(late, TransientTrouble);
    const [open] = await ledger.openBatches();
    assert.equal(open?.lease, before?.lease);
    await ledger.releaseBatch(open!, bench.ports.now());
    assert.equal((await classify(batch)).done, 1);
  });

  test('that another execution holds is left to it, until its lease is over', async () => {
    const batch = batchOf({ 'bulk/h/a': fileOf(5) });
    const opened = await ledger.openBatch(batch, 'arn:other', bench.ports.now, 300);
    assert.equal((await classify(batch)).leftOut, 1);
    assert.equal(await stateOf('bulk/h/a'), undefined);
    await ledger.releaseBatch(opened!, bench.ports.now());
    assert.equal((await classify(batch)).done, 1);
  });

  test('leaves out a file that another batch has claimed and will bring to its end', async () => {
    const bytes = fileOf(5);
    const other = batchOf({ 'bulk/o/a': bytes, 'bulk/o/b': fileOf(6) });
    const batch = batchOf({ 'bulk/o/a': bytes });
    await ledger.openBatch(other, 'arn:other', bench.ports.now, 300);
    await assert.rejects(classify(other, stuck, 'arn:other'));
    assert.deepEqual(await classify(batch), { ...none, files: 1, leftOut: 1 });
    assert.equal((await classify(other, {}, 'arn:other')).done, 2);
    assert.equal(await stateOf('bulk/o/a'), 'DONE');
    assert.deepEqual(await predictionsOf(batch), []);
  });

  test('leaves out a file whose run was taken by its own execution, and removes its predictions', async () => {
    const batch = batchOf({ 'bulk/x/a': fileOf(5), 'bulk/x/b': fileOf(6) });
    const scene = sceneOf('bulk/x/a');
    const taken: typeof bench.ports.ledger.claimDigest = async (run: RunRef, id) => {
      const owner = await ledger.claimDigest(run, id);
      if (run.scene.key === scene.key)
        await ledger.claim({
          scene,
          model: MODEL,
          execution: 'arn:own',
          now: bench.ports.now(),
          leaseSeconds: 60,
          attemptLimit: 3,
        });
      return owner;
    };
    const { done, leftOut } = await classify(batch, { ledger: { ...ledger, claimDigest: taken } });
    assert.deepEqual([done, leftOut], [1, 1]);
    assert.equal(await stateOf('bulk/x/a'), 'CLAIMED');
    assert.equal(await labelsOf(batch), '2');
  });

  test('owns its contents before there is a row: another run of the same bytes is a duplicate', async () => {
    const bytes = fileOf(5);
    const batch = batchOf({ 'bulk/y/a': bytes });
    const digests: string[] = [];
    const look: typeof bench.ports.ledger.claimDigest = async (run, id) => {
      const owner = await ledger.claimDigest(run, id);
      digests.push(run.digest);
      return owner;
    };
    await assert.rejects(classify(batch, { ledger: { ...ledger, claimDigest: look }, ...stuck }));
    const scene = sceneOf('elsewhere');
    const id = runId(scene, MODEL);
    const run = { id, scene, model: MODEL, attempt: 1, execution: 'arn:own', digest: digests[0]!, day: DAY };
    await ledger.claim({ ...run, now: bench.ports.now(), leaseSeconds: 300, attemptLimit: 3 });
    assert.equal(await ledger.claimContent(run), runId(sceneOf('bulk/y/a'), MODEL));
    assert.equal((await classify(batch)).done, 1);
  });

  test('does not go on for ever that its executions die of', async () => {
    const batch = batchOf({ 'bulk/z/a': fileOf(5) });
    await die(batch);
    assert.equal((await classify(batch)).failed, 1);
    const { error } = (await ledger.get(sceneOf('bulk/z/a'), MODEL))!;
    assert.match(`${error?.name}: ${error?.message}`, /^BatchGivenUp: 2 executions have died on its batch, /);
    assert.deepEqual(await ledger.openBatches(), []);
  });

  test('by which executions have died is worked on by halves, and each half ends before the next is begun', async () => {
    const batch = batchOf(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`bulk/half/${i}`, fileOf(5, i)])));
    await die(batch);
    const opened: string[] = [];
    const ends: number[] = [];
    const openScene: typeof bench.ports.openScene = (scene) => {
      opened.push(scene.key);
      return bench.ports.openScene(scene);
    };
    const end: typeof ledger.end = (...row) => {
      ends.push(opened.length);
      return ledger.end(...row);
    };
    assert.equal((await classify(batch, { openScene, ledger: { ...ledger, end } })).done, 8);
    assert.deepEqual([...new Set(ends)], [4, 6, 7, 8]);
  });

  test('that was let go of, or waited to be begun, is charged with no death', async () => {
    const batch = batchOf({ 'bulk/calm/a': fileOf(5) });
    await ledger.announceBatch(batch, 'arn:life0', bench.ports.now(), -1);
    for (let life = 1; life < 5; life += 1) {
      const opened = await ledger.openBatch(batch, `arn:life${life}`, bench.ports.now, 300);
      assert.equal(opened?.executions, 1);
      await ledger.releaseBatch(opened!, bench.ports.now());
    }
    assert.equal((await classify(batch)).done, 1);
  });
});

describe('a batch that cannot be brought to its end', () => {
  test('has the files without an end failed, and its predictions are those of the others', async () => {
    const batch = batchOf({ 'bulk/s/a': fileOf(5), 'bulk/s/b': fileOf(6) });
    const dying: typeof ledger.end = async (row, seen) => {
      if (row.scene.key === 'bulk/s/b') throw new Error('killed');
      return ledger.end(row, seen);
    };
    await assert.rejects(classify(batch, { ledger: { ...ledger, end: dying } }), /killed/);
    assert.equal((await predictionsOf(batch)).length, 2);
    bench.published.length = 0;
    const { done, failed } = await settle(batch);
    assert.deepEqual([done, failed], [1, 1]);
    const row = await ledger.get(sceneOf('bulk/s/b'), MODEL);
    assert.partialDeepStrictEqual(row, { state: 'FAILED', attempt: 1, batch: batch.id });
    const error = { name: 'Runtime.ExitError', message: 'killed', step: 'Batch', attempt: 1 };
    assert.partialDeepStrictEqual(row?.error, error);
    assert.equal(await labelsOf(batch), '1');
    assert.deepEqual(await ledger.openBatches(), []);
    assert.partialDeepStrictEqual(bench.published[0], { metric: 'FailedRuns' });
    const again = batchOf({ 'bulk/s/b': bench.files.get('bulk/s/b')! });
    assert.equal((await classify(again)).done, 1);
    assert.partialDeepStrictEqual(await ledger.get(sceneOf('bulk/s/b'), MODEL), { state: 'DONE', attempt: 2 });
  });

  test('keeps nothing of a worker that wakes up when it is over', async () => {
    const batch = batchOf({ 'bulk/late/a': fileOf(5) });
    const { slow, asleep, wake } = sleeperIn(bench.ports.replaceVersion);
    const late = classify(batch, { replaceVersion: slow });
    await asleep;
    assert.equal((await settle(batch)).failed, 1);
    wake();
    await assert.rejects(late, { name: 'ClaimLost' });
    assert.deepEqual([await stateOf('bulk/late/a'), await predictionsOf(batch)], ['FAILED', []]);
  });

  test('leaves nothing of a worker that wakes up after its files were settled, and before the batch was closed', async () => {
    const batch = batchOf({ 'bulk/early/a': fileOf(5) });
    const { slow, asleep, wake } = sleeperIn(bench.ports.replaceVersion);
    const late = classify(batch, { replaceVersion: slow });
    await asleep;
    const closeBatch = () => Promise.reject(new Error('killed'));
    await assert.rejects(settle(batch, undefined, undefined, { ledger: { ...ledger, closeBatch } }), /killed/);
    assert.equal(await stateOf('bulk/early/a'), 'FAILED');
    wake();
    await assert.rejects(late, { name: 'ClaimLost' });
    assert.deepEqual(await predictionsOf(batch), []);
    assert.equal((await settle(batch)).failed, 1);
  });

  test('leaves nothing of a worker that wakes up when another one has only just taken the batch', async () => {
    const batch = batchOf({ 'bulk/taken/a': fileOf(5) });
    const taken: typeof bench.ports.replaceVersion = async (...write) => {
      await ledger.openBatch(batch, 'arn:sweep', bench.ports.now, 300); // and then it dies
      return bench.ports.replaceVersion(...write);
    };
    await assert.rejects(classify(batch, { replaceVersion: taken }), { name: 'ClaimLost' });
    assert.equal(bench.results.has(predictionsKey(batch, 0)), false);
    assert.equal((await classify(batch)).done, 1);
  });

  test('is settled once: doing it again costs its files no attempt', async () => {
    const batch = batchOf({ 'bulk/twice/a': fileOf(5) });
    for (const _ of ['once', 'and again, as nobody has heard of it']) assert.equal((await settle(batch)).failed, 1);
    const row = await ledger.get(sceneOf('bulk/twice/a'), MODEL);
    assert.deepEqual([row?.attempt, row?.failures?.length], [1, 1]);
    assert.deepEqual(await ledger.openBatches(), []);
    await settle(batch, undefined, 'arn:next sweep');
    assert.equal((await ledger.get(sceneOf('bulk/twice/a'), MODEL))?.attempt, 2, 'which has had it on its own account');
  });

  test('has its files say which model was at work when the time was over', async () => {
    const batch = batchOf({ 'bulk/t/a': fileOf(5) });
    await ledger.openBatch(batch, 'arn:sweep', bench.ports.now, 300);
    await settle(batch, { Error: 'States.Timeout', Cause: '' });
    const row = await ledger.get(sceneOf('bulk/t/a'), MODEL);
    const message = `infer ran out of time. The model ${MODEL.name} ${MODEL.version} was at work: make it smaller,`;
    assert.ok(row?.error?.message.startsWith(message), row?.error?.message);
  });

  test('is let go where a stop interrupted it, and no file is charged for that', async () => {
    const batch = batchOf({ 'bulk/i/a': fileOf(5) });
    await ledger.openBatch(batch, 'arn:sweep', bench.ports.now, 300);
    await settle(batch, { Error: 'Interrupted', Cause: 'stopped' });
    assert.equal(await stateOf('bulk/i/a'), undefined);
    const [open] = await ledger.openBatches();
    assert.ok(open!.lease < bench.ports.now().toISOString());
    assert.equal((await classify(batch, {}, 'arn:next')).done, 1);
  });

  test('is closed if its files are no longer known', async () => {
    const batch = batchOf({ 'bulk/g/a': fileOf(5) });
    await ledger.openBatch(batch, 'arn:sweep', bench.ports.now, 300);
    bench.results.delete(batch.manifest);
    assert.equal((await settle(batch)).leftOut, 1);
    assert.deepEqual(await ledger.openBatches(), []);
  });
});

describe('a file that a late worker has ended, after its predictions were taken out', () => {
  /** Whoever is done with the one file, and takes its predictions along as if it had not been seen when it was done. */
  async function lateEnd(name: string) {
    const keys = [`bulk/${name}/a`, `bulk/${name}/b`] as const;
    const batch = batchOf({ [keys[0]]: fileOf(5), [keys[1]]: fileOf(6) });
    const { slow, asleep, wake } = sleeperIn(ledger.end);
    const end: typeof ledger.end = (row, seen) => (row.scene.key === keys[0] ? ledger.end : slow)(row, seen);
    const late = classify(batch, { ledger: { ...ledger, end } });
    await asleep;
    await assert.rejects(classify(batch, busyAt(keys[1])), TransientTrouble);
    assert.equal((await predictionsOf(batch)).length, 1);
    wake();
    await assert.rejects(late, { name: 'ClaimLost' });
    assert.deepEqual([await stateOf(keys[0]), await stateOf(keys[1])], ['DONE', 'DONE']);
    return { batch, keys };
  }

  test('is classified again by the next attempt', async () => {
    const { batch } = await lateEnd('again');
    assert.equal((await classify(batch)).done, 2);
    assert.equal((await predictionsOf(batch)).length, 2);
    assert.deepEqual(await ledger.openBatches(), []);
  });

  test('keeps its batch open where that is settled, for the next sweep', async () => {
    const { batch } = await lateEnd('settled');
    assert.partialDeepStrictEqual(await settle(batch), { done: 2, unsettled: 1 });
    const [open] = await ledger.openBatches();
    assert.ok(open!.lease < bench.ports.now().toISOString());
    const lost = await ledger.openBatch(batch, 'arn:one more that died', bench.ports.now, 300);
    await ledger.releaseBatch(lost!, bench.ports.now());
    assert.equal((await classify(batch, {}, 'arn:next sweep')).done, 2, 'however often executions died over the batch');
    assert.equal((await predictionsOf(batch)).length, 2);
    assert.deepEqual(await ledger.openBatches(), []);
  });

  test('has none where it is gone, and keeps its batch from closing no longer', async () => {
    const { batch, keys } = await lateEnd('gone');
    bench.files.delete(keys[1]);
    assert.equal((await classify(batch)).done, 2);
    assert.equal((await predictionsOf(batch)).length, 1);
    assert.deepEqual(await ledger.openBatches(), []);
  });
});

describe('a batch of a day that is closed', () => {
  test('marks the day once, before any of its files counts', async () => {
    bench.at('2026-03-02T00:20:00Z');
    const batch = batchOf({ 'bulk/m/a': fileOf(5), 'bulk/m/b': fileOf(6) });
    const seen: (string | undefined)[] = [];
    const end: typeof ledger.end = async (row, before) => {
      const marks = await ledger.marksSince(DAY, new Date(0));
      seen.push(marks.find((mark) => mark.batch?.id === batch.id)?.at);
      assert.ok(row.changed > seen.at(-1)!);
      return ledger.end(row, before);
    };
    await classify(batch, { ledger: { ...ledger, end } });
    assert.equal(seen.length, 2);
    assert.equal(new Set(seen).size, 1);
  });
});

const none = { files: 0, done: 0, empty: 0, duplicate: 0, invalid: 0, failed: 0, leftOut: 0, unsettled: 0 };

test('a batch of a package with a profile leaves in each row what its bands are like', async () => {
  const numbers = { mean: 7, deviation: 2, betweenChips: 2, valuesPerChip: 1, degreesOfFreedom: 1 };
  const profile = [{ name: 'A', source: 0, chips: 20, edges: [2, 8, 12], counts: [10, 10], ...numbers }];
  const watched = { ...model, profile };
  const own = await makeBench();
  own.ports.classifier = async () => ({ ...makeSimulatedInference(watched, async (go) => go()), batchSize: 4 });
  await own.classify(own.batchOf({ 'bulk/a': fileOf(5, 9), 'bulk/b': encodeScene([{ value: 0 }]) }));
  const [a, b] = await Promise.all(['a', 'b'].map((key) => own.ledger.get(sceneOf(`bulk/${key}`), MODEL)));
  assert.deepEqual([a?.state, b?.state], ['DONE', 'EMPTY']);
  const [sum] = measuresOfRow(a!).bands!;
  assert.deepEqual([sum!.chips, sum!.counts, sum!.mean], [2, [0, 4, 4, 0], 7]);
  assert.deepEqual([typeof a?.bands, b?.bands], ['string', undefined]);
});

test('a batch classifies chips under clouds, and counts none of their predictions', async () => {
  const batch = batchOf({ 'bulk/cloudy': fileOf(5, 17, 6), 'bulk/hidden': fileOf(17) });
  const classifier = await bench.ports.classifier(MODEL);
  const mask = { band: 0, values: [17], bits: 0, share: 0.2 };
  await classify(batch, { classifier: async () => ({ ...classifier, model: { ...classifier.model, mask } }) });
  const rows = await Promise.all(['cloudy', 'hidden'].map((key) => ledger.get(sceneOf(`bulk/${key}`), MODEL)));
  assert.deepEqual(
    rows.map((row) => [row?.state, row!.chips! - row!.blank!, row?.masked, predictionsIn(countsIn(row!))]),
    [
      ['DONE', 3, 1, 2],
      ['DONE', 1, 1, 0],
    ],
  );
  const masked = (await predictionsOf(batch)).map(({ label, masked }) => `${label}: ${masked}`);
  assert.deepEqual(masked, ['1: 0', '1: 1', '2: 0', '1: 1']);
});

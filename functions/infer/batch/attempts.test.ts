import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClaimLost, Interrupted, InvalidModelPackage, ObjectNotFound } from '../../../core/base/errors.ts';
import { predictionsKey } from '../../../core/base/keys.ts';
import { type BatchRef, type RunRef, runId } from '../../../core/base/messages.ts';
import type { Invocation } from '../../../core/base/step.ts';
import { decoding } from '../../../core/inference/predict.ts';
import { DAY, MODEL, makeBench, sceneOf } from '../../../test/benches/batch.ts';
import { encodeScene } from '../../../test/benches/scenes.ts';
import { readPredictions } from '../../../test/predictions.ts';
import { makeSettleBatch, type SettleBatchPorts } from '../../settle/settle.ts';
import { type BatchPorts, makeClassifyBatch } from './classifyBatch.ts';

/** What one attempt of a batch does, how long, and what it leaves to the next one. */

const bench = await makeBench();
const { ledger, batchOf } = bench;
let contents = 0;
/** A file like no other: blank chips, as many as make it so. */
const fileOf = (...values: number[]) => {
  contents += 1;
  const blanks = Array.from({ length: contents }, () => ({ value: 0, label: 0 }));
  return encodeScene([...values.map((value) => ({ value, label: value % 4 })), ...blanks]);
};
let batches = 0;
/** A batch of such files, under keys of their own. */
const newBatch = (...files: number[][]): BatchRef => {
  batches += 1;
  return batchOf(Object.fromEntries(files.map((values, i) => [`bulk/${batches}/${i}`, fileOf(...values)])));
};
const sceneAt = (i: number) => sceneOf(`bulk/${batches}/${i}`);
const rowAt = (i: number) => ledger.get(sceneAt(i), MODEL);
const versionOf = (batch: BatchRef) => bench.results.get(predictionsKey(batch, 0))?.version;
const labelsOf = async (batch: BatchRef) => {
  const found = bench.results.get(predictionsKey(batch, 0));
  return found === undefined ? [] : (await readPredictions(found.bytes)).rows.map(({ label }) => label);
};

type Asked = { ports?: Partial<BatchPorts>; execution?: string } & Partial<Invocation>;

function classify(batch: BatchRef, { ports = {}, execution = 'arn:sweep', ...invocation }: Asked = {}) {
  const log = {};
  const { remainingSeconds = () => 300, signal = new AbortController().signal } = invocation;
  return makeClassifyBatch({ ...bench.ports, ...ports })({ batch, execution }, { remainingSeconds, signal }, log);
}

function settle(batch: BatchRef, ports: Partial<SettleBatchPorts> = {}) {
  const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };
  const error = { Error: 'Runtime.ExitError', Cause: 'killed' };
  return makeSettleBatch({ ...bench.ports, ...ports })({ batch, execution: 'arn:sweep', error }, invocation, {});
}

/** A worker that dies before the end of a file is written. */
const killed = { ledger: { ...ledger, end: () => Promise.reject(new Error('killed')) } };

/** The model, which says how many chips each of its batches has. */
const toldOfBatches = (tell: (chips: number) => void): Pick<BatchPorts, 'classifier'> => ({
  classifier: async (ref) => {
    const own = await bench.ports.classifier(ref);
    const scores: typeof own.scores = (...asked) => {
      tell(asked[2]);
      return own.scores(...asked);
    };
    return decoding(own.model, scores, own.batchSize);
  },
});

/** Writes of predictions that are counted. */
function counted() {
  const writes: (string | null)[] = [];
  const replaceVersion: BatchPorts['replaceVersion'] = async (...write) => {
    writes.push(write[2]);
    return bench.ports.replaceVersion(...write);
  };
  return { writes, replaceVersion };
}

describe('an attempt of a batch', () => {
  test('reads sixteen files at a time', async () => {
    const batch = newBatch(...Array.from({ length: 40 }, () => [5]));
    let [underWay, most] = [0, 0];
    const openScene: BatchPorts['openScene'] = async (scene) => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return bench.ports.openScene(scene);
    };
    await classify(batch, { ports: { openScene } });
    assert.equal(most, 16);
  });

  for (const { what, seconds, done } of [
    { what: 'goes on as long as it has a minute', seconds: [300, 60, 60, 60], done: 3 },
    { what: 'takes no more files up where it has less', seconds: [300, 60, 60, 59], done: 2 },
    { what: 'has half of a time-out that is shorter', seconds: [40, 20, 20, 20], done: 3 },
    { what: 'and not less', seconds: [40, 20, 20, 19], done: 2 },
  ])
    test(`${what}: ${seconds} s`, async () => {
      const batch = newBatch([5], [6], [7]);
      const left = [...seconds];
      const remainingSeconds = () => (left.length > 1 ? left.shift()! : left[0]!);
      const attempt = classify(batch, { remainingSeconds });
      if (done === 3) assert.equal((await attempt).done, 3);
      else
        await assert.rejects(attempt, {
          name: 'TransientTrouble',
          message: '1 files of the batch are left for the next attempt (the time was short).',
        });
      const states = await Promise.all([0, 1, 2].map(async (i) => (await rowAt(i))?.state));
      assert.deepEqual(states, ['DONE', 'DONE', done === 3 ? 'DONE' : undefined]);
    });

  test('says how many files it has left, and why the first of them', async () => {
    const batch = newBatch([5], [6], [7]);
    const openScene: BatchPorts['openScene'] = async (scene) => {
      if (scene.key.endsWith('/1')) return bench.ports.openScene(scene);
      throw Object.assign(new Error(`slow ${scene.key.at(-1)}`), { $fault: 'server' });
    };
    await assert.rejects(classify(batch, { ports: { openScene } }), {
      name: 'TransientTrouble',
      message: '2 files of the batch are left for the next attempt (Error: slow 0).',
    });
    const end: typeof ledger.end = () => Promise.reject(Object.assign(new Error('busy'), { $fault: 'server' }));
    await assert.rejects(classify(batch, { ports: { ledger: { ...ledger, end } } }), {
      message: '2 files of the batch are left for the next attempt (Error: busy).',
    });
  });

  for (const values of [[5], []])
    test(`ends where the service stops, between two files of ${values.length} chips`, async () => {
      const batch = newBatch(values, values);
      const stopping = new AbortController();
      const openScene: BatchPorts['openScene'] = async (scene) => {
        stopping.abort();
        return bench.ports.openScene(scene);
      };
      await assert.rejects(classify(batch, { ports: { openScene }, signal: stopping.signal }), Interrupted);
      assert.equal(await rowAt(0), undefined);
    });

  test('ends where the service stops, between two batches of the model', async () => {
    const batch = newBatch([1, 2, 3, 5, 6, 7]); // a part, of four and two
    const stopping = new AbortController();
    let calls = 0;
    const ports = toldOfBatches(() => {
      calls += 1;
      stopping.abort();
    });
    await assert.rejects(classify(batch, { ports, signal: stopping.signal }), Interrupted);
    assert.equal(calls, 1);
  });

  test('fills batches of the model with the chips of many files, and runs none for nothing', async () => {
    const batch = newBatch(...Array.from({ length: 16 }, (_, i) => [1 + (i % 3)]));
    const sizes: number[] = [];
    await classify(batch, { ports: toldOfBatches((chips) => sizes.push(chips)) });
    assert.deepEqual(sizes, [4, 2, 4, 2, 4], 'of parts of six, and four at a time');
  });

  test('renews its lease while it reads', async () => {
    const batch = newBatch([5], [6], [7]);
    let renewed = 0;
    let milliseconds = Date.parse(`${DAY}T11:00:00.000Z`);
    const openScene: BatchPorts['openScene'] = async (scene) => {
      milliseconds += 100_000;
      return bench.ports.openScene(scene);
    };
    const renewBatch: typeof ledger.renewBatch = async (...asked) => {
      renewed += 1;
      return ledger.renewBatch(...asked);
    };
    await classify(batch, {
      ports: { now: () => new Date(milliseconds), openScene, ledger: { ...ledger, renewBatch } },
    });
    assert.equal(renewed, 3, 'once, and before the predictions and the ends');
  });

  for (const error of [new ClaimLost('it is another one'), new Interrupted('stopped')])
    test(`ends if a file fails with ${error.name}, and no file is charged for that`, async () => {
      const batch = newBatch([5], [6]);
      const claimDigest = () => Promise.reject(error);
      await assert.rejects(classify(batch, { ports: { ledger: { ...ledger, claimDigest } } }), error);
      assert.deepEqual([await rowAt(0), await rowAt(1)], [undefined, undefined]);
    });
});

describe('the claim of a file', () => {
  test('is its next attempt, by the execution that has the batch', async () => {
    const batch = newBatch([5]);
    const claims: RunRef[] = [];
    const claimDigest: typeof ledger.claimDigest = (run, id) => {
      claims.push(run);
      return ledger.claimDigest(run, id);
    };
    const ports = { ledger: { ...ledger, claimDigest } };
    await assert.rejects(classify(batch, { ports: { ledger: { ...killed.ledger, claimDigest } } }), /killed/);
    await settle(batch);
    assert.equal((await rowAt(0))?.failures?.length, 1);
    await classify(batch, { ports, execution: 'arn:next' });
    const { digest = '', ...row } = (await rowAt(0))!;
    const why = 'it keeps why the one before has failed';
    assert.deepEqual([row.state, row.attempt, row.error, row.failures?.length], ['DONE', 2, undefined, 1], why);
    const run = { id: runId(sceneAt(0), MODEL), scene: sceneAt(0), model: MODEL, digest, day: DAY };
    assert.deepEqual(claims, [
      { ...run, attempt: 1, execution: 'arn:sweep' },
      { ...run, attempt: 2, execution: 'arn:next' },
    ]);
  });
});

describe('the row of a file', () => {
  test('of a file that has changed is tried no more', async () => {
    const batch = newBatch([5]);
    const openScene: BatchPorts['openScene'] = async (scene) => ({
      ...(await bench.ports.openScene(scene)),
      hasChanged: async () => true,
    });
    await classify(batch, { ports: { openScene } });
    const row = await rowAt(0);
    assert.deepEqual(
      [row?.state, row?.error?.name, row?.attempt, row?.attemptLimit],
      ['FAILED', 'SceneFileChanged', 1, 1],
    );
  });

  test("of a day that is about to close is written before the batch's, with the day marked", async () => {
    bench.at('2026-03-01T23:58:00.000Z');
    const batch = newBatch([5]);
    const slow: typeof ledger.end = async (...end) => {
      const isWritten = await ledger.end(...end);
      bench.at('2026-03-02T00:20:00.000Z');
      return isWritten;
    };
    await classify(batch, { ports: { ledger: { ...ledger, end: slow } } });
    const marks = await ledger.marksSince(DAY, new Date(0));
    assert.ok(marks.some((mark) => mark.batch?.id === batch.id));
    bench.at('2026-03-01T23:58:00.000Z');
    const settled = newBatch([5]);
    await settle(settled, { ledger: { ...ledger, end: slow } });
    assert.ok((await ledger.marksSince(DAY, new Date(0))).some((mark) => mark.batch?.id === settled.id));
    bench.at(`${DAY}T12:00:00.000Z`);
  });
});

describe('predictions of a batch', () => {
  test('include the truth of the file', async () => {
    const batch = newBatch([5, 6]);
    await classify(batch);
    const { rows } = await readPredictions(bench.results.get(predictionsKey(batch, 0))!.bytes);
    assert.deepEqual(
      rows.map(({ truth }) => truth),
      [1, 2],
    );
  });

  test('of blank files only are no file', async () => {
    const batch = newBatch([], []);
    const { writes, replaceVersion } = counted();
    assert.equal((await classify(batch, { ports: { replaceVersion } })).empty, 2);
    assert.deepEqual(writes, []);
  });

  test('are left as they are where all was done before, by whichever execution', async () => {
    const batch = newBatch([5], []);
    await classify(batch);
    const { writes, replaceVersion } = counted();
    for (const execution of ['arn:sweep', 'arn:next'])
      assert.partialDeepStrictEqual(await classify(batch, { execution, ports: { replaceVersion } }), {
        done: 1,
        empty: 1,
      });
    assert.deepEqual(writes, []);
  });

  test("are left as they are where some of it was done before, and the rest is somebody else's", async () => {
    const batch = newBatch([5], [6]);
    const claim = { scene: sceneAt(1), model: MODEL, execution: 'arn:own', now: bench.ports.now() };
    await ledger.claim({ ...claim, leaseSeconds: 60, attemptLimit: 3 });
    await classify(batch);
    const { writes, replaceVersion } = counted();
    assert.partialDeepStrictEqual(await classify(batch, { ports: { replaceVersion } }), { done: 1, leftOut: 1 });
    assert.deepEqual(writes, []);
  });

  test('are written over as they are read where no file has come to its end', async () => {
    const batch = newBatch([5]);
    await assert.rejects(classify(batch, { ports: killed }), /killed/);
    const { writes, replaceVersion } = counted();
    await classify(batch, { ports: { replaceVersion } });
    assert.deepEqual([writes.length, writes[0] === null], [1, false], 'and once, for the last time');
  });

  test('are read only where somebody may have written them', async () => {
    const batch = newBatch([5], [6]);
    let reads = 0;
    const readVersion: BatchPorts['readVersion'] = async (key) => {
      reads += 1;
      return bench.ports.readVersion(key);
    };
    const end: typeof ledger.end = async (row, seen) => {
      if (row.scene.key.endsWith('/1')) throw Object.assign(new Error('busy'), { $fault: 'server' });
      return ledger.end(row, seen);
    };
    await assert.rejects(classify(batch, { ports: { readVersion, ledger: { ...ledger, end } } }), /busy/);
    assert.equal(reads, 0);
    const { writes, replaceVersion } = counted();
    await classify(batch, { ports: { readVersion, replaceVersion } });
    assert.equal(reads, 1);
    assert.ok(!writes.includes(null), 'it has written over what it has read');
    assert.deepEqual(await labelsOf(batch), [1, 2]);
  });

  test("are nothing that a late worker could bring back, where all files were somebody else's by then", async () => {
    const batch = newBatch([5]);
    const [asleep, woken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow: BatchPorts['replaceVersion'] = async (...write) => {
      asleep.resolve();
      await woken.promise;
      return bench.ports.replaceVersion(...write);
    };
    const late = classify(batch, { ports: { replaceVersion: slow } });
    await asleep.promise;
    const claim = { scene: sceneAt(0), model: MODEL, execution: 'arn:own', now: bench.ports.now() };
    await ledger.claim({ ...claim, leaseSeconds: 60, attemptLimit: 3 });
    assert.equal((await classify(batch)).leftOut, 1);
    woken.resolve();
    await assert.rejects(late, ClaimLost);
    assert.deepEqual(await labelsOf(batch), []);
  });
});

describe('settling a batch', () => {
  const partly = async () => {
    const batch = newBatch([5], [6]);
    const end: typeof ledger.end = async (row, seen) => {
      if (row.scene.key.endsWith('/1')) throw new Error('killed');
      return ledger.end(row, seen);
    };
    await assert.rejects(classify(batch, { ports: { ledger: { ...ledger, end } } }), /killed/);
    return batch;
  };

  test('that is done afterwards publishes nothing, and writes its predictions again', async () => {
    const batch = newBatch([5]);
    const closeBatch = () => Promise.reject(new Error('killed'));
    await assert.rejects(classify(batch, { ports: { ledger: { ...ledger, closeBatch } } }), /killed/);
    const before = versionOf(batch);
    bench.published.length = 0;
    assert.partialDeepStrictEqual(await settle(batch), { done: 1, failed: 0 });
    assert.deepEqual(bench.published, []);
    assert.notEqual(versionOf(batch), before, 'for the sake of a write that is on its way');
    assert.deepEqual(await labelsOf(batch), [1]);
  });

  test('writes over what it has read', async () => {
    const batch = await partly();
    const { writes, replaceVersion } = counted();
    await settle(batch, { replaceVersion });
    assert.deepEqual([writes.length, writes[0] === null, await labelsOf(batch)], [1, false, [1]]);
  });

  test('is not over where a row could not be written', async () => {
    const batch = await partly();
    const end = () => Promise.reject(Object.assign(new Error('busy'), { $fault: 'server' }));
    await assert.rejects(settle(batch, { ledger: { ...ledger, end } }), /busy/);
    assert.equal(await ledger.isOpen(batch.id), true);
    assert.equal((await settle(batch)).failed, 1);
  });

  test('is not over where its lines could not be read', async () => {
    const batch = await partly();
    await assert.rejects(settle(batch, { readPiece: () => Promise.reject(new Error('busy')) }), /busy/);
    assert.equal(await ledger.isOpen(batch.id), true);
    await settle(batch);
  });

  for (const error of [new InvalidModelPackage('no classes'), new ObjectNotFound('item.json')])
    test(`without any written predictions succeeds without its model: ${error.name}`, async () => {
      const batch = newBatch([5]);
      await ledger.openBatch(batch, 'arn:other', bench.ports.now, -1);
      assert.equal((await settle(batch, { models: { load: () => Promise.reject(error) } })).failed, 1);
      assert.equal(await ledger.isOpen(batch.id), false);
    });

  test('with written predictions needs its model, and so does any batch whose model exists', async () => {
    const [written, gone] = [await partly(), new ObjectNotFound('item.json')];
    await assert.rejects(settle(written, { models: { load: () => Promise.reject(gone) } }), gone);
    assert.equal(await ledger.isOpen(written.id), true);
    const [empty, trouble] = [newBatch([5]), new Error('busy')];
    await ledger.openBatch(empty, 'arn:other', bench.ports.now, -1);
    await assert.rejects(settle(empty, { models: { load: () => Promise.reject(trouble) } }), trouble);
    assert.equal(await ledger.isOpen(empty.id), true);
  });
});

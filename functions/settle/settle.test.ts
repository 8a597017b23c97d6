import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClaimLost, TransientTrouble } from '../../core/base/errors.ts';
import { predictionsKey } from '../../core/base/keys.ts';
import { type SceneRef, type SettleInput, sceneInput, sweepInput, UNASSIGNED } from '../../core/base/messages.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { Datum } from '../../core/metrics/metrics.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { makeTestResults } from '../../test/benches/results.ts';
import { liveOf, servingOf } from '../../test/benches/serving.ts';
import { startTestTables } from '../../test/benches/tablesInMemory.ts';
import { JOB_SECONDS } from '../infer/container/job.ts';
import { makeSettleRun, readError, type SettlePorts, type SettleRunPorts, settleStep } from './settle.ts';

/** How a failure gets into the ledger, on a real one. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const ref = { name: 'baseline', version: '1.0.0' };
const now = new Date('2026-03-01T10:00:09.000Z');
const invalid = { Error: 'InvalidSceneFile', Cause: 'a: record 3 at byte 100 is cut short' };
const broken = { Error: 'States.Timeout' };

/** As Lambda has it. */
const LAMBDAS_WORD = 'RequestId: 5c2f Error: Task timed out after 300.00 seconds';
const OF_THE_MODEL =
  'The model baseline 1.0.0 was at work: make it smaller, or its batches by mlm:batch_size_suggestion, under a new version; promote another one; or give infer more time (inferTimeout).';

describe('the run of this execution', () => {
  for (const [error, state, name] of [
    [invalid, 'INVALID', 'InvalidSceneFile'],
    [{ Error: 'Lambda.Unknown', Cause: 'signal: killed' }, 'FAILED', 'Lambda.Unknown'],
  ] as const)
    test(`ends ${state} with ${error.Error}`, async () => {
      const row = await claim();
      const answer = await settle({ input: sceneInput(row.scene), step: 'Infer', error });
      const message = error.Cause;
      assert.deepEqual(answer, { error: name, cause: `Infer: ${message}` });
      const settled = await ledger.get(row.scene, ref);
      assert.deepEqual([settled?.state, settled?.milliseconds], [state, { total: 9000 }]);
      assert.deepEqual(settled?.error, {
        name: error.Error,
        message,
        step: 'Infer',
        attempt: 1,
        at: '2026-03-01T10:00:09.000Z',
        execution: 'ours',
      });
    });

  for (const [step, name, cause, message] of [
    ['Infer', 'States.Timeout', undefined, `infer ran out of time. ${OF_THE_MODEL}`],
    ['Infer', 'Sandbox.Timedout', LAMBDAS_WORD, `${LAMBDAS_WORD} ${OF_THE_MODEL}`],
    ['Drift', 'Sandbox.Timedout', LAMBDAS_WORD, LAMBDAS_WORD],
    ['Preprocess', 'States.Timeout', undefined, 'no cause was given.'],
  ] as const)
    test(`whose time is over in ${step}, by ${name}, says so, and of infer which model took it`, async () => {
      const row = await claim();
      const error = { Error: name, ...(cause !== undefined && { Cause: cause }) };
      const answer = await settle({ input: sceneInput(row.scene), step, error });
      // An execution may not end with a name that Step Functions has for itself.
      assert.deepEqual(answer, { error: name.replace('States.', ''), cause: `${step}: ${message}` });
      assert.partialDeepStrictEqual((await ledger.get(row.scene, ref))?.error, { name, message, step });
    });

  test('is found among those of other model versions', async () => {
    const scene = newScene();
    const other = { name: 'baseline', version: '2.0.0' };
    await claim({ scene, execution: 'another' });
    await claim({ scene, model: other });
    await settle({ input: sceneInput(scene) });
    assert.equal((await ledger.get(scene, other))?.state, 'FAILED');
    assert.equal((await ledger.get(scene, ref))?.state, 'CLAIMED');
  });

  test('may be settled again, which changes nothing', async () => {
    const { scene } = await claim();
    const first = await settle({ input: sceneInput(scene), error: invalid });
    const row = await ledger.get(scene, ref);
    assert.deepEqual(await settle({ input: sceneInput(scene), error: invalid }), first);
    assert.deepEqual(await settle({ input: sceneInput(scene), error: broken }, { now: () => new Date() }), {
      error: 'Timeout',
      cause: 'Preprocess: no cause was given.',
    });
    assert.deepEqual(await ledger.get(scene, ref), row);
  });

  test('that was done before its step died stays done', async () => {
    const row = await claim();
    const done = await ledger.advance(row, 'DONE', now);
    await settle({ input: sceneInput(row.scene) });
    assert.deepEqual(await ledger.get(row.scene, ref), done);
  });
});

test('a run that is taken over while it is settled is left to its new holder', async () => {
  const { scene } = await claim();
  const later = new Date('2026-03-01T10:01:00.001Z'); // a lease is a minute
  const request = { scene, model: ref, execution: 'another', now: later, leaseSeconds: 60, attemptLimit: 3 };
  const ofScene: typeof ledger.ofScene = async (asked) => {
    const rows = await ledger.ofScene(asked);
    assert.equal((await ledger.claim(request)).held, true);
    return rows;
  };
  published.splice(0);
  const answer = await settle({ input: sceneInput(scene) }, { ledger: { ...ledger, ofScene } });
  assert.deepEqual(answer, { error: 'Timeout', cause: 'Preprocess: no cause was given.' });
  const row = await ledger.get(scene, ref);
  assert.deepEqual([row?.state, row?.execution, row?.attempt, published], ['CLAIMED', 'another', 2, []]);
});

test('an error while it is settled is thrown, and an expired claim is left at once', async () => {
  const scene = newScene();
  const fail = () => Promise.reject(new TransientTrouble('throttled'));
  await assert.rejects(settle({ input: sceneInput(scene) }, { ledger: { ...ledger, fail } }), TransientTrouble);
  const row = await ledger.get(scene, ref);
  assert.deepEqual([row?.state, row?.lease], ['CLAIMED', now.toISOString()]);
});

describe('an execution that died before its claim', () => {
  test('has its run claimed and failed: of the promoted model', async () => {
    const scene = newScene();
    await settle({ input: sceneInput(scene) });
    const row = await ledger.get(scene, ref);
    assert.deepEqual([row?.state, row?.execution, row?.attempt, row?.attemptLimit], ['FAILED', 'ours', 1, 3]);
    assert.equal(row?.error?.step, 'Preprocess');
  });

  test('has it claimed of the model that the rerun names', async () => {
    const scene = newScene();
    const old = { name: 'baseline', version: '0.9.0' };
    await settle({ input: sceneInput(scene, old) });
    assert.equal((await ledger.get(scene, old))?.state, 'FAILED');
    assert.equal(await ledger.get(scene, ref), undefined);
  });

  test('has it claimed of the first live model that takes the file', async () => {
    const scene = newScene();
    const [other, third] = [
      { name: 'other', version: '1.0.0' },
      { name: 'third', version: '1.0.0' },
    ];
    const live = [{ model: other, accepts: ['nowhere/*'] }, { model: third }, { model: ref }];
    await settle({ input: sceneInput(scene) }, { models: { serving: liveOf(...live) } });
    const states = await Promise.all([other, third, ref].map((model) => ledger.get(scene, model)));
    assert.deepEqual(
      states.map((row) => row?.state),
      [undefined, 'FAILED', undefined],
    );
  });

  test('has it written down under no model, where none is promoted', async () => {
    const scene = newScene();
    const error = { Error: 'NoModelPromoted', Cause: 'No version is promoted.' };
    await settle({ input: sceneInput(scene), error }, { models: { serving: servingOf() } });
    const row = await ledger.get(scene, UNASSIGNED);
    assert.deepEqual([row?.state, row?.error?.name], ['FAILED', 'NoModelPromoted']);
  });

  test('is the next attempt of a run that had failed', async () => {
    const { scene } = await claim({ execution: 'earlier' });
    await settle({ input: sceneInput(scene), execution: 'earlier' });
    await settle({ input: sceneInput(scene) });
    const row = await ledger.get(scene, ref);
    assert.deepEqual([row?.state, row?.attempt, row?.execution, row?.error?.attempt], ['FAILED', 2, 'ours', 2]);
  });

  test("leaves somebody else's run alone, on its way or done", async () => {
    for (const state of ['CLAIMED', 'DONE'] as const) {
      const row = await ledger.advance(await claim({ execution: 'another' }), state, now);
      const answer = await settle({ input: sceneInput(row.scene) });
      assert.deepEqual(answer, { error: 'Timeout', cause: 'Preprocess: no cause was given.' });
      assert.deepEqual(await ledger.get(row.scene, ref), row);
    }
  });
});

describe('the predictions of a run that fails', () => {
  const day = '2026-03-01';
  const at = new Date('2026-03-01T10:00:00.000Z');
  const fixed = { day, chipsPerPart: 512 };
  async function predicted(parts = 2) {
    const scene = newScene();
    const request = { scene, model: ref, execution: 'ours', now: at, leaseSeconds: 60, attemptLimit: 3, fixed };
    const { row } = await ledger.claim(request);
    await ledger.advance(row, 'PREPARED', at);
    const keys = Array.from({ length: parts }, (_, part) => predictionsKey({ id: row.run, model: ref, day }, part));
    for (const key of keys) results.put(key, new Uint8Array([1]));
    return { row, keys };
  }
  const left = (keys: string[]) => keys.filter((key) => results.objects.has(key));

  test('are removed, all of its parts and no others, before the ledger says that it has failed', async () => {
    const [{ row, keys }, other] = [await predicted(), await predicted()];
    const states: (string | undefined)[] = [];
    await settle(
      { input: sceneInput(row.scene), step: 'Drift' },
      {
        removeVersion: async (version) => {
          states.push((await ledger.get(row.scene, ref))?.state);
          await results.ports.removeVersion(version);
        },
      },
    );
    assert.deepEqual([left(keys), left(other.keys)], [[], other.keys]);
    assert.deepEqual(states, ['PREPARED', 'PREPARED']);
    assert.equal((await ledger.get(row.scene, ref))?.state, 'FAILED');
  });

  test('stay where a worker that was given up has brought the run to its end meanwhile', async () => {
    const { row, keys } = await predicted();
    const ofScene: typeof ledger.ofScene = async (scene) => {
      const rows = await ledger.ofScene(scene);
      await ledger.advance(row, 'DONE', now);
      return rows;
    };
    await settle({ input: sceneInput(row.scene), step: 'Drift' }, { ledger: { ...ledger, ofScene } });
    assert.deepEqual(left(keys), keys);
    assert.equal((await ledger.get(row.scene, ref))?.state, 'DONE');
  });

  test('cannot be counted by a worker that was given up, once they are about to go', async () => {
    const { row, keys } = await predicted();
    const removeVersion: typeof results.ports.removeVersion = async (version) => {
      await assert.rejects(ledger.advance(row, 'DONE', now), ClaimLost);
      await assert.rejects(ledger.renew(row, now, 60), ClaimLost);
      await results.ports.removeVersion(version);
    };
    await settle({ input: sceneInput(row.scene), step: 'Drift' }, { removeVersion });
    assert.deepEqual(left(keys), []);
  });

  test('go when the step is repeated that was interrupted in the middle of it', async () => {
    const { row, keys } = await predicted();
    const removeVersion = () => Promise.reject(new TransientTrouble('throttled'));
    await assert.rejects(settle({ input: sceneInput(row.scene) }, { removeVersion }), TransientTrouble);
    assert.equal((await ledger.get(row.scene, ref))?.state, 'PREPARED');
    await settle({ input: sceneInput(row.scene) });
    const { state, ending } = (await ledger.get(row.scene, ref))!;
    assert.deepEqual([left(keys), state, ending], [[], 'FAILED', undefined]);
  });
});

describe('what went wrong is published once the ledger knows of it', () => {
  for (const [error, metric] of [
    [invalid, 'InvalidFiles'],
    [broken, 'FailedRuns'],
  ] as const)
    test(`${error.Error}: ${metric}, as the number within the last five minutes`, async () => {
      const last = async () => {
        const { scene } = await claim();
        published.splice(0);
        await settle({ input: sceneInput(scene), error });
        const [datum, ...others] = published;
        assert.deepEqual([datum?.metric, datum?.dimensions, others], [metric, {}, []]);
        return datum!.value;
      };
      const before = await last();
      assert.equal(await last(), Math.min(100, before + 1));
    });

  test('as one at least, where the index does not show it yet', async () => {
    const { scene } = await claim();
    published.splice(0);
    const byState: typeof ledger.byState = async () => ({ rows: [], cursor: undefined });
    await settle({ input: sceneInput(scene) }, { ledger: { ...ledger, byState } });
    assert.deepEqual(published, [{ metric: 'FailedRuns', value: 1, dimensions: {} }]);
  });

  test('also when the step is repeated because that failed', async () => {
    const { scene } = await claim();
    const publish = () => Promise.reject(new TransientTrouble('throttled'));
    await assert.rejects(settle({ input: sceneInput(scene) }, { publish }), TransientTrouble);
    published.splice(0);
    await settle({ input: sceneInput(scene) });
    assert.deepEqual(
      published.map(({ metric }) => metric),
      ['FailedRuns'],
    );
  });

  test('but not an interruption, which somebody wanted', async () => {
    const { scene } = await claim();
    published.splice(0);
    await settle({ input: sceneInput(scene), error: { Error: 'Interrupted' } });
    assert.deepEqual(published, []);
  });
});

describe('without a run', () => {
  const untouched: Partial<SettleRunPorts> = {
    ledger: {
      ...ledger,
      ofScene: () => assert.fail('the ledger was read'),
      claim: () => assert.fail('a run was claimed'),
      fail: () => assert.fail('a run was failed'),
      byState: () => assert.fail('runs were counted'),
    },
  };
  for (const [what, input] of [
    ['the sweep', sweepInput],
    ['an input that names no file', { bucket: { name: 'inbox' } }],
    ['nothing', undefined],
    ['a text', 'hello'],
    ["the sweep of a marker's folder", sceneInput({ bucket: 'inbox', key: 'bulk/a/_DONE', versionId: 'v1' })],
  ] as const)
    test(`as for ${what}, the cause is all there is`, async () => {
      assert.deepEqual(await settle({ input, step: 'Discover', error: invalid }, untouched), {
        error: 'InvalidSceneFile',
        cause: `Discover: ${invalid.Cause}`,
      });
    });
});

describe('a run whose bytes exist under other keys as well', () => {
  async function makeDuplicates(count: number) {
    const digest = crypto.randomUUID().replaceAll('-', '').repeat(2);
    const refOf = (row: LedgerRow) => ({ ...row, id: row.run, digest, day: '2026-03-01' });
    const owner = await claim();
    await ledger.claimContent(refOf(owner));
    const duplicates: LedgerRow[] = [];
    for (let i = 0; i < count; i += 1) {
      const row = await claim({ execution: `other ${i}` });
      const duplicateOf = await ledger.claimContent(refOf(row));
      duplicates.push(await ledger.advance(row, 'DUPLICATE', now, { duplicateOf }));
    }
    started.length = 0;
    return { owner, duplicates };
  }

  test('has them tried in its place when it fails, however many attempts it has left, and once', async () => {
    const { owner, duplicates } = await makeDuplicates(2);
    for (const _ of ['once', 'and again']) {
      await settle({ input: sceneInput(owner.scene) });
      const tried = duplicates.map(({ run }) => `${run}-2`);
      assert.deepEqual(new Set(started), new Set(tried));
    }
    for (const { scene } of duplicates) {
      const request = { scene, model: ref, execution: 'next', now, leaseSeconds: 60, attemptLimit: 3 };
      assert.equal((await ledger.claim(request)).held, true);
    }
    started.length = 0;
    await settle({ input: sceneInput(owner.scene) });
    assert.deepEqual(started, [], 'they are on their way');
  });

  for (const state of ['DONE', 'EMPTY', 'INVALID'] as const)
    test(`leaves them alone, and raises no alarm, if it was ${state} before its last step died`, async () => {
      const { owner, duplicates } = await makeDuplicates(2);
      const row = await ledger.advance(owner, state, now);
      published.length = 0;
      const answer = await settle({ input: sceneInput(owner.scene), step: 'Drift' });
      assert.deepEqual(answer, { error: 'Timeout', cause: 'Drift: no cause was given.' });
      assert.deepEqual([started, published], [[], []]);
      assert.deepEqual(await ledger.get(owner.scene, ref), row);
      for (const duplicate of duplicates) assert.deepEqual(await ledger.get(duplicate.scene, ref), duplicate);
    });

  test('has a bounded number of them tried at once', async () => {
    const { owner } = await makeDuplicates(5);
    await settle({ input: sceneInput(owner.scene) });
    assert.equal(started.length, 3);
  });

  for (const error of [invalid, { Error: 'Interrupted' }])
    test(`leaves them alone where it ends by ${error.Error}`, async () => {
      const { owner } = await makeDuplicates(1);
      await settle({ input: sceneInput(owner.scene), error });
      assert.deepEqual(started, []);
    });
});

describe('the function', () => {
  const settled = (message: object) => {
    const unasked = () => assert.fail('it was asked');
    const ports: SettlePorts = {
      ...portsOf(),
      models: { serving: servingOf(ref), load: unasked },
      readPiece: unasked,
      readVersion: unasked,
      replaceVersion: unasked,
      leaseSeconds: 60,
    };
    return settleStep(ports)(message, { remainingSeconds: () => 60, signal: new AbortController().signal });
  };

  test("settles a scene file's execution by its failure", async () => {
    const { scene } = await claim();
    const message = { input: sceneInput(scene), execution: 'ours', step: 'Infer', error: broken };
    assert.partialDeepStrictEqual(await settled(message), { error: 'Timeout' });
    assert.equal((await ledger.get(scene, ref))?.state, 'FAILED');
  });

  test('settles a batch, or leaves it to its holder', async () => {
    const batch = {
      id: 'ab'.repeat(16),
      manifest: `manifests/${'0f'.repeat(16)}.jsonl`,
      offset: 0,
      length: 9,
      files: 7,
      day: '2026-03-01',
      model: ref,
    };
    await ledger.openBatch(batch, 'another', () => now, 60);
    assert.partialDeepStrictEqual(await settled({ batch, execution: 'ours', error: broken }), { files: 7, leftOut: 7 });
    const waiting = { ...batch, id: 'cd'.repeat(16) };
    const held = await ledger.openBatch(waiting, 'another', () => now, JOB_SECONDS, true);
    const left = await settled({ batch: waiting, execution: 'ours', error: broken });
    assert.partialDeepStrictEqual(left, { files: 7, leftOut: 7 });
    assert.deepEqual(await ledger.findBatch(waiting.id), held, 'it waits for its job');
  });
});

describe('a cause', () => {
  const thrown = { errorType: 'InvalidSceneFile', errorMessage: 'a: is empty', trace: ['InvalidSceneFile: …', 'at x'] };
  for (const [what, cause, message] of [
    ['of a function that threw is its message, without the trace', JSON.stringify(thrown), 'a: is empty'],
    ['of the service is its text', 'Rate exceeded (Service: Lambda)', 'Rate exceeded (Service: Lambda)'],
    ['that is JSON of something else is shown as it is', '{"a":1}', '{"a":1}'],
    ['that is JSON of half an error is shown as it is', '{"errorMessage":"a"}', '{"errorMessage":"a"}'],
    ['that is a JSON text is shown as it is', '"x"', '"x"'],
    ['that was cut off is shown as it is', '{"errorType":"E","errorMess', '{"errorType":"E","errorMess'],
    ['that is empty is said to be missing', '', 'no cause was given.'],
    ['that is absent is said to be missing', undefined, 'no cause was given.'],
  ] as const)
    test(what, () => {
      const error = { Error: 'Some', ...(cause !== undefined && { Cause: cause }) };
      assert.deepEqual(readError(error), { name: 'Some', message });
    });

  test('of a job that was given up, and one without an outcome, have names of their own', () => {
    const Cause = JSON.stringify({ JobId: 'j' });
    assert.equal(readError({ Error: 'States.TaskFailed', Cause }).name, 'JobFailed');
    assert.equal(readError({ Error: 'ContainerNeeded', Cause: 'x' }).name, 'NoOutcome');
  });
});

const published: Datum[] = [];
const started: string[] = [];
const results = makeTestResults();

function settle(input: Partial<SettleInput>, ports: Partial<SettleRunPorts> = {}) {
  const work = makeSettleRun({ ...portsOf(), ...ports });
  const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };
  return work({ input: undefined, execution: 'ours', step: 'Preprocess', error: broken, ...input }, invocation, {});
}

function portsOf(): SettleRunPorts & { ledger: typeof ledger } {
  return {
    ledger,
    executions: {
      start: async (name) => {
        started.push(name);
        return 'started';
      },
      describe: async () => ({ status: 'RUNNING' }),
      arnOf: (name) => `arn:${name}`,
    },
    publish: async (datums) => void published.push(...datums),
    models: { serving: servingOf(ref) },
    now: () => now,
    attemptLimit: 3,
    bulkPrefix: 'bulk/',
    ...results.ports,
  };
}

async function claim({ scene = newScene(), model = ref, execution = 'ours' } = {}) {
  const at = new Date('2026-03-01T10:00:00.000Z');
  const { row } = await ledger.claim({ scene, model, execution, now: at, leaseSeconds: 60, attemptLimit: 3 });
  return row;
}

function newScene(): SceneRef {
  return { bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' };
}

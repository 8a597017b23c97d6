import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Interrupted } from '../../core/base/errors.ts';
import type { Executions } from '../../core/base/executions.ts';
import { CANARY_FOLDER } from '../../core/base/keys.ts';
import { runId, type SceneRef, sceneInput, UNASSIGNED } from '../../core/base/messages.ts';
import { RUNNING } from '../../core/ledger/states.ts';
import { liveOf, servingOf } from '../../test/benches/serving.ts';
import { before, makeBench, namesOf, newScene, now, promoted, ref } from '../../test/benches/sweep.ts';
import type { DiscoverPorts } from './discover.ts';

type Bench = Awaited<ReturnType<typeof makeBench>>;

/** What the sweep starts, on a real ledger of each test's own; executions and the inbox are lists. */

/** What a sweep tells where nothing ever arrived. */
const QUIET_METRICS = ['FailedRuns', 'InvalidFiles'];

describe('a file of the inbox', () => {
  test('that no run knows is started with the promoted model, one that a run knows is left alone', async () => {
    const { sweep, started, claim, inbox } = await makeBench();
    await claim({ at: now });
    await claim({ state: 'DONE' });
    const scene = newScene();
    inbox.push(scene);
    assert.deepEqual(await sweep(), { started: 1, settled: 0 });
    assert.deepEqual(started, [[`${runId(scene, promoted)}-1`, sceneInput(scene, promoted)]]);
    assert.deepEqual(await sweep(), { started: 0, settled: 0 }, 'it is on its way');
  });

  test('is started for each live model that takes it and has no run of it by any of its versions', async () => {
    const { sweep, started, inbox, claim } = await makeBench();
    const [beside, other] = [
      { name: 'beside', version: '1.0.0' },
      { name: 'other', version: '1.0.0' },
    ];
    const serving = liveOf(
      { model: promoted },
      { model: beside, accepts: ['south/*'] },
      { model: other, accepts: ['x'] },
    );
    const [south, north] = [newScene('south/'), newScene('north/')];
    inbox.push(south, north);
    await claim({ scene: south, state: 'DONE', model: ref }); // an earlier version of the promoted one
    const died = newScene('south/'); // in the first step, between two starts
    inbox.push(died);
    await claim({ scene: died, model: promoted, at: now });
    await sweep({ models: { serving } });
    assert.deepEqual(
      namesOf(started).toSorted(),
      [runId(south, beside), runId(north, promoted), runId(died, beside)].map((run) => `${run}-1`).toSorted(),
    );
    const again = started.length;
    await sweep({ models: { serving } });
    assert.equal(started.length, again, 'they are on their way');
  });

  test('that came before a model was served beside is for a full sweep', async () => {
    const { sweep, started, inbox, claim } = await makeBench();
    const beside = { name: 'beside', version: '1.0.0' };
    const since = '2026-02-20T10:00:00.000Z';
    const serving = liveOf({ model: promoted }, { model: beside, since });
    const [old, young] = [newScene(), newScene()];
    inbox.push({ ...old, lastModified: '2026-02-20T09:59:59.000Z' }, { ...young, lastModified: since });
    for (const scene of [old, young]) await claim({ scene, state: 'DONE', model: promoted });
    await sweep({ models: { serving } });
    assert.deepEqual(namesOf(started), [`${runId(young, beside)}-1`]);
    await sweep({ models: { serving } }, true);
    assert.equal(started.at(-1)?.[0], `${runId(old, beside)}-1`);
  });

  test('waits for a model to be promoted', async () => {
    const { sweep, started, inbox } = await makeBench();
    inbox.push(newScene(), newScene());
    assert.equal((await sweep({ models: { serving: servingOf() } })).started, 0);
    assert.deepEqual(started, []);
    assert.equal((await sweep()).started, 2);
  });

  test('that was there before the bucket became the inbox waits for a backfill', async () => {
    const { sweep, started, inbox } = await makeBench();
    const [old, young] = [newScene(), newScene()];
    inbox.push(
      { ...old, lastModified: '2026-02-01T09:59:59.000Z' },
      { ...young, lastModified: '2026-02-01T10:00:00.000Z' },
    );
    assert.deepEqual(await sweep({ inboxSince: '2026-02-01T10:00:00.000Z' }), { started: 1, settled: 0 });
    assert.deepEqual(namesOf(started), [`${runId(young, promoted)}-1`]);
    assert.equal((await sweep({}, true)).started, 1, 'where the inbox has no beginning, all that lies there counts');
  });

  test('is found on whichever page, with a bounded number of look-ups at once', async () => {
    const { sweep, started, inbox, ledger } = await makeBench();
    inbox.push(...Array.from({ length: 130 }, () => newScene()));
    let [underWay, most] = [0, 0];
    const ofScene = async (scene: SceneRef) => {
      most = Math.max(most, ++underWay);
      return ledger.ofScene(scene).finally(() => underWay--);
    };
    assert.equal((await sweep({ ledger: { ...ledger, ofScene } })).started, 130);
    assert.equal(new Set(namesOf(started)).size, 130);
    assert.equal(most, 5);
  });
});

describe('what is no scene file', () => {
  const sized = (key: string, size: number) => ({ ...newScene(), key, size });
  for (const [what, inboxPrefix, objects] of [
    ['an object in the reserved folder', '', [newScene(CANARY_FOLDER)]],
    ['one in that below the prefix of the inbox', 'scenes/', [newScene(`scenes/${CANARY_FOLDER}`)]],
    [
      'files that come beside scenes',
      '',
      ['north/mixer.json', 'a.aux.xml', 'README.MD', 'notes.txt'].map((key) => ({ ...newScene(), key })),
    ],
    ['a folder that the S3 console has made', '', [sized('north/', 0)]],
  ] as const)
    test(`is started by no sweep, and is no arrival: ${what}`, async () => {
      const { sweep, started, inbox, ledger, published } = await makeBench();
      inbox.push(...objects);
      assert.deepEqual(await sweep({ inboxPrefix }), { started: 0, settled: 0 });
      assert.deepEqual([started, ...(await Promise.all(objects.map(ledger.ofScene))).flat()], [[]]);
      assert.deepEqual(new Set(published.map(({ metric }) => metric)), new Set(QUIET_METRICS));
      assert.deepEqual([...new Set(published.map(({ value }) => value))], [0]);
    });

  test('hides no file beside it: of a like name, with bytes, or of unknown size', async () => {
    const { sweep, inbox } = await makeBench();
    const names = ['a.json/b', 'a.tfrecord', 'south/'].map((key) => ({ ...newScene(), key }));
    const beside = [newScene('north/swath-canary/'), newScene('swath-canary'), sized('north/', 3), sized('east', 0)];
    inbox.push(newScene(CANARY_FOLDER), { ...newScene(), key: 'a.json' }, ...names, ...beside);
    assert.equal((await sweep()).started, 7);
  });
});

describe('a failed run', () => {
  test('with attempts left is started again, with the model version that it is of', async () => {
    const { sweep, started, claim } = await makeBench();
    const row = await claim({ state: 'FAILED' });
    assert.deepEqual(await sweep(), { started: 1, settled: 0 });
    assert.deepEqual(started, [[`${row.run}-2`, sceneInput(row.scene, ref)]]);
  });

  for (const { what, claim: request } of [
    { what: 'without attempts left', claim: { state: 'FAILED', attemptLimit: 1 } },
    { what: 'that can never work', claim: { state: 'INVALID' } },
  ] as const)
    test(`${what} stays as it is`, async () => {
      const { sweep, claim } = await makeBench();
      await claim(request);
      assert.deepEqual(await sweep(), { started: 0, settled: 0 });
    });

  test('for want of a model gives way to the run of the one that is promoted', async () => {
    const { sweep, started, claim, ledger } = await makeBench();
    const row = await claim({ state: 'FAILED', model: UNASSIGNED });
    await sweep({ models: { serving: servingOf() } });
    assert.deepEqual([started, await ledger.get(row.scene, UNASSIGNED)], [[], row]);
    assert.deepEqual(await sweep(), { started: 1, settled: 0 });
    assert.deepEqual(started, [[`${runId(row.scene, promoted)}-1`, sceneInput(row.scene, promoted)]]);
    assert.equal(await ledger.get(row.scene, UNASSIGNED), undefined);
  });

  test('for want of a model that takes it waits for one, and gives way to the runs of all that do', async () => {
    const { sweep, started, claim, ledger } = await makeBench();
    const { scene } = await claim({ state: 'FAILED', model: UNASSIGNED });
    await sweep({ models: { serving: liveOf({ model: promoted, accepts: ['nothing'] }) } });
    assert.deepEqual([started.length, (await ledger.get(scene, UNASSIGNED))?.state], [0, 'FAILED']);
    const beside = { name: 'beside', version: '1.0.0' };
    await sweep({ models: { serving: liveOf({ model: promoted }, { model: beside }) } });
    assert.deepEqual(
      namesOf(started),
      [promoted, beside].map((model) => `${runId(scene, model)}-1`),
    );
    assert.equal(await ledger.get(scene, UNASSIGNED), undefined);
  });
});

describe('a run that has missed its file until its attempts were used up', () => {
  const notFound = { name: 'ObjectNotFound', message: 'It is not in the inbox any more.', step: 'Preprocess' };

  /** Its file is listed, as it has come back. */
  async function missed({
    failure = notFound,
    folder = '',
    ...bench
  }: { failure?: typeof notFound; folder?: string } & Bench) {
    const scene = newScene(folder);
    bench.inbox.push(scene);
    const request = { scene, model: ref, execution: 'arn:first', now: before, leaseSeconds: 60, attemptLimit: 1 };
    return bench.ledger.fail((await bench.ledger.claim(request)).row, 'FAILED', failure, before);
  }

  for (const [what, failure, folder] of [
    ['is started over when that is listed', notFound, ''],
    ['is started over when another file had been in its place', { ...notFound, name: 'SceneFileChanged' }, undefined],
    ['is started over among bulk files, by itself', { ...notFound, step: 'Batch' }, 'bulk/'],
  ] as const)
    test(`${what}, with as many attempts as a new one`, async () => {
      const bench = await makeBench();
      const { run, scene } = await missed({ ...bench, failure, ...(folder && { folder }) });
      await bench.sweep();
      assert.deepEqual(bench.started, [[`${run}-2`, sceneInput(scene, ref)]], 'with the model version that it is of');
      const row = await bench.ledger.get(scene, ref);
      assert.deepEqual([row?.state, row?.attempt, row?.attemptLimit], ['FAILED', 1, 4]);
      await bench.sweep();
      assert.equal(bench.started.length, 1, 'it is on its way');
    });

  test('is started over by a sweep that looks back, as it has arrived anew', async () => {
    const bench = await makeBench();
    await bench.ledger.raiseWatermark(now);
    const { run } = await missed(bench);
    bench.inbox[0]!.lastModified = now.toISOString();
    assert.deepEqual(await bench.sweep(), { started: 1, settled: 0 });
    assert.equal(bench.started[0]?.[0], `${run}-2`);
  });

  test('goes on under another name where the file had gone again', async () => {
    const bench = await makeBench();
    const { run } = await missed(bench);
    await bench.sweep();
    bench.executions.set(`${run}-2`, { status: 'FAILED', error: 'ObjectNotFound' });
    assert.deepEqual(await bench.sweep(), { started: 1, settled: 1 });
    assert.equal(bench.started[1]?.[0], `${run}-3`);
  });

  test('stays as it is while that is not there', async () => {
    const bench = await makeBench();
    const row = await missed(bench);
    bench.inbox.length = 0;
    assert.deepEqual(await bench.sweep({}, true), { started: 0, settled: 0 });
    assert.deepEqual(await bench.ledger.get(row.scene, ref), row);
  });

  for (const failure of [
    { ...notFound, step: 'Infer' },
    { ...notFound, name: 'ExecutionLost' },
  ])
    test(`does not include other failures: ${failure.name} in ${failure.step}`, async () => {
      const bench = await makeBench();
      const row = await missed({ ...bench, failure });
      assert.deepEqual(await bench.sweep({}, true), { started: 0, settled: 0 });
      assert.deepEqual(await bench.ledger.get(row.scene, ref), row);
    });

  test('may be taken up by somebody else', async () => {
    const bench = await makeBench();
    const { scene } = await missed(bench);
    const granting = bench.ledger.grantAttempt;
    const grantAttempt: typeof granting = async (row, ...rest) => {
      const fixed = { day: '2026-03-01', chipsPerPart: 512 };
      const request = { scene, model: ref, execution: 'its event', now, leaseSeconds: 60, attemptLimit: 3, fixed };
      assert.equal((await bench.ledger.claim(request)).held, true);
      return granting(row, ...rest);
    };
    assert.deepEqual(await bench.sweep({ ledger: { ...bench.ledger, grantAttempt } }), { started: 0, settled: 0 });
    assert.deepEqual(bench.started, []);
  });
});

describe('a claim', () => {
  test('whose lease is over is left to its execution, as long as that runs', async () => {
    const { sweep, claim } = await makeBench({ first: { status: 'RUNNING' } });
    await claim();
    assert.deepEqual(await sweep(), { started: 0, settled: 0 });
  });

  test('dated a month ahead by a wrong clock has expired, unless its execution is running', async () => {
    const monthAhead = new Date(now.getTime() + 30 * 86_400_000);
    for (const [first, found] of [
      [{ status: 'RUNNING' }, { started: 0, settled: 0 }],
      [{ status: 'UNKNOWN' }, { started: 1, settled: 1 }],
    ] as const) {
      const { sweep, claim } = await makeBench({ first });
      await claim({ at: monthAhead });
      assert.deepEqual(await sweep(), found);
    }
  });

  for (const state of RUNNING)
    test(`that is ${state} and whose execution is lost is settled, and the next attempt's`, async () => {
      const { sweep, started, claim, ledger } = await makeBench({
        first: { status: 'FAILED', error: 'States.Timeout' },
      });
      const row = await claim({ state });
      assert.deepEqual(await sweep(), { started: 1, settled: 1 });
      assert.deepEqual(started, [[`${row.run}-2`, sceneInput(row.scene, ref)]]);
      const settled = await ledger.get(row.scene, ref);
      assert.deepEqual(
        [settled?.state, settled?.error?.name, settled?.error?.step],
        ['FAILED', 'ExecutionLost', state],
      );
    });

  for (const { status, why } of [
    { status: { status: 'UNKNOWN' }, why: 'it is unknown' },
    { status: { status: 'SUCCEEDED' }, why: 'it is succeeded' },
    { status: { status: 'FAILED', error: 'States.Runtime' }, why: 'States.Runtime' },
    { status: { status: 'FAILED', error: 'NotSettled', cause: 'No table.' }, why: 'NotSettled: No table.' },
  ] as const)
    test(`of the last attempt is settled, and says why: ${why}`, async () => {
      const { sweep, started, claim, ledger } = await makeBench({ first: status });
      const { scene } = await claim({ state: 'PREPARED', attemptLimit: 1 });
      assert.deepEqual(await sweep(), { started: 0, settled: 1 });
      const row = await ledger.get(scene, ref);
      assert.equal(row?.state, 'FAILED');
      assert.deepEqual(row.error, {
        name: 'ExecutionLost',
        message: `The execution ended without recording its result in the ledger (${why}).`,
        step: 'PREPARED',
        attempt: 1,
        at: now.toISOString(),
        execution: 'arn:first',
      });
      assert.deepEqual([await sweep(), started], [{ started: 0, settled: 0 }, []]);
    });
});

test('hundreds of lost runs have their executions described once each, and a few at a time, for the sake of a small quota', async () => {
  const { sweep, claim, executions, ledger } = await makeBench();
  for (let i = 0; i < 60; i += 1) await claim();
  assert.equal((await ledger.byState('CLAIMED', { limit: 100 })).rows.length, 60);
  let [described, running, most] = [0, 0, 0];
  const describe: Executions['describe'] = async (name) => {
    if (executions.has(name)) return { status: 'RUNNING' };
    described += 1;
    most = Math.max(most, ++running);
    await setImmediate();
    running -= 1;
    return { status: 'FAILED', error: 'Lost' };
  };
  const start: Executions['start'] = async (name) => {
    if (executions.has(name)) return 'known';
    executions.set(name, { status: 'RUNNING' });
    return 'started';
  };
  executions.clear();
  const found = await sweep({ executions: { start, describe, arnOf: (name) => name } });
  assert.deepEqual(found, { started: 60, settled: 60 });
  assert.deepEqual([described, most <= 5], [60, true]);
});

describe('a name that was used before', () => {
  test('by an execution that runs is enough', async () => {
    const { sweep, claim, executions } = await makeBench();
    const { run } = await claim({ state: 'FAILED' });
    executions.set(`${run}-2`, { status: 'RUNNING' });
    assert.deepEqual(await sweep(), { started: 0, settled: 0 });
  });

  test('by one that ended without a word is a failed attempt; the next one is started', async () => {
    const { sweep, started, inbox, executions, ledger } = await makeBench();
    const scene = newScene();
    inbox.push(scene);
    const run = runId(scene, promoted);
    executions.set(`${run}-1`, { status: 'FAILED', error: 'States.Timeout' });
    executions.set(`${run}-2`, { status: 'SUCCEEDED' });
    assert.deepEqual(await sweep(), { started: 1, settled: 2 });
    assert.deepEqual(started, [[`${run}-3`, sceneInput(scene, promoted)]]);
    const row = await ledger.get(scene, promoted);
    assert.deepEqual([row?.state, row?.attempt, row?.execution], ['FAILED', 2, `arn:${run}-2`]);
  });

  test('by the last attempt ends the run', async () => {
    const { sweep, started, claim, executions, ledger } = await makeBench();
    const { run, scene } = await claim({ state: 'FAILED', attemptLimit: 2 });
    executions.set(`${run}-2`, { status: 'FAILED' });
    assert.deepEqual([await sweep(), started], [{ started: 0, settled: 1 }, []]);
    const row = await ledger.get(scene, ref);
    assert.deepEqual([row?.state, row?.attempt, row?.error?.name], ['FAILED', 2, 'ExecutionLost']);
    assert.deepEqual(await sweep(), { started: 0, settled: 0 });
  });

  test('by one that ended while somebody else takes the run up is left to them', async () => {
    const { sweep, claim, executions, ledger } = await makeBench();
    const { run, scene } = await claim({ state: 'FAILED' });
    executions.set(`${run}-2`, { status: 'FAILED' });
    const beaten: DiscoverPorts['ledger']['claim'] = async (request) => {
      await ledger.claim({ ...request, execution: 'quicker', leaseSeconds: 60 });
      return ledger.claim(request);
    };
    assert.deepEqual(await sweep({ ledger: { ...ledger, claim: beaten } }), { started: 0, settled: 0 });
    assert.equal((await ledger.get(scene, ref))?.execution, 'quicker');
  });
});

describe('the sweep', () => {
  test('goes from page to page through all that failed, all that is stale and the whole inbox', async () => {
    const { sweep, started, claim, inbox, ledger } = await makeBench();
    const states = ['CLAIMED', 'PREPARED', 'PREDICTED', 'FAILED'] as const;
    for (const state of [...states, ...states, ...states]) await claim({ state });
    inbox.push(newScene(), newScene(), newScene());
    const pages: number[] = [];
    const byState: DiscoverPorts['ledger']['byState'] = async (state, options = {}) => {
      const page = await ledger.byState(state, { ...options, limit: 2 });
      if (options.oldestFirst === true) pages.push(page.rows.length);
      return page;
    };
    const failures: DiscoverPorts['ledger']['failures'] = async (asked) => {
      const page = await ledger.failures({ ...asked, limit: 2 });
      pages.push(page.rows.length);
      return page;
    };
    assert.deepEqual(await sweep({ ledger: { ...ledger, byState, failures } }), { started: 15, settled: 9 });
    assert.equal(new Set(namesOf(started)).size, 15);
    const failed = Array(6).fill(2); // with the claims that were settled just before
    const ofBatches = [...failed, 0];
    assert.deepEqual(pages, [2, 1, 2, 1, 2, 1, ...failed, 0, 0, ...ofBatches, 0, 0], 'the last count nothing');
  });

  test('that the release before has begun goes on where it was', async () => {
    const { discover, inbox } = await makeBench();
    inbox.push(newScene());
    const page = await discover(JSON.stringify({ phase: 'inbox', cursor: null }));
    assert.partialDeepStrictEqual(page, { cursor: null, started: 1, settled: 0, batches: [] });
  });

  test('is over when the service stops', async () => {
    const { discover } = await makeBench();
    await assert.rejects(discover(null, {}, { signal: AbortSignal.abort() }), Interrupted);
  });
});

describe('the sweep reports', () => {
  test('how many days have brought no file since the newest one, and nothing where none ever arrived', async () => {
    const { sweep, claim, published } = await makeBench();
    const days = () => published.splice(0).find(({ metric }) => metric === 'DaysSinceArrival')?.value;
    await sweep();
    assert.equal(days(), undefined);
    await claim({ state: 'DONE' });
    await sweep();
    assert.equal(days(), 0);
    const later = { now: () => new Date(now.getTime() + 5 * 86_400_000) };
    await sweep(later);
    assert.equal(days(), 5);
    const monthAhead = new Date(now.getTime() + 30 * 86_400_000);
    for (let i = 0; i < 21; i += 1) await claim({ state: 'DONE', at: monthAhead });
    await sweep(later);
    assert.equal(days(), 5, 'whatever came while the clock was ahead');
  });

  test('that nothing failed, where nothing did, or the clock was ahead when it did', async () => {
    const { sweep, claim, published } = await makeBench();
    const told = () =>
      published
        .splice(0)
        .filter(({ metric }) => /FailedRuns|InvalidFiles/.test(metric))
        .map(({ value }) => value);
    await sweep();
    assert.deepEqual(told(), [0, 0]);
    await claim({ state: 'FAILED', attemptLimit: 1, at: new Date(now.getTime() + 30 * 86_400_000) });
    await sweep();
    assert.deepEqual(told(), [0, 0]);
    await claim({ state: 'FAILED', attemptLimit: 1, at: now });
    await sweep();
    assert.deepEqual(told(), [1, 0]);
  });
});

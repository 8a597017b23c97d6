import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runId } from '../../core/base/messages.ts';
import { servingOf } from '../../test/benches/serving.ts';
import { LATER, makeBench, namesOf, newScene, now, promoted } from '../../test/benches/sweep.ts';
import type { DiscoverPorts } from './discover.ts';

const later = (days: number) => ({ now: () => new Date(now.getTime() + days * 86_400_000) });
const arrived = (days: number) => ({ ...newScene(), lastModified: later(days).now().toISOString() });

/** A ledger, and the keys of the files whose runs it is asked for. */
function watched(ledger: DiscoverPorts['ledger']) {
  const looked: string[] = [];
  const ofScene: typeof ledger.ofScene = (scene) => {
    looked.push(scene.key);
    return ledger.ofScene(scene);
  };
  return { looked, ledger: { ...ledger, ofScene } };
}

describe('a sweep looks back', () => {
  test('from the beginning of the last one that came to its end, by so many days', async () => {
    const { sweep, claim, inbox, ledger } = await makeBench();
    assert.equal(await ledger.sweptUntil(LATER), null);
    await sweep();
    assert.deepEqual(await ledger.sweptUntil(LATER), now);
    const { looked, ...ports } = watched(ledger);
    const [old, edge, young] = [arrived(-7.1), arrived(-7), arrived(13)];
    inbox.push(old, edge, young);
    for (const scene of [edge, young]) await claim({ scene, state: 'DONE' });
    await sweep({ ...later(20), ...ports });
    assert.deepEqual(looked, [edge.key, young.key], 'however long ago that was');
    assert.deepEqual(await ledger.sweptUntil(LATER), later(20).now());
  });

  test('a day at what came by one request, as its entity tag says: S3 dates that by its arrival', async () => {
    const { sweep, inbox, ledger, started } = await makeBench();
    await sweep();
    await ledger.raiseWatermark(later(20).now());
    const etag = '0123456789abcdef0123456789abcdef';
    const [old, edge, inParts] = [18.9, 19, 13].map(arrived);
    inbox.push({ ...old!, etag }, { ...edge!, etag }, { ...inParts!, etag: `${etag}-2` });
    assert.equal((await sweep(later(21))).started, 2);
    assert.deepEqual(
      namesOf(started),
      [edge!, inParts!].map((scene) => `${runId(scene, promoted)}-1`),
    );
    assert.deepEqual(await ledger.sweptUntil(LATER), later(20).now(), 'as far as the next one has to look');
    await sweep(later(22));
    assert.equal((await ledger.sweptUntil(LATER))?.getTime(), later(20).now().getTime(), 'until a run knows them');
  });

  test('by hundreds of keys at files that the promoted version has, and one by one at none of them', async () => {
    const { sweep, claim, inbox, ledger } = await makeBench();
    const known: number[] = [];
    const { looked, ledger: watchedLedger } = watched(ledger);
    const knownOf: typeof ledger.knownOf = (scenes, model) => {
      known.push(scenes.length);
      return ledger.knownOf(scenes, model);
    };
    for (let i = 0; i < 150; i += 1) await claim({ state: 'DONE', model: promoted });
    const [failed, older] = [await claim({ state: 'FAILED', model: promoted }), await claim({ state: 'DONE' })];
    const fresh = newScene();
    inbox.push(fresh);
    const listScenes: DiscoverPorts['listScenes'] = async (_cursor, { prefix = '' } = {}) => ({
      scenes: prefix === '' ? inbox : [],
      cursor: null,
    });
    await sweep({ ledger: { ...watchedLedger, knownOf }, listScenes });
    assert.deepEqual(known, [100, 53]);
    assert.deepEqual(looked, [failed.scene.key, older.scene.key, fresh.key]);
  });

  test('once more at a file without a run, however old, until it has one', async () => {
    const { sweep, claim, inbox, ledger, started } = await makeBench();
    await sweep();
    const [edge, young] = [arrived(-6.5), arrived(13)];
    inbox.push(edge, young);
    await sweep(later(20));
    assert.deepEqual(await ledger.sweptUntil(LATER), later(0.5).now(), 'what was started may die without a word');
    await sweep(later(21));
    assert.deepEqual(
      namesOf(started),
      [edge, young].map((scene) => `${runId(scene, promoted)}-1`),
      'those are on their way still',
    );
    for (const scene of [edge, young]) await claim({ scene, state: 'DONE' });
    await sweep(later(22));
    assert.deepEqual(await ledger.sweptUntil(LATER), later(22).now());
  });

  test('once more also at one from before the last sweep, dated by a clock that was behind', async () => {
    const { sweep, inbox, ledger } = await makeBench();
    await sweep();
    const scene = arrived(-20);
    inbox.push({ ...scene, isNew: true as const });
    assert.equal((await sweep(later(1))).started, 1);
    assert.deepEqual(await ledger.sweptUntil(LATER), later(-13).now());
    inbox.splice(0, 1, scene);
    const { looked, ...ports } = watched(ledger);
    await sweep({ ...later(2), ...ports });
    assert.deepEqual(looked, [scene.key]);
  });

  test('and asks the ledger for no file that is older, however many there are', async () => {
    const { sweep, discover, inbox, ledger } = await makeBench();
    await sweep();
    for (let i = 0; i < 10_000; i += 1) inbox.push(arrived(-8));
    for (let i = 0; i < 3; i += 1) inbox.push(arrived(1));
    let [lists, looks] = [0, 0];
    const counting: Partial<DiscoverPorts> = {
      ...later(2),
      ledger: { ...ledger, ofScene: (scene) => ledger.ofScene(scene).finally(() => looks++) },
      listScenes: async (cursor, { prefix = '' } = {}) => {
        if (prefix !== '') return { scenes: [], cursor: null }; // no bulk file
        lists += 1;
        const first = Number(cursor ?? 0);
        const scenes = inbox.slice(first, first + 1000);
        return { scenes, cursor: first + 1000 < inbox.length ? String(first + 1000) : null };
      },
    };
    let page = await discover(null, counting);
    let calls = 1;
    for (; page.cursor !== null; calls += 1) page = await discover(page.cursor, counting);
    assert.deepEqual({ started: page.started, lists, looks, calls }, { started: 3, lists: 11, looks: 3, calls: 5 });
  });

  test('and at new files, whatever their time', async () => {
    const { sweep, inbox, started } = await makeBench();
    await sweep();
    const [seen, fresh] = [arrived(-20), { ...arrived(-20), isNew: true as const }];
    inbox.push(seen, fresh);
    assert.equal((await sweep(later(1))).started, 1);
    assert.equal(started[0]?.[0], `${runId(fresh, promoted)}-1`);
  });

  test('past files that failed for good, and at everything with attempts left, whatever its time', async () => {
    const { sweep, claim, started, ledger } = await makeBench();
    await sweep(later(30));
    const waiting = [
      await claim({ state: 'FAILED' }),
      await claim({ state: 'FAILED', at: later(29.5).now() }),
      await claim({ state: 'FAILED', at: later(60).now() }),
    ];
    for (let i = 0; i < 30; i += 1) await claim({ state: 'FAILED', attemptLimit: 1 });
    const looked: string[] = [];
    const failures: DiscoverPorts['ledger']['failures'] = async (asked) => {
      const page = await ledger.failures(asked);
      looked.push(...page.rows.map(({ run }) => run));
      return page;
    };
    assert.equal((await sweep({ ...later(31), ledger: { ...ledger, failures } })).started, 3);
    const names = waiting.map(({ run }) => `${run}-2`).sort();
    assert.deepEqual(namesOf(started).sort(), names);
    const those = waiting.map(({ run }) => run);
    assert.deepEqual(looked, [...those, ...those], 'and once more for those of batches');
  });

  test('at a failed run that somebody has granted one more attempt, where nothing came of the start', async () => {
    const { sweep, claim, ledger, started } = await makeBench();
    const row = await claim({ attemptLimit: 1 });
    const failed = await ledger.fail(row, 'FAILED', { name: 'Error', message: 'x', step: 'Infer' }, now);
    await sweep(later(30));
    await ledger.grantAttempt(failed, later(30).now());
    assert.equal((await sweep(later(31))).started, 1, 'it failed more than a look-back ago');
    assert.deepEqual(namesOf(started), [`${row.run}-2`]);
  });

  test('at files as they are known, and a full one into each of them, whichever call lists it', async () => {
    for (const isFull of [false, true]) {
      const { discover, claim, ledger } = await makeBench();
      const done = await claim({ state: 'DONE' });
      const asked: [prefix: string, cursor: string | null, anew: boolean][] = [];
      const listScenes: DiscoverPorts['listScenes'] = async (cursor, { prefix = '', anew = false } = {}) => {
        asked.push([prefix, cursor, anew]);
        const scenes = Array.from({ length: prefix === '' ? 500 : 0 }, () => newScene());
        return { scenes, cursor: cursor === null ? 'next' : null };
      };
      const ports = { listScenes, ledger: { ...ledger, ofScene: async () => [done] } };
      let calls = 1;
      for (let page = await discover(null, ports, { isFull }); page.cursor !== null; calls += 1)
        page = await discover(page.cursor, ports, { isFull });
      assert.ok(calls > 2, 'of the inbox, each page is a call of its own');
      const pages = ['', 'bulk/'].flatMap((prefix) => [null, 'next'].map((cursor) => [prefix, cursor, isFull]));
      assert.deepEqual(asked, pages);
    }
  });

  test('at every claim, however old', async () => {
    const { sweep, claim } = await makeBench({ first: { status: 'FAILED' } });
    await sweep(later(30));
    await claim();
    assert.deepEqual(await sweep(later(31)), { started: 1, settled: 1 });
  });

  for (const { what, interrupted } of [
    { what: 'did not come to its end', interrupted: true },
    { what: 'found no model to start files with', interrupted: false },
  ])
    test(`no later than before when the one between ${what}`, async () => {
      const { sweep, discover, inbox, ledger } = await makeBench();
      await sweep();
      inbox.push(arrived(1));
      if (interrupted) await discover(null, later(30));
      else await sweep({ ...later(30), models: { serving: servingOf() } });
      assert.deepEqual(await ledger.sweptUntil(LATER), now);
      assert.equal((await sweep(later(31))).started, 1);
    });

  test('at no less because a sweep that began before it ends after it', async () => {
    const { sweep, discover, ledger } = await makeBench();
    let page = await discover(null);
    await sweep(later(1));
    while (page.cursor !== null) page = await discover(page.cursor, later(2));
    assert.deepEqual(await ledger.sweptUntil(LATER), later(1).now());
  });
});

describe('a clock that was ahead', () => {
  test('leaves no watermark: the sweep after it looks at everything, and keeps its own', async () => {
    const { sweep, claim, inbox, ledger } = await makeBench();
    await sweep(later(30));
    inbox.push(arrived(0.1), arrived(-20));
    for (const scene of inbox) await claim({ scene, state: 'DONE' });
    const { looked, ...ports } = watched(ledger);
    await sweep({ ...later(0.2), ...ports });
    assert.equal(looked.length, 2);
    assert.deepEqual(await ledger.sweptUntil(LATER), later(0.2).now());
    inbox.push(arrived(-20));
    assert.equal((await sweep(later(1))).started, 0, 'the next one looks back as ever');
  });

  test('leaves none either where that sweep did not come to its end, and its time has come', async () => {
    const { sweep, discover, inbox } = await makeBench();
    await sweep(later(30));
    await discover(null, later(0.2));
    inbox.push(arrived(1));
    assert.equal((await sweep(later(31))).started, 1);
  });

  test('leaves none after a full sweep either', async () => {
    const { sweep, ledger } = await makeBench();
    await sweep(later(30));
    await sweep(later(1), true);
    assert.deepEqual(await ledger.sweptUntil(LATER), later(1).now());
  });

  test('and is set back during a sweep: that sweep does not record how far it got', async () => {
    const { discover, ledger } = await makeBench();
    let page = await discover(null, later(30));
    while (page.cursor !== null) page = await discover(page.cursor, later(0));
    assert.equal(await ledger.sweptUntil(LATER), null);
  });
});

test('after a clock that was behind, no sweep looks less far back than before', async () => {
  const { sweep, ledger, inbox } = await makeBench();
  await sweep();
  await sweep(later(-20));
  inbox.push(arrived(-20));
  assert.deepEqual(await ledger.sweptUntil(LATER), later(-20).now());
  assert.equal((await sweep(later(1))).started, 1);
});

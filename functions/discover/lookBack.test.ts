import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SceneRef } from '../shared/messages.ts';
import type { DiscoverPorts } from './discover.ts';
import { makeBench, newScene, now } from './testBench.ts';

describe('a sweep looks back', () => {
  const DAY = 86_400_000;
  const later = (days: number) => ({ now: () => new Date(now.getTime() + days * DAY) });
  const arrived = (days: number) => ({ ...newScene(), lastModified: later(days).now().toISOString() });

  test('from the beginning of the last one that came to its end, by so many days', async () => {
    const { sweep, inbox, ledger } = await makeBench();
    assert.equal(await ledger.sweptUntil(), null);
    await sweep();
    assert.deepEqual(await ledger.sweptUntil(), now);
    const looked: string[] = [];
    const ofScene = (scene: SceneRef) => {
      looked.push(scene.key);
      return ledger.ofScene(scene);
    };
    const [old, edge, young] = [arrived(-7 - 1 / DAY), arrived(-7), arrived(3)];
    inbox.push(old, edge, young);
    assert.equal((await sweep({ ...later(20), ledger: { ...ledger, ofScene } })).started, 2);
    assert.deepEqual(looked, [edge.key, young.key], 'however long ago that was');
    assert.deepEqual(await ledger.sweptUntil(), later(20).now());
  });

  test('and asks the ledger for no file that is older, however many there are', async () => {
    const { sweep, discover, inbox, ledger } = await makeBench();
    await sweep();
    for (let i = 0; i < 100_000; i += 1) inbox.push(arrived(-8));
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
    assert.deepEqual({ started: page.started, lists, looks, calls }, { started: 3, lists: 101, looks: 3, calls: 5 });
  });

  test('across all that has failed, and a full one at everything', async () => {
    const { sweep, claim, started } = await makeBench();
    await sweep(later(30));
    const { run } = await claim({ state: 'FAILED' });
    assert.equal((await sweep(later(31))).started, 0, 'somebody has seen to it that it is not tried again');
    assert.equal((await sweep(later(31), true)).started, 1);
    assert.equal(started[0]?.[0], `${run}-2`);
  });

  test('at a failed run that somebody has granted one more attempt, where nothing came of the start', async () => {
    const { sweep, claim, ledger, started } = await makeBench();
    const row = await claim({ attemptLimit: 1 });
    const failed = await ledger.fail(row, 'FAILED', { name: 'Error', message: 'x', step: 'Infer' }, now);
    await sweep(later(30));
    await ledger.grantAttempt(failed, later(30).now());
    assert.equal((await sweep(later(31))).started, 1, 'it failed more than a look-back ago');
    assert.deepEqual(
      started.map(([name]) => name),
      [`${row.run}-2`],
    );
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
      else await sweep({ ...later(30), models: { promotedOrNone: async () => null } });
      assert.deepEqual(await ledger.sweptUntil(), now);
      assert.equal((await sweep(later(31))).started, 1);
    });

  test('at no less because a sweep that began before it ends after it', async () => {
    const { sweep, ledger } = await makeBench();
    await sweep(later(1));
    await sweep();
    assert.deepEqual(await ledger.sweptUntil(), later(1).now());
  });
});

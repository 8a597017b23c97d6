import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sceneOf } from '../scenes.ts';
import type { Stacked } from './subject.ts';

const AT_ONCE = 6;

/** What makes a run, and what makes none. */
export function identity(stacked: Stacked): void {
  test("a done file's event comes again: nothing is done", async () => {
    const { stack, run, unique } = stacked();
    const row = await run('twice', sceneOf(unique('twice'), 2));
    const before = await stack.listResults('predictions/');
    assert.equal((await stack.announce(row.scene)).status, 'SUCCEEDED');
    assert.deepEqual(await stack.ledgerRows(row.scene), [row]);
    assert.deepEqual(await stack.listResults('predictions/'), before);
  });

  test('a file has several events at once: one run', async () => {
    const { stack, key, unique, settled } = stacked();
    const scene = await stack.putSilently(key('at once'), sceneOf(unique('at once'), 2));
    const ends = await Promise.all(Array.from({ length: AT_ONCE }, () => stack.announce(scene)));
    const others = ends.filter(({ status }) => status !== 'SUCCEEDED');
    assert.deepEqual(others, []);
    assert.partialDeepStrictEqual(await settled(scene), { state: 'DONE', attempt: 1, chips: 2 });
  });

  test('the same bytes under a second key: DUPLICATE, which counts nothing', async () => {
    const { stack, run, unique, predictionsOf } = stacked();
    const file = sceneOf(unique('same'), 2);
    const first = await run('same/first', file);
    const second = await run('same/second', file);
    const { state, duplicateOf, size, digest, chips, summary, bands, drift, parts, error } = second;
    assert.deepEqual([state, duplicateOf, size, digest], ['DUPLICATE', first.run, file.length, first.digest]);
    assert.deepEqual([chips, summary, bands, drift, parts, error], Array(6).fill(undefined));
    assert.equal((await stack.ended(second.execution)).status, 'SUCCEEDED');
    assert.deepEqual(await predictionsOf(second), []);
    assert.equal(await stack.metricsRow(second.model, `run#${second.run}`), undefined);
  });

  test('the same bytes under many keys at once: one is done, the others are duplicates of it', async () => {
    const { run, unique } = stacked();
    const file = sceneOf(unique('race'), 2);
    const rows = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => run(`race/${i}`, file)));
    const [done, ...others] = rows.filter(({ state }) => state === 'DONE');
    assert.deepEqual(others, []);
    const duplicates = rows.filter(({ state }) => state === 'DUPLICATE');
    assert.deepEqual(
      duplicates.map(({ duplicateOf }) => duplicateOf),
      Array(AT_ONCE - 1).fill(done!.run),
    );
  });

  test('the same key with new bytes: another run, and the old one stays', async () => {
    const { stack, run, unique } = stacked();
    const former = await run('changed', sceneOf(unique('former'), 2));
    const latter = await run('changed', sceneOf(unique('latter'), 3));
    assert.deepEqual([former.chips, latter.chips, latter.state], [2, 3, 'DONE']);
    assert.equal(former.scene.key, latter.scene.key);
    assert.notEqual(former.run, latter.run);
    assert.deepEqual(await stack.ledgerRows(former.scene), [former]);
  });
}

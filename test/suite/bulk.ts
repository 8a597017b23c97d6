import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictionsKey } from '../../core/base/keys.ts';
import { readPredictions } from '../predictions.ts';
import { blankFrames, sceneOf } from '../scenes.ts';
import type { Stacked } from './subject.ts';

/** Files under bulk/, which start nothing by themselves and are classified in batches. */
export function bulk(stacked: Stacked): void {
  test('bulk files are classified together, once the marker is in their folder, and each has its own row', async () => {
    const { stack, key, unique, run, settled } = stacked();
    const folder = `bulk/${key('bulk')}`;
    const same = sceneOf(unique('bulk same'), 1, 3);
    const owner = await run('not in bulk', same);
    const contents = {
      one: sceneOf(unique('bulk one'), 1),
      three: sceneOf(unique('bulk three'), 3, 5),
      same,
      blank: sceneOf(unique('bulk blank'), 1, 0, blankFrames),
      broken: sceneOf(unique('bulk broken'), 1).subarray(0, 200),
    };
    const files = Object.entries(contents).map(([name, bytes]) => ({ key: `${folder}/${name}`, bytes }));
    const scenes = await stack.putAllSilently(files);
    const [one] = scenes;
    assert.equal((await stack.announce(one!)).status, 'SUCCEEDED', 'an event of its own, were there one');
    assert.deepEqual(await stack.ledgerRows(one!), [], 'is none of its business');

    const marker = await stack.putSilently(`${folder}/_DONE`, new Uint8Array([10]));
    const { status, error, cause } = await stack.announce(marker);
    assert.deepEqual([status, error], ['FAILED', 'TooManyBulkFailures']);
    assert.match(cause ?? '', /^Of 5 bulk files 0 failed and 1 are invalid; /);
    const rows = await Promise.all(scenes.map((scene) => settled(scene)));
    assert.deepEqual(
      rows.map(({ state, chips, attempt }) => [state, chips, attempt]),
      [
        ['DONE', 1, 1],
        ['DONE', 3, 1],
        ['DUPLICATE', undefined, 1],
        ['EMPTY', 1, 1],
        ['INVALID', undefined, 1],
      ],
    );
    assert.equal(rows[2]?.duplicateOf, owner.run);
    assert.match(rows[4]?.error?.message ?? '', /record 0 at byte 0/);
    assert.equal(new Set(rows.map(({ batch }) => batch)).size, 1);
    assert.deepEqual(await stack.ledgerRows(marker), []);

    const { batch = '', model, day = '' } = rows[0]!;
    const file = predictionsKey({ id: batch, model, day }, 0);
    const predictions = (await readPredictions(await stack.readResult(file))).rows;
    assert.deepEqual(
      predictions.map(({ chip_id }) => chip_id).sort(),
      rows
        .slice(0, 2)
        .flatMap(({ digest, chips = 0 }) => Array.from({ length: chips }, (_, i) => `${digest?.slice(0, 16)}-${i}`))
        .sort(),
    );
    const fileOf = new Map(rows.map(({ digest, run, scene }) => [digest, [scene.key, run]]));
    for (const { digest, scene, run } of predictions) assert.deepEqual([scene, run], fileOf.get(digest!));

    const again = await stack.announce(marker);
    assert.equal(again.status, 'SUCCEEDED', 'there is nothing left to be done');
    assert.deepEqual(await Promise.all(scenes.map((scene) => settled(scene))), rows);
  });

  test("bulk files without a marker are the sweep's", async () => {
    const { stack, key, unique, settled } = stacked();
    const scene = await stack.putSilently(`bulk/${key('unmarked')}`, sceneOf(unique('bulk unmarked'), 2));
    await stack.sweep();
    assert.partialDeepStrictEqual(await settled(scene), { state: 'DONE', chips: 2 });
  });
}

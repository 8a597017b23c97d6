import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictionsKey } from '../../core/base/keys.ts';
import { readPredictions } from '../predictions.ts';
import { blankFrames, sceneOf } from '../scenes.ts';
import type { Stacked } from './subject.ts';
import { baseline } from './subject.ts';

/** Files that arrive while a queue gathers their events. */
export function arrivals(stacked: Stacked): void {
  test('small files that arrive together are classified together, and each has its own row', async () => {
    const { stack, key, unique, settled } = stacked();
    const contents = {
      one: sceneOf(unique('arrivals one'), 1),
      three: sceneOf(unique('arrivals three'), 3, 5),
      same: sceneOf(unique('arrivals one'), 1),
      blank: sceneOf(unique('arrivals blank'), 1, 0, blankFrames),
      broken: sceneOf(unique('arrivals broken'), 1).subarray(0, 200),
    };
    const watched = await stack.watchMetrics();
    const scenes = await Promise.all(
      Object.entries(contents).map(([name, bytes]) => stack.put(key(`arrivals/${name}`), bytes)),
    );
    const rows = await Promise.all(scenes.map((scene) => settled(scene)));
    assert.deepEqual(rows.map(({ state, chips, attempt }) => `${state} ${chips} ${attempt}`).toSorted(), [
      'DONE 1 1',
      'DONE 3 1',
      'DUPLICATE undefined 1',
      'EMPTY 1 1',
      'INVALID undefined 1',
    ]);
    const batches = new Set(rows.map(({ batch }) => batch));
    assert.ok(!batches.has(undefined), 'none of them had an execution of its own');
    for (const { execution } of rows) assert.equal((await stack.ended(execution)).status, 'SUCCEEDED');

    const done = rows.filter(({ state }) => state === 'DONE');
    for (const { batch = '', model, day = '', run, digest, chips } of done) {
      const file = await stack.readResult(predictionsKey({ id: batch, model, day }, 0));
      const own = (await readPredictions(file)).rows.filter((row) => row.run === run);
      assert.deepEqual([own.length, own[0]?.digest], [chips, digest]);
    }
    const published = await watched();
    const highest = (metric: string) =>
      Math.max(...published.filter((one) => one.metric === metric).map((one) => one.value));
    assert.deepEqual(
      [highest('InvalidFiles') >= 1, highest('Predictions') >= 4, highest('VersionPredictions') >= 3],
      [true, true, true],
      'as soon as they have ended, with no sweep in between',
    );

    for (const scene of scenes) await stack.announce(scene);
    assert.deepEqual(await Promise.all(scenes.map((scene) => settled(scene))), rows, 'their events come once more');
  });

  test('a file of more chips than a part holds gets its own execution', async () => {
    const { stack, key, unique, settled } = stacked();
    const count = stack.parameters.chipsPerPart + 1;
    const scene = await stack.put(key('arrivals/large'), sceneOf(unique('arrivals large'), count));
    const { state, chips, batch } = await settled(scene);
    assert.deepEqual([state, chips, batch], ['DONE', count, undefined]);
  });

  test('the marker of a folder of bulk files starts its sweep', async () => {
    const { stack, key, unique, settled } = stacked();
    const folder = `bulk/${key('arrivals')}`;
    const scene = await stack.putSilently(`${folder}/a`, sceneOf(unique('arrivals bulk'), 2));
    await stack.put(`${folder}/_DONE`, new Uint8Array([10]));
    assert.partialDeepStrictEqual(await settled(scene), { state: 'DONE', chips: 2 });
  });

  test('a file whose batch failed is tried again by the sweep, once what made it fail is mended', async () => {
    const { stack, key, unique, settled, publishFile, with: withModel } = stacked();
    const { 'model.onnx': onnx, ...incomplete } = baseline;
    await withModel(incomplete, async (model) => {
      const scene = await stack.put(key('arrivals/failing'), sceneOf(unique('arrivals failing'), 2));
      const { state, attempt, batch, error } = await settled(scene, model);
      assert.deepEqual([state, attempt, error?.name, error?.step], ['FAILED', 1, 'ObjectNotFound', 'Batch']);
      assert.ok(batch !== undefined);
      await publishFile(model, 'model.onnx', onnx!);
      await stack.sweep();
      assert.partialDeepStrictEqual(await settled(scene, model), { state: 'DONE', attempt: 2, chips: 2 });
    });
  });

  test('a file that lay there when its event was lost is taken up by the sweep', async () => {
    const { stack, key, unique, settled } = stacked();
    const scene = await stack.putSilently(key('arrivals/no event'), sceneOf(unique('arrivals no event'), 2));
    await stack.sweep();
    assert.partialDeepStrictEqual(await settled(scene), { state: 'DONE', attempt: 1, chips: 2 });
  });
}

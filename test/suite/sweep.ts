import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CANARY_FOLDER } from '../../core/base/keys.ts';
import { sceneOf } from '../scenes.ts';
import type { Stacked } from './subject.ts';
import { baseline } from './subject.ts';

/** What the sweep takes up. */
export function sweep(stacked: Stacked): void {
  test('a file that never got an event is taken up by the sweep, once', async () => {
    const { stack, key, unique, settled } = stacked();
    const scene = await stack.putSilently(key('no event'), sceneOf(unique('no event'), 2));
    assert.deepEqual(await stack.ledgerRows(scene), []);
    await stack.sweep();
    const row = await settled(scene);
    assert.partialDeepStrictEqual(row, { state: 'DONE', attempt: 1, chips: 2 });
    await stack.sweep();
    assert.deepEqual(await stack.ledgerRows(scene), [row]);
  });

  test('an object in the reserved folder is no scene file, neither by its event nor in the sweep', async () => {
    const { stack, unique } = stacked();
    const canary = await stack.putSilently(`${CANARY_FOLDER}${unique('canary')}`, sceneOf(unique('canary'), 2));
    assert.equal((await stack.announce(canary)).status, 'SUCCEEDED');
    await stack.sweep();
    assert.deepEqual(await stack.ledgerRows(canary), []);
  });

  test('a failed run is tried again by the sweep, once what made it fail is mended', async () => {
    const { stack, run, unique, settled, predictionsOf, publishFile, with: withModel } = stacked();
    const { 'model.onnx': onnx, ...incomplete } = baseline;
    await withModel(incomplete, async (model) => {
      const failed = await run('failing', sceneOf(unique('failing'), 2));
      const { state, attempt, error } = failed;
      assert.deepEqual([state, attempt, error?.name, error?.step], ['FAILED', 1, 'ObjectNotFound', 'Infer']);
      assert.match(error!.message, /model\.onnx/);
      const { status, cause } = await stack.ended(failed.execution);
      assert.deepEqual([status, cause], ['FAILED', `Infer: ${error!.message}`]);
      assert.deepEqual(await predictionsOf(failed), []);

      await publishFile(model, 'model.onnx', onnx!);
      await stack.sweep();
      const mended = await settled(failed.scene);
      assert.partialDeepStrictEqual(mended, { run: failed.run, state: 'DONE', attempt: 2, chips: 2 });
      assert.equal(mended.error, undefined);
      assert.equal((await predictionsOf(mended)).length, 1);
    });
  });

  test('a run that fails time after time is left alone when its attempts are used up', async () => {
    const { stack, run, unique, settled, with: withModel } = stacked();
    const { 'model.onnx': _, ...incomplete } = baseline;
    await withModel(incomplete, async () => {
      const failed = await run('hopeless', sceneOf(unique('hopeless'), 2));
      for (let attempt = failed.attempt; attempt < failed.attemptLimit; attempt += 1) await stack.sweep();
      const last = await settled(failed.scene);
      assert.partialDeepStrictEqual(last, { state: 'FAILED', attempt: failed.attemptLimit });
      await stack.sweep();
      assert.deepEqual(await stack.ledgerRows(failed.scene), [last]);
    });
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ModelRef, modelId } from '../../core/base/messages.ts';
import { countsIn, judgedIn } from '../benches/summaries.ts';
import { sceneOf } from '../scenes.ts';
import { baseline, type Stacked } from './subject.ts';

/** Two models that are live at once: each has its own runs, predictions and days. */
export function serving(stacked: Stacked): void {
  test('a file that two live models take has a run by each, however often its event comes', async () => {
    const { stack, key, unique, settled, predictionsOf, beside } = stacked();
    await beside(baseline, ['*'], async (other) => {
      const scene = await stack.put(key('both'), sceneOf(unique('both'), 5));
      const rows = [await settled(scene), await settled(scene, other)];
      assert.deepEqual(
        rows.map(({ state, chips, attempt }) => [state, chips, attempt]),
        Array(2).fill(['DONE', 5, 1]),
      );
      assert.notEqual(rows[0]!.model.name, rows[1]!.model.name);
      for (const row of rows) {
        const [file, ...more] = await predictionsOf(row);
        assert.ok(file!.key.startsWith(`predictions/model=${row.model.name}/version=${row.model.version}/`));
        assert.deepEqual([file!.rows.length, more], [5, []]);
      }
      assert.equal((await stack.announce(scene)).status, 'SUCCEEDED');
      assert.deepEqual(
        await stack.ledgerRows(scene),
        rows.toSorted((a, b) => (modelId(a.model) < modelId(b.model) ? -1 : 1)),
      );

      const tomorrow = new Date(Date.parse(rows[0]!.day!) + 86_400_000 + 900_000);
      await stack.judgeDays(tomorrow);
      const day = await stack.metricsRow(other, `day#${rows[0]!.day}#000001`);
      const { counts } = countsIn(rows[1]!);
      assert.partialDeepStrictEqual(judgedIn(day), { runs: 1, chips: 5, counts });
    });
  });

  test("each takes the keys that it accepts, and a promotion changes only its own model's version", async () => {
    const { stack, key, unique, settled, beside, with: withModel } = stacked();
    await beside(baseline, [`${key('south')}/*`, '*.npy'], async (other) => {
      const put = async (name: string, beside?: ModelRef) => {
        const scene = await stack.put(key(name), sceneOf(unique(name), 1));
        await settled(scene);
        if (beside !== undefined) await settled(scene, beside);
        return (await stack.ledgerRows(scene)).map(({ model }) => `${model.name} ${model.version}`);
      };
      const [north] = await put('north/one');
      assert.deepEqual(await put('north/two'), [north]);
      const both = [north!, `${other.name} ${other.version}`];
      assert.deepEqual((await put('south/one', other)).toSorted(), both.toSorted());
      await withModel(baseline, async (next) => {
        const names = [`${next.name} ${next.version}`, both[1]!];
        assert.deepEqual((await put('south/two', other)).toSorted(), names.toSorted());
      });
    });
  });

  test('files without an event are started for each by the sweep, and bulk files come in a batch for each', async () => {
    const { stack, key, unique, settled, beside } = stacked();
    await beside(baseline, ['*both*'], async (other) => {
      const scene = await stack.putSilently(key('unseen by both'), sceneOf(unique('unseen by both'), 2));
      const folder = `bulk/${key('both')}`;
      const files = ['one', 'two'].map((name) => ({
        key: `${folder}/${name}`,
        bytes: sceneOf(unique(`both ${name}`), 1),
      }));
      const scenes = await stack.putAllSilently(files);
      await stack.sweep();
      for (const one of [scene, ...scenes])
        for (const row of [await settled(one), await settled(one, other)]) assert.equal(row.state, 'DONE');
      const batches = new Set((await Promise.all(scenes.map(stack.ledgerRows))).flat().map(({ batch }) => batch));
      assert.deepEqual([batches.size, batches.has(undefined)], [2, false]);
    });
  });
}

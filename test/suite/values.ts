import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { driftSchema } from '../../core/ledger/ledgerRow.ts';
import { summaryIn } from '../../core/tasks/registry.ts';
import { heightsPackage, heightsScene } from '../benches/heights.ts';
import type { Stacked } from './subject.ts';

/** Models whose answer is a number a chip, all the way: another task is no other pipeline. */
export function values(stacked: Stacked): void {
  test('a model that predicts numbers has its values written, its runs judged by bins, and its days as well', async () => {
    const { stack, run, with: withModel } = stacked();
    await withModel(await heightsPackage(), async (model) => {
      const usual = [10, 30, 35, 50, 55, 70, 30, 45, 25, 90];
      const row = await run('heights/usual', heightsScene([0, ...usual], [1, ...usual.map((one) => one + 0.25)]));
      assert.partialDeepStrictEqual(row, { state: 'DONE', chips: 11, blank: 1 });
      const { errors, ...sum } = summaryIn(row)!;
      assert.partialDeepStrictEqual(errors, { n: 10, absolute: 2.5, mean: -0.25, squares: 0, truthMean: 44.25 });
      assert.deepEqual(sum, {
        task: 'regression',
        counts: [0, 1, 4, 3, 1, 1, 0],
        missing: 0,
        mean: 44,
        squares: usual.reduce((sum, one) => sum + (one - 44) ** 2, 0),
      });
      assert.equal(driftSchema.parse(row.drift).n, 10);

      const keys = (await stack.listResults('predictions/')).filter((key) => key.includes(row.run));
      const file = new Uint8Array(await stack.readResult(keys[0]!)).buffer;
      const rows = await parquetReadObjects({ file });
      assert.deepEqual(
        rows.map(({ index, value, true_value: truth }) => [index, value, truth]),
        usual.map((one, chip) => [chip + 1, one, one + 0.25]),
      );

      const far = await run('heights/far', heightsScene(Array.from({ length: 99 }, (_, i) => 101 + (i % 20))));
      assert.equal(far.drift?.verdict, 'drift');

      await stack.judgeDays(new Date(Date.parse(row.day!) + 86_400_000 + 900_000));
      const item = await stack.metricsRow(model, `day#${row.day}#000001`);
      assert.partialDeepStrictEqual(item, { runs: 2, chips: 110, blank: 1, n: 109, drift: { verdict: 'drift' } });
      const judged = JSON.parse(String(item?.['judgement']));
      assert.partialDeepStrictEqual(judged, { task: 'regression', counts: [0, 1, 4, 3, 1, 1, 99], missing: 0 });
    });
  });

  test('a truth that is not a finite number makes the file invalid', async () => {
    const { run, with: withModel } = stacked();
    await withModel(await heightsPackage(), async () => {
      const { state, error } = await run('heights/nan', heightsScene([10], [Number.NaN]));
      assert.equal(state, 'INVALID');
      assert.match(
        error!.message,
        /record 0 at byte 0: height: found NaN, allowed is one finite number of at most 3\.4e38$/,
      );
    });
  });
}

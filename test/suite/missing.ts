import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsIn, numbersIn } from '../benches/summaries.ts';
import { indicesPackage } from '../models/buildIndices.ts';
import { edited, frames, named } from '../scenes.ts';
import type { Package, Stacked } from './subject.ts';

/** Chips for which the model has no finite answer. */
export function missing(stacked: Stacked): void {
  test('a chip without a finite output is missing: no class, no number, and no part in the verdict', async () => {
    const { stack, run, unique, predictionsOf, with: withModel } = stacked();
    await withModel(dividing(), async () => {
      const file = Buffer.concat([named(frames[0]!, unique('missing')), withZero(frames[1]!), frames[2]!]);
      const row = await run('missing', file);
      assert.partialDeepStrictEqual(row, { state: 'DONE', chips: 3, blank: 0 });
      assert.deepEqual([countsIn(row).missing, numbersIn(row).missingShare], [1, 1 / 3]);
      assert.equal(row.drift?.n, 2);
      const [{ rows } = { rows: [] }] = await predictionsOf(row);
      assert.deepEqual(
        rows.map(({ index, label, p_0 }) => [index, label === null, p_0 === null]),
        [
          [0, false, false],
          [1, true, true],
          [2, false, false],
        ],
      );
      await stack.ended(row.execution); // all that it publishes is published by then
    });
  });

  test('a file of such chips only is done, without a verdict', async () => {
    const { stack, run, unique, with: withModel } = stacked();
    await withModel(dividing(), async (model) => {
      const publishedSince = await stack.watchMetrics();
      const row = await run('all missing', withZero(named(frames[0]!, unique('all missing'))));
      const { state, drift } = row;
      const { missingShare, mostCommonShare, meanProbability } = numbersIn(row);
      assert.deepEqual([state, missingShare, mostCommonShare, meanProbability, drift], ['DONE', 1, null, null, null]);
      assert.equal((await stack.ended(row.execution)).status, 'SUCCEEDED');
      assert.equal((await stack.metricsRow(model, `run#${row.run}`))?.['drift'], null);
      const published = await publishedSince();
      assert.deepEqual(
        published.map(({ metric, value }) => [metric, value]).sort(),
        Object.entries({ BlankShare: 0, Blanks: 0, Chips: 1, MissingShare: 1, Predictions: 0, VersionPredictions: 0 }),
      );
    });
  });
}

/** A package that divides by a band's values. */
function dividing(): Package {
  const { 'item.json': item, ...files } = indicesPackage();
  return { ...files, 'item.json': String(item).replace(/"\(B5 - B4\) \/ [^"]+"/, '"(B5 - B4) / B1"') };
}

function withZero(frame: Uint8Array): Uint8Array {
  return edited(frame, (features) => {
    const { values } = features.get('B1') as { kind: 'bytes'; values: Uint8Array[] };
    features.set('B1', { kind: 'bytes', values: [values[0]!.with(0, 0)] });
  });
}

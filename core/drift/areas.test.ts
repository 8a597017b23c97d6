import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { onLand } from '../../test/benches/predictions.ts';
import { MODEL, startTestService } from '../../test/benches/service.ts';
import { taskNamed } from '../tasks/registry.ts';
import { areasOf } from './areas.ts';
import { sumOf } from './segments.ts';
import { type Sums, type Totals, totalsOfRun } from './totals.ts';

describe('the areas of classes', async () => {
  const { service, finish } = await startTestService();
  const model = await service.models.load(MODEL);
  const guesses = [0, 0, 0, 1, 1, 2].map((one) => ({ class: one, truth: one === 1 ? 2 : one }));
  const row = onLand(await finish('placed.tfrecord', guesses), 100);
  const other = await finish('placeless.tfrecord', [{ class: 3 }]);

  test('are those of the chips with a place', () => {
    const { hectares, known, classes } = areasOf(
      { ...sumOf([row, other], model), knownLand: undefined } as unknown as Totals,
      model,
    )!;
    assert.deepEqual([hectares, known], [600, 0]);
    assert.deepEqual(
      classes.map(({ mapped, corrected }) => [mapped, corrected]),
      [
        [300, null],
        [200, null],
        [100, null],
        [0, null],
      ],
    );
  });

  test('are corrected by the chips whose truth is known', () => {
    const sum = sumOf([row], model);
    const { known, classes } = areasOf(sum, model)!;
    assert.equal(known, 6);
    assert.deepEqual(
      classes.map(({ corrected }) => Math.round(corrected!.area)),
      [300, 0, 300, 0],
    );
    for (const { corrected } of classes)
      assert.ok(corrected!.interval[0] <= corrected!.area && corrected!.area <= corrected!.interval[1]);
  });

  test('of pixels are corrected by the chips of these runs alone, whose differences say how certain that is', () => {
    const pixels = { ...model, task: taskNamed('segmentation'), classes: model.classes.slice(0, 2), reference: [5, 5] };
    const units = [50_000, -50_000].map((products) => ({ count: 50, sizes: 50 * 100 ** 2, products, squares: 9000 }));
    const truths = { chips: 50, truth: [2500, 2500], predicted: [2000, 3000], both: [2000, 2500], units };
    const land = { task: 'segmentation', names: ['a', 'b'], counts: [40, 60], hectares: [400, 600], missing: 0 };
    const [known, unknown] = [{ ...land, truths, pixels: 10_000 }, land].map((sum) => {
      const summary = JSON.stringify({ probabilitySum: 0, probable: 0, ...sum });
      return totalsOfRun({ summary, chips: 100 } as Sums);
    }) as [Totals, Totals];
    const { known: chips, classes } = areasOf(known, pixels)!;
    const areas = classes.map(({ mapped, corrected }) =>
      [mapped, corrected!.area, ...corrected!.interval].map(Math.round),
    );
    assert.deepEqual(
      [chips, areas],
      [
        50,
        [
          [400, 500, 468, 532],
          [600, 500, 466, 534],
        ],
      ],
    );
    assert.deepEqual(
      areasOf(unknown, pixels)!.classes.map(({ corrected }) => corrected),
      [null, null],
    );
  });
});

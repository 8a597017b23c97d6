import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { onLand } from '../../test/benches/predictions.ts';
import { MODEL, startTestService } from '../../test/benches/service.ts';
import { areasOf } from './areas.ts';
import { sumOf } from './segments.ts';

describe('the areas of classes', async () => {
  const { service, finish } = await startTestService();
  const model = await service.models.load(MODEL);
  const guesses = [0, 0, 0, 1, 1, 2].map((one) => ({ class: one, truth: one === 1 ? 2 : one }));
  const row = onLand(await finish('placed.tfrecord', guesses), 100);
  const other = await finish('placeless.tfrecord', [{ class: 3 }]);

  test('are those of the chips with a place', () => {
    const { hectares, known, classes } = areasOf(sumOf([row, other], model), sumOf([], model), model)!;
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
    const { known, classes } = areasOf(sum, sum, model)!;
    assert.equal(known, 6);
    assert.deepEqual(
      classes.map(({ corrected }) => Math.round(corrected!.area)),
      [300, 0, 300, 0],
    );
    for (const { corrected } of classes)
      assert.ok(corrected!.interval[0] <= corrected!.area && corrected!.area <= corrected!.interval[1]);
  });
});

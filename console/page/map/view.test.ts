import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MapRun } from '../../api.ts';
import { ASPECT, fittingView, gridStep, limited, squeezeOf, worldView } from './view.ts';

const at = (...bbox: MapRun['bbox']) => ({ bbox });

describe('the piece of the map that is shown', () => {
  test('has all runs in it', () => {
    const runs = [at(-9, 52, -8, 53), at(20, 40, 30, 45)];
    const squeeze = squeezeOf(runs);
    const { x, y, width } = fittingView(runs, squeeze);
    assert.ok(x - width / 2 < -9 * squeeze && x + width / 2 > 30 * squeeze);
    assert.ok(y - width / ASPECT / 2 < -53 && y + width / ASPECT / 2 > -40);
  });

  test('shows at least a country around a single scene, and the whole earth without one', () => {
    const squeeze = squeezeOf([at(-9, 52, -8.8, 52.1)]);
    assert.equal(fittingView([at(-9, 52, -8.8, 52.1)], squeeze).width, 8 * squeeze);
    assert.deepEqual(fittingView([], 1), worldView(1));
  });

  test('goes around the earth for what crosses the antimeridian, and stays on it', () => {
    assert.equal(fittingView([at(179, -17, -179, -16)], 1).width, worldView(1).width);
    assert.deepEqual(limited({ x: 500, y: -200, width: 9999 }, 1), { x: 180, y: -90, width: 360 });
  });

  test('is squeezed where degrees of longitude are short, and not to nothing at a pole', () => {
    assert.equal(squeezeOf([]), 1);
    assert.equal(squeezeOf([at(0, 60, 1, 60)]).toFixed(6), '0.500000');
    assert.equal(squeezeOf([at(-180, 89, 180, 90)]), 0.2);
  });

  test('has a few lines of a grid', () => {
    for (const width of [0.05, 0.3, 8, 44, 360]) assert.ok(width / gridStep(width) <= 12, `${width}`);
  });
});

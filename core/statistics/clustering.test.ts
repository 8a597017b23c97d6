import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clusteringOf, effectiveChips, spreadOfShares } from './clustering.ts';

describe('independent chips', () => {
  test('are as many as scenes, if nothing is known of the scenes', () => {
    assert.equal(effectiveChips(300, 3 * 100 ** 2), 3);
    assert.equal(
      effectiveChips(300, 290 ** 2 + 10),
      300 ** 2 / (290 ** 2 + 10),
      'a scene that has nearly all is nearly one',
    );
    assert.equal(effectiveChips(0, 0), 0);
  });

  test('are as many as chips with an exponent of 1, and between the two with one between', () => {
    assert.equal(effectiveChips(300, 3 * 100 ** 2, { chips: 100, exponent: 1 }), 300);
    assert.equal(effectiveChips(300, 3 * 100 ** 2, { chips: 100, exponent: 0.5 }), 30);
  });

  test('of a scene are no more than of one of the reference', () => {
    assert.equal(effectiveChips(3000, 3 * 1000 ** 2, { chips: 100, exponent: 0.5 }), 30);
  });

  test('of scenes of different size are never too many', () => {
    for (const exponent of [0.1, 0.5, 0.9]) {
      const sizes = [1, 5, 40, 300];
      const [n, squares] = [346, sizes.reduce((sum, size) => sum + size ** 2, 0)];
      const exact = n ** 2 / sizes.reduce((sum, size) => sum + size ** (2 - exponent), 0);
      assert.ok(effectiveChips(n, squares, { chips: Infinity, exponent }) <= exact);
    }
  });
});

describe('how alike the chips of scenes are', () => {
  const binary = (share: number) => [share, 1 - share];

  test('follows from the variance of scenes and of chips', () => {
    // Shares of 0.3 and 0.7: a variance of 0.04 · 4/3 about 0.5, and Σλ = 2 · (0.04 · 4/3) / 0.5.
    const shares = [0.3, 0.7, 0.3, 0.7].map(binary);
    const { sum, degreesOfFreedom } = spreadOfShares(shares);
    assert.ok(Math.abs(sum - (2 * 0.04 * (4 / 3)) / 0.5) < 1e-12);
    assert.ok(Math.abs(degreesOfFreedom - 1) < 1e-12);
    const { scenes, chips, exponent } = clusteringOf(shares, [25, 25, 25, 25], 1);
    assert.deepEqual([scenes, chips], [4, 25]);
    assert.ok(Math.abs(25 ** exponent - 1 / sum) < 1e-9, 'a scene is worth as many chips as their variance is larger');
  });

  test('of two classes has one degree of freedom or more, whatever is rounded: a package with fewer is refused', () => {
    for (let scenes = 5; scenes < 500; scenes += 1) {
      const shares = Array.from({ length: scenes }, (_, i) => binary(((i * 37) % 101) / 101));
      assert.ok(spreadOfShares(shares).degreesOfFreedom >= 1, `${scenes} scenes`);
    }
  });

  test('is all of it where each scene has one class, and nothing where scenes are equal', () => {
    assert.equal(clusteringOf([1, 0, 1, 0].map(binary), [9, 9, 9, 9], 1).exponent, 0);
    assert.equal(clusteringOf([0.5, 0.5, 0.5].map(binary), [9, 9, 9], 1).exponent, 1);
  });
});

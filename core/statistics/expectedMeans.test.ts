import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expectedMeans } from './expectedMeans.ts';
import { fQuantile } from './fQuantile.ts';
import { canExpect, jointMeansOf } from './jointMeans.ts';
import vectors from './jointMeans.vectors.json' with { type: 'json' };

const near = (found: number, expected: number, what: string) =>
  assert.ok(Math.abs(found / expected - 1) < 1e-4, `${what}: ${found} is not ${expected}`);

describe('the means of a window', () => {
  for (const { means, window, together, alone } of vectors.cases) {
    const size = window.length;
    const joint = jointMeansOf(means, 100)!;

    test(`are expected as statsmodels does by regression on ${size - 1} others, over ${means.length} scenes`, () => {
      const [scenes, alpha] = [{ scenes: 1, chips: 100 }, 1e-9]; // so improbable that none is off
      const found = expectedMeans(joint, window, scenes, alpha);
      const [chance, chanceAlone] = [size, 1].map((of) => Math.sqrt(fQuantile(1, means.length - of, alpha)));
      for (const [b, one] of found.entries()) {
        near(one.expected, together[b]!.expected, 'expected');
        near(one.noise / Math.max(chance!, joint.furthest.together[b]!), together[b]!.error, 'standard error');
        near(one.noiseAlone / Math.max(chanceAlone!, joint.furthest.alone[b]!), alone[b]!.error, 'error alone');
        near(joint.furthest.together[b]!, together[b]!.furthest, 'furthest');
        near(joint.furthest.alone[b]!, alone[b]!.furthest, 'furthest alone');
      }
    });

    test(`show which of ${size} is off, and the others are expected without it`, () => {
      for (const off of window.keys()) {
        const own = joint.means.map((mean, b) => (b === off ? mean + 3000 : mean));
        const found = expectedMeans(joint, own, { scenes: 10, chips: 1000 }, 0.01);
        const beyond = found.flatMap(({ expected, noise }, b) => (Math.abs(own[b]! - expected) > noise ? [b] : []));
        assert.deepEqual(beyond, [off]);
      }
    });
  }

  test('vary more in a window of few scenes, or of scenes that are smaller than the reference’s', () => {
    const { means, window } = vectors.cases[1]!;
    const joint = jointMeansOf(means, 100)!;
    const noise = (scenes: number, chips: number) =>
      expectedMeans(joint, window, { scenes, chips }, 0.01)[0]!.noiseAlone;
    assert.ok(noise(10, 1000) < noise(3, 300) && noise(3, 300) < noise(3, 30));
    assert.equal(noise(3, 300), noise(3, 3000), 'a larger scene is still one scene');
  });
});

test('too few scenes, a single mean, and one that never varies let expect nothing', () => {
  const rows = vectors.cases[2]!.means;
  assert.ok(jointMeansOf(rows.slice(0, 13), 1));
  assert.equal(jointMeansOf(rows.slice(0, 12), 1), undefined);
  assert.equal(
    jointMeansOf(
      rows.map(([one]) => [one!]),
      1,
    ),
    undefined,
  );
  assert.equal(
    jointMeansOf(
      rows.map(([one]) => [one!, 7]),
      1,
    ),
    undefined,
  );
  assert.equal(jointMeansOf([], 1), undefined);
});

test('a matrix that is not positive definite, or of too few scenes, can expect nothing', () => {
  assert.ok(canExpect({ scenes: 9, covariance: [[1], [0.9, 1]] }));
  for (const covariance of [
    [[1], [1.1, 1]],
    [[1], [0, 0]],
    [[-1], [0, 1]],
  ])
    assert.equal(canExpect({ scenes: 9, covariance }), false);
  assert.equal(canExpect({ scenes: 2, covariance: [[1], [0.9, 1]] }), false);
});

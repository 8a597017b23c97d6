import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { makeMeanOfScenes, marginOfScenes } from './meanOfScenes.ts';

const near = (found: number | null, expected: number) => assert.ok(Math.abs(found! / expected - 1) < 1e-9, `${found}`);

describe('the mean of chips that are alike within scenes', () => {
  test('has the standard error that statsmodels gives by clusters, and samplics by primary sampling units', () => {
    // statsmodels 0.14: OLS(values, np.ones(9)).fit(cov_type='cluster', cov_kwds={'groups': scenes}).bse
    // samplics 0.6: TaylorEstimator(PopParam.mean).estimate(y=values, samp_weight=np.ones(9), psu=scenes) gives the same.
    const scenes = { a: [1, 0, 0, -1], b: [1, 1, 0], c: [0, -1] };
    const mean = makeMeanOfScenes();
    for (const [scene, values] of Object.entries(scenes)) for (const value of values) mean.add(value, scene);
    const found = mean.summary()!;
    near(found.mean, 1 / 9);
    near(found.error, 0.28768346167237147);
    near(found.scenes, 81 / 29);
  });

  test('of chips that count by themselves has the standard error of the mean', () => {
    const mean = makeMeanOfScenes();
    for (const value of [2, 4, 9]) mean.add(value, undefined);
    const { error, scenes } = mean.summary()!;
    near(error, Math.sqrt(13 / 3));
    near(scenes, 3);
  });

  test('is unsure without limit of a single scene, and there is none without chips', () => {
    const mean = makeMeanOfScenes();
    assert.equal(mean.summary(), null);
    mean.add(1, 'a');
    mean.add(0, 'a');
    assert.deepEqual(mean.summary(), { mean: 0.5, error: null, scenes: 1 });
    assert.equal(marginOfScenes(mean.summary()!, 0.95), Infinity);
  });

  test('is unsure without limit of two scenes of which one has nearly all chips, also if nothing differs', () => {
    const mean = makeMeanOfScenes();
    for (let chip = 0; chip < 1000; chip += 1) mean.add(0, 'a');
    mean.add(0, 'b');
    assert.equal(mean.summary()!.error, 0);
    assert.equal(marginOfScenes(mean.summary()!, 0.95), Infinity);
  });

  test('is beyond its one-sided 95 % limit in at most 6 of 100 weeks of seven scenes that differ by 0.1', () => {
    const random = sfc32(7, 8, 9);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const weeks = 4000;
    let beyond = 0;
    for (let week = 0; week < weeks; week += 1) {
      const mean = makeMeanOfScenes();
      for (let scene = 0; scene < 7; scene += 1) {
        const worse = 0.1 * normal(); // by how much the second version is right less often in this scene
        for (let chip = 0; chip < 100; chip += 1) {
          const draw = random();
          mean.add(draw < 0.1 + Math.max(0, worse) ? -1 : draw > 0.9 + Math.min(0, worse) ? 1 : 0, `${scene}`);
        }
      }
      const found = mean.summary()!;
      if (found.mean + marginOfScenes(found, 0.95) < 0) beyond += 1;
    }
    assert.ok(beyond <= 0.06 * weeks, `${beyond} of ${weeks}`);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { sizesOfScenes } from '../statistics/clustering.ts';
import { jensenShannonDistance } from '../statistics/jensenShannon.ts';
import { measureDrift, measureLabels } from '../statistics/measureDrift.ts';
import { noiseFloor, spreadOfClasses } from '../statistics/noiseFloor.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { taskNamed } from '../tasks/registry.ts';
import {
  clusteringOfPredictions,
  clusteringOfScenes,
  type Origin,
  pooled,
  scenesOfChips,
  sumsOfScenes,
} from './scenesOfChips.ts';

const windowAt = (x: number, y: number) => ({ x: 16 * x, y: 16 * y, width: 16, height: 16, footprint: null });

describe('the scenes of chips', () => {
  test('are files, if there are at least five, and small files are left out', () => {
    const sizes = [40, 40, 40, 40, 40, 2];
    const origins = sizes.flatMap((size, file) => Array<Origin>(size).fill({ file, window: null }));
    const { of, scenes } = scenesOfChips(origins)!;
    assert.equal(of, 'files');
    assert.deepEqual([...new Set(scenes)], [0, 1, 2, 3, 4, -1]);
  });

  test('are squares of neighbouring windows of a single raster', () => {
    const origins = Array.from({ length: 900 }, (_, i) => ({ file: 0, window: windowAt(i % 30, Math.floor(i / 30)) }));
    const { of, scenes } = scenesOfChips(origins)!;
    assert.equal(of, 'blocks');
    assert.deepEqual([scenes[0], scenes[3], scenes[4], scenes[30 * 3], scenes[30 * 4]], [0, 0, 1, 0, 8]);
  });

  test('are as many chips as follow each other in a file without windows; too few chips have none', () => {
    const origins = Array<Origin>(90).fill({ file: 0, window: null });
    const { scenes } = scenesOfChips(origins)!;
    assert.deepEqual([scenes[8], scenes[9], scenes[89]], [0, 1, 9]);
    assert.equal(scenesOfChips(origins.slice(0, 60)), undefined);
  });
});

test('scenes of which too few have data are not measured', () => {
  const chips = Array.from({ length: 60 }, (_, i) => (i < 20 ? [i % 2, 1 - (i % 2)] : null));
  const scenes = chips.map((_, i) => Math.floor(i / 5));
  assert.equal(
    clusteringOfScenes(sumsOfScenes(chips, scenes), (used) => used - 1),
    undefined,
  );
});

/** Land cover on which neighbours are alike: the sign and size of a smooth random surface. Side by side: classes of chips. */
function landscape(side: number, random: () => number): number[][] {
  const waves = Array.from({ length: 60 }, () => {
    const [angle, length] = [2 * Math.PI * random(), 4 + 60 * random()];
    return {
      x: (Math.cos(angle) * 6.3) / length,
      y: (Math.sin(angle) * 6.3) / length,
      phase: 6.3 * random(),
      height: Math.sqrt(length),
    };
  });
  return Array.from({ length: side }, (_, y) =>
    Array.from({ length: side }, (_, x) => {
      const height = waves.reduce((sum, wave) => sum + wave.height * Math.sin(wave.x * x + wave.y * y + wave.phase), 0);
      return height < -20 ? 0 : height < 0 ? 1 : height < 25 ? 2 : 3;
    }),
  );
}

describe('quiet windows of neighbouring chips', () => {
  const CLASSES = 4;
  const shares = (chips: readonly number[]) =>
    Array.from({ length: CLASSES }, (_, k) => chips.filter((one) => one === k).length / chips.length);

  for (const seed of [3, 4, 5])
    test(`pass the noise floor in at most 3 of 100 trials, in a landscape of seed ${seed}; if chips counted by themselves, most would`, () => {
      const random = sfc32(seed, 1, 1);
      const side = 100;
      const land = landscape(side, random);
      const chips = land.flat();
      const origins = chips.map((_, i) => ({ file: 0, window: windowAt(i % side, Math.floor(i / side)) }));
      const { scenes } = scenesOfChips(origins)!;
      const each = chips.map((own) => Array.from({ length: CLASSES }, (_, k) => (k === own ? 1 : 0)));
      const clustering = clusteringOfScenes(sumsOfScenes(each, scenes), (used) => used - 1)!;
      const reference = shares(chips);
      for (const [count, width] of [
        [1, 7],
        [3, 10],
        [10, 7],
        [10, 17],
      ] as const) {
        const trials = 300;
        let [passed, alone] = [0, 0];
        for (let trial = 0; trial < trials; trial += 1) {
          const window: number[] = [];
          for (let scene = 0; scene < count; scene += 1) {
            const [x, y] = [random(), random()].map((at) => Math.floor(at * (side - width + 1))) as [number, number];
            for (let row = 0; row < width; row += 1) window.push(...land[y + row]!.slice(x, x + width));
          }
          const n = window.length;
          const score = jensenShannonDistance(shares(window), reference);
          const sizes = sizesOfScenes(n, count * width ** 4, chips.length, clustering);
          if (score > noiseFloor(sizes, spreadOfClasses(CLASSES))) passed += 1;
          if (score > noiseFloor({ n, reference: chips.length }, spreadOfClasses(CLASSES))) alone += 1;
        }
        const what = `${count} scenes of ${width ** 2} chips: ${passed} of ${trials}, by chips ${alone}`;
        assert.ok(passed <= 0.03 * trials, what);
        assert.ok(alone >= 0.5 * trials, what);
      }
    });
});

test('quiet windows of twelve labels, one of which covers whole scenes, drift in at most 1 of 100 trials', async () => {
  const random = sfc32(12, 3, 1);
  const model = { ...(await readModelPackage(readBaselineFile)), task: taskNamed('multilabel') };
  const [size, labels] = [50, 12];
  const flood = () => (random() < 0.3 ? size : 0);
  const others = () => Array.from({ length: size }, random).filter((one) => one < 0.3).length;
  const sceneOf = () => ({ size, sums: Array.from({ length: labels }, (_, k) => (k === 0 ? flood() : others())) });
  const limits = { threshold: 0.25, minimum: 1, isFloorEnough: true };
  const drifts = { quiet: 0, dry: 0 };
  for (let stage = 0; stage < 10; stage += 1) {
    const scenes = Array.from({ length: 100 }, sceneOf);
    const { size: total, sums: reference } = pooled(scenes);
    const clustering = clusteringOfPredictions(scenes, model);
    for (const count of [2, 5, 10, 30])
      for (let window = 0; window < 20; window += 1) {
        const { size: n, sums: counts } = pooled(Array.from({ length: count }, sceneOf));
        const sizes = sizesOfScenes(n, count * size ** 2, total, clustering);
        const of = { n, reference, total, sizes, ...limits };
        if (measureLabels({ ...of, counts })!.verdict === 'drift') drifts.quiet += 1;
        const dry = counts.map((sum, k) => (k === 1 ? 0 : sum));
        if (count === 30 && measureLabels({ ...of, counts: dry })!.verdict === 'drift') drifts.dry += 1;
      }
  }
  assert.ok(drifts.quiet <= 8 && drifts.dry === 200, JSON.stringify(drifts));
});

describe('windows of two scenes, of which few have rare classes, but then many chips of them', () => {
  const size = 50;
  for (const count of [10, 40, 100])
    test(`with ${count} scenes in the reference: at most 1 of 500 quiet ones drifts`, () => {
      const random = sfc32(count, 7, 1);
      const sceneOf = () => {
        const rare = random() < 0.06 ? Math.round(random() * size) : 0;
        const sums = [size - rare, 0, 0, 0];
        sums[1 + Math.floor(3 * random())] = rare;
        return { size, sums };
      };
      let drifts = 0;
      for (let stage = 0; stage < 50; stage += 1) {
        const scenes = Array.from({ length: count }, sceneOf);
        const clustering = clusteringOfScenes(scenes, (used) => used - 1)!;
        const { size: total, sums: reference } = pooled(scenes);
        const sizes = sizesOfScenes(2 * size, 2 * size ** 2, total, clustering);
        const limits = { sizes, alpha: 0.0027, isFloorEnough: true };
        for (let window = 0; window < 40; window += 1) {
          const counts = pooled([sceneOf(), sceneOf()]).sums;
          if (measureDrift({ counts, reference, ...limits })!.verdict === 'drift') drifts += 1;
        }
      }
      assert.ok(drifts <= 4, `${drifts} of 2000`);
    });

  test('ten scenes of another common class drift, those with a rare one unless it may be of three odd ones, with 20 in the reference', () => {
    const scenes = Array.from({ length: 20 }, (_, i) => ({ size, sums: [25 + (i % 3), 14 - (i % 3), 10, 1] }));
    const clustering = clusteringOfScenes(scenes, (used) => used - 1)!;
    const { size: total, sums: reference } = pooled(scenes);
    const sizes = sizesOfScenes(10 * size, 10 * size ** 2, total, clustering);
    const verdictOf = (counts: number[]) => measureDrift({ counts, reference, sizes, isFloorEnough: true })!.verdict;
    assert.equal(verdictOf([80, 300, 110, 10]), 'drift');
    assert.equal(verdictOf([190, 80, 70, 160]), 'not enough data', 'three odd scenes of ten come by chance');
    assert.equal(verdictOf([20, 20, 10, 450]), 'drift');
  });
});

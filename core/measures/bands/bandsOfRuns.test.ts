import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sentinelChips } from '../../../test/benches/sentinelChips.ts';
import { parseBandMeans, parseProfile } from '../../package/bandProfile.ts';
import { bandSumsOf, bandSumsText } from './bandSumsText.ts';
import { bands } from './bands.ts';
import { bandsOfRuns } from './bandsOfRuns.ts';
import { makeProfiler } from './makeProfile.ts';

const { model, source, grid } = await sentinelChips();
const names = source.bands.map(({ name }) => name);
/** Squares of the tile, each a run. */
const runOf = ({ x, y }: { x: number; y: number }) => Math.floor(x / 16) + 4 * Math.floor(y / 16);

/** A profile of some chips, with squares as scenes. */
function profileOf(chips: typeof grid) {
  const profiler = makeProfiler({ source }, names);
  for (const { chip } of chips) profiler.at(chip);
  const scenes = { of: 'files' as const, scenes: chips.map(runOf) };
  return { bands: profiler.profile(scenes), bandMeans: profiler.bandMeans(scenes) };
}

function isNear(found: number, expected: number, what: string, share = 1e-3) {
  assert.ok(Math.abs(found - expected) <= share * Math.abs(expected), `${what}: ${found}, not ${expected}`);
}

describe('the bands of a stage’s runs', () => {
  const before = profileOf(grid.filter(({ x, y }) => (x + y) % 2 === 0));
  const profile = parseProfile(before, source.bands)!;
  const looks = Array.from({ length: 16 }, () => bands.look({ ...model, source, profile }));
  for (const one of grid) looks[runOf(one)]!.at(one.chip, false);
  const runs = looks.map((look) => bandSumsOf(bandSumsText(look.sum().bands!))); // as their rows hold them
  const { ofReference: found, ofScenes } = bandsOfRuns(runs, profile);
  const expected = profileOf(grid);

  test('have the means, deviations and scenes that a profile of the same chips has', () => {
    for (const [i, one] of parseProfile(found, source.bands)!.entries()) {
      const { name } = one;
      const other = expected.bands[name]!;
      assert.equal(name, names[i]);
      assert.equal(one.chips, grid.length);
      for (const field of ['mean', 'deviation', 'betweenChips'] as const)
        isNear(one[field], other[field], `${name} ${field}`);
      for (const field of ['scenes', 'chips'] as const)
        isNear(one.scenes![field], other.scenes![field], `${name} ${field}`);
      // The bins are those of half of the chips, so that they differ a little.
      assert.ok(Math.abs(one.scenes!.exponent - other.scenes!.exponent) < 0.03, `${name} ${one.scenes!.exponent}`);
      assert.deepEqual(
        [one.edges[0], one.edges.at(-1)],
        [other.edges[0], other.edges.at(-1)],
        'the range of all values',
      );
    }
  });

  test('say how the means of the bands vary together', () => {
    const [one, other] = [found.bandMeans!, expected.bandMeans!];
    assert.deepEqual([one.bands, one.scenes, one.chips], [other.bands, other.scenes, other.chips]);
    for (const [i, mean] of one.means.entries()) isNear(mean, other.means[i]!, `mean ${i}`);
    for (const [i, row] of one.covariance.entries())
      for (const [j, value] of row.entries()) isNear(value, other.covariance[i]![j]!, `covariance ${i} ${j}`, 0.01);
  });

  test('are also given scene by scene: the shares of the bins, and the mean', () => {
    for (const [i, name] of names.entries()) {
      const { scenes } = ofScenes[name]!;
      const pooled = profile[i]!.counts.map((_, bin) => scenes.reduce((sum, scene) => sum + scene.sums[bin]!, 0));
      const mean = scenes.reduce((sum, scene) => sum + scene.sums.at(-1)!, 0);
      assert.ok(Math.abs(pooled.reduce((sum, one) => sum + one) - grid.length) < 1e-6);
      isNear(mean / grid.length, found.bands[name]!.mean, `${name} mean`, 0.01);
    }
  });

  test('can be read as a profile, also where no run has a value in a bin', () => {
    const dark = runs.map((sums) =>
      sums.map((sum) => ({ ...sum, counts: sum.counts.map((n, bin) => (bin === 3 ? 0 : n)) })),
    );
    const json = bandsOfRuns(dark, profile).ofReference;
    assert.equal(parseProfile(json, source.bands)!.length, names.length);
    assert.ok(parseBandMeans(json, profile));
    assert.equal(json.bands[names[0]!]!.counts[2], 1);
  });
});

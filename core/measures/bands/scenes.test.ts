import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../../replay/sfc32.ts';
import { sentinelChips, windowAt } from '../../../test/benches/sentinelChips.ts';
import { parseBandMeans, parseProfile } from '../../package/bandProfile.ts';
import type { Chip } from '../../package/package.ts';
import { scenesOfChips } from '../scenesOfChips.ts';
import { addBandSums, type BandSum } from './bandSum.ts';
import { bands } from './bands.ts';
import { makeProfiler } from './makeProfile.ts';
import { measureBands } from './measureBands.ts';

const LIMITS = { threshold: 0.25, minimum: 1 };

describe('windows of scenes', async () => {
  const { model, source, grid } = await sentinelChips();
  const names = source.bands.map(({ name }) => name);
  const profiler = makeProfiler({ source }, names);
  for (const { chip } of grid) profiler.at(chip);
  const scenes = scenesOfChips(grid.map(({ x, y }) => ({ file: 0, window: windowAt(x, y) })))!;
  const json = { bands: profiler.profile(scenes), bandMeans: profiler.bandMeans(scenes) };
  const profile = parseProfile(json, source.bands)!;
  const bandMeans = parseBandMeans(json, profile)!;
  const sumOf = (chip: Chip): BandSum[] => {
    const look = bands.look({ ...model, source, profile });
    look.at(chip, false);
    return look.sum().bands!;
  };
  /** A window of scenes of so many chips a side. */
  const drawn = (sums: Map<string, BandSum[]>, count: number, side: number, random: () => number) => {
    const own: BandSum[][] = [];
    for (let scene = 0; scene < count; scene += 1) {
      const [left, top] = [random(), random()].map((at) => Math.floor(at * (64 - side + 1)));
      for (let y = 0; y < side; y += 1)
        for (let x = 0; x < side; x += 1) own.push(sums.get(`${left! + x} ${top! + y}`) ?? []);
    }
    const all = own.filter(({ length }) => length > 0).reduce((a, b) => a.map((sum, i) => addBandSums(sum, b[i]!)));
    return measureBands(all, { profile, bandMeans }, LIMITS, count);
  };
  const sumsOf = (change: (chip: Chip) => Chip) =>
    new Map(grid.map(({ x, y, chip }) => [`${x} ${y}`, sumOf(change(chip))]));
  const drifting = (drift: ReturnType<typeof measureBands>) =>
    drift.flatMap(({ band, verdict }) => (verdict === 'drift' ? [band] : []));

  test('drift in at most 1 of 100 where nothing has changed', () => {
    const quiet = sumsOf((chip) => chip);
    const random = sfc32(1, 2, 3);
    for (const [count, side] of [
      [1, 4],
      [1, 10],
      [3, 7],
      [10, 10],
    ] as const) {
      const found = Array.from({ length: 100 }, () => drifting(drawn(quiet, count, side, random)).length);
      assert.ok(found.filter((bandsOf) => bandsOf > 0).length <= 1, `${count} scenes of ${side}²: ${found}`);
    }
  });

  test('of 30 independent chips, as one of ten quiet sensors has them, drift in at most 1 of 100', () => {
    const each = grid.map(({ chip }) => sumOf(chip));
    const random = sfc32(1, 2, 3);
    const quiet = Array.from({ length: 1000 }, () => {
      const own = Array.from({ length: 30 }, () => each[Math.floor(random() * each.length)]!);
      const all = own.reduce((a, b) => a.map((sum, i) => addBandSums(sum, b[i]!)));
      return drifting(measureBands(all, { profile, bandMeans }, { ...LIMITS, share: 0.1 })).length;
    });
    const found = quiet.filter((bandsOf) => bandsOf > 0).length;
    assert.ok(found <= 10, `${found} of 1,000`);
  });

  test('have as much more noise of a mean as the scenes of their segment differ more', () => {
    const sums = sumOf(grid[0]!.chip);
    for (const joint of [{ bandMeans }, {}]) {
      const noise = (wider?: number) => {
        const own = profile.map((band) => ({ ...band, ...(wider && { wider }) }));
        return measureBands(sums, { profile: own, ...joint }, LIMITS, 3).map(({ meanShiftNoise }) => meanShiftNoise!);
      };
      const [twice, once] = [noise(2), noise()];
      for (const [i, one] of twice.entries()) assert.ok(Math.abs(one / once[i]! - 2) < 1e-12);
    }
  });

  test('have the noise of as many scenes as have a band, and expect none of it by the others where a tenth of the chips lacks it', () => {
    const sums = sumOf(grid[0]!.chip).map((sum) => ({ ...sum, chips: 1000 }));
    const judged = (chips: number, scenes: number) =>
      measureBands([{ ...sums[0]!, chips }, ...sums.slice(1)], { profile, bandMeans }, LIMITS, scenes);
    const [some, all] = [judged(200, 10), judged(1000, 10)];
    assert.ok(Math.abs(some[0]!.noiseFloor! - ofTwo(sums[0]!)) < 1e-12, 'two of ten scenes');
    assert.ok(some[0]!.noiseFloor! > all[0]!.noiseFloor!);
    assert.equal(some[1]!.noiseFloor, all[1]!.noiseFloor);
    assert.deepEqual(
      [some, judged(890, 10), judged(910, 10)].map((of) => of.map(({ expectedMean }) => expectedMean !== null).join()),
      [names.map(() => false).join(), names.map(() => false).join(), names.map(() => true).join()],
    );

    function ofTwo(sum: BandSum) {
      const alone = profile.map(() => ({ ...sum, chips: 200 }));
      return measureBands(alone, { profile }, LIMITS, 2)[0]!.noiseFloor!;
    }
  });

  test('drift in the one band that is 0.8 of what it was, and in no other: ten scenes of a hundred chips', () => {
    for (const [dark, name] of names.entries()) {
      const random = sfc32(4, 5, dark);
      const sums = sumsOf((chip) => ({
        ...chip,
        planes: chip.planes.map((plane, i) => (i === dark ? plane.map((value) => value * 0.8) : plane)),
      }));
      const found = Array.from({ length: 50 }, () => drifting(drawn(sums, 10, 10, random)).join(' '));
      assert.ok(found.filter((band) => band === name).length >= 49, `${name}: ${found}`);
    }
  });
});

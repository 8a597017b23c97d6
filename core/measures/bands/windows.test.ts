import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../../replay/sfc32.ts';
import {
  bundledChips,
  chipLike,
  profileOf,
  scaled,
  shuffled,
  smallChips,
  sumsOf,
  unseenWindows,
  windowsLike,
} from '../../../test/benches/bandChips.ts';
import type { Chip } from '../../package/package.ts';
import { type BandDrift, measureBands } from './measureBands.ts';

/** What the verdicts are worth: on windows of chips that the profile has not seen, quiet ones and others. */

const LIMITS = { threshold: 0.25, minimum: 1 };
const passes = ({ jensenShannon, noiseFloor }: BandDrift) => jensenShannon! > noiseFloor!;
const drifts = ({ verdict }: BandDrift) => verdict === 'drift';

describe('of quiet windows, those in which any band', async () => {
  const shard = await smallChips();
  const statlog = await bundledChips('landsat-statlog', 'landsat-statlog/test.csv');
  const digits = await bundledChips('digits', 'digits/t10k-first-500.npz');

  const names = statlog.model.source.bands.slice(12, 24).map(({ name }) => name);

  for (const [name, windows] of [
    [
      '300 chips of 11 bands that are like the shard, by a profile of 80 others',
      windowsLike(shard, { seen: 80, count: 300, seed: 1 }),
    ],
    [
      '300 rows of 12 bands of the Statlog data, by a profile of 1,000 others',
      unseenWindows(statlog, { names, seen: 1000, count: 300, seed: 2 }),
    ],
    [
      '100 digits of 28 × 28 pixels, by a profile of 250 others',
      unseenWindows(digits, { names: ['grey'], seen: 250, count: 100, seed: 2 }),
    ],
  ] as const)
    test(`passes its noise floor are at most 2 in 100, and so are those that drift: ${name}`, () => {
      const all = Array.from(windows, ({ sums, profile }) => measureBands(sums, { profile }, LIMITS));
      const [passed, drifted] = [passes, drifts].map((does) => all.filter((window) => window.some(does)).length);
      assert.equal(all.length, 1000);
      assert.ok(passed! <= 20, `${passed} of ${all.length} pass the noise floor`);
      assert.ok(drifted! <= 20, `${drifted} of ${all.length} drift`);
    });
});

describe('a day of 300 chips in which one band is 0.7 of what it was', async () => {
  const { model, chips } = await smallChips();
  const names = model.source.bands.map(({ name }) => name);
  // B9 is the band of cirrus clouds: it is 0 or 1 nearly everywhere, which 0.7 of it is as well.
  const bright = names.filter((name) => name !== 'B9');

  test('drifts in that band: at least 99 in 100 of 1,000 days', () => {
    let found = 0;
    const missed: string[] = [];
    let random = sfc32(3, 0, 0);
    let order = chips;
    let profile = profileOf(model, chips);
    for (let seed = 0; seed < 1000; seed += 1) {
      const name = bright[seed % bright.length]!;
      const dark = names.indexOf(name);
      if (seed % bright.length === 0) {
        random = sfc32(3, seed, 0);
        order = shuffled(chips, random);
        profile = profileOf(model, order.slice(0, 40));
      }
      const day: Chip[] = Array.from({ length: 300 }, () => scaled(chipLike(order.slice(40), random), dark, 0.7));
      const drift = measureBands(sumsOf(model, profile, day).bands!, { profile }, LIMITS);
      if (drift[dark]!.verdict === 'drift') found += 1;
      else missed.push(`${seed} ${name}: ${JSON.stringify(drift[dark])}`);
    }
    assert.ok(found >= 990, `${found} of 1000; ${missed.slice(0, 3).join('; ')}`);
  });
});

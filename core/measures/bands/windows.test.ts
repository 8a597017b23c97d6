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
} from '../../../test/benches/bandChips.ts';
import type { Chip } from '../../package/chip.ts';
import { type BandDrift, measureBands } from './measureBands.ts';

/** What the verdicts are worth: on windows of chips that the profile has not seen, quiet ones and others. */

/** A thousand windows in all. */
const [PROFILES, WINDOWS] = [100, 10];
const LIMITS = { threshold: 0.25, minimum: 1 };
const passes = ({ jensenShannon, noiseFloor }: BandDrift) => jensenShannon! > noiseFloor!;
const drifts = ({ verdict }: BandDrift) => verdict === 'drift';

describe('of quiet windows, those in which any band', async () => {
  const shard = await smallChips();
  const statlog = await bundledChips('landsat-statlog', 'landsat-statlog/test.csv');
  const digits = await bundledChips('digits', 'digits/t10k-first-500.npz');

  for (const { name, windows } of [
    {
      name: '300 chips of 11 bands that are like the shard, by a profile of 80 others',
      *windows() {
        for (let seed = 0; seed < PROFILES; seed += 1) {
          const random = sfc32(1, seed, 0);
          const any = (count: number) => Array.from({ length: count }, () => chipLike(shard.chips, random));
          const profile = profileOf(shard.model, any(80));
          for (let window = 0; window < WINDOWS; window += 1)
            yield measureBands(sumsOf(shard.model, profile, any(300)).bands!, { profile }, LIMITS);
        }
      },
    },
    {
      name: '300 rows of 12 bands of the Statlog data, by a profile of 1,000 others',
      *windows() {
        const names = statlog.model.source.bands.slice(12, 24).map(({ name }) => name);
        for (let seed = 0; seed < PROFILES; seed += 1) yield* judged(statlog, names, 1000, 300, seed);
      },
    },
    {
      name: '100 digits of 28 × 28 pixels, by a profile of 250 others',
      *windows() {
        for (let seed = 0; seed < PROFILES; seed += 1) yield* judged(digits, ['grey'], 250, 100, seed);
      },
    },
  ])
    test(`passes its noise floor are at most 2 in 100, and so are those that drift: ${name}`, () => {
      const all = [...windows()];
      const [passed, drifted] = [passes, drifts].map((does) => all.filter((window) => window.some(does)).length);
      assert.equal(all.length, 1000);
      assert.ok(passed! <= 20, `${passed} of ${all.length} pass the noise floor`);
      assert.ok(drifted! <= 20, `${drifted} of ${all.length} drift`);
    });
});

/** Windows of chips that a profile of others has not seen. */
function* judged(
  { model, chips }: Awaited<ReturnType<typeof bundledChips>>,
  names: string[],
  seen: number,
  count: number,
  seed: number,
): Generator<BandDrift[]> {
  const random = sfc32(2, seed, 0);
  const order = shuffled(chips, random);
  const profile = profileOf(model, order.slice(0, seen), names);
  for (let window = 0; window < WINDOWS; window += 1) {
    const unseen = shuffled(order.slice(seen), random).slice(0, count);
    yield measureBands(sumsOf(model, profile, unseen).bands!, { profile }, LIMITS);
  }
}

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

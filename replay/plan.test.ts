import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { gradualDrift } from '../core/drift/gradualDrift.ts';
import { addBandSums, type BandSum } from '../core/measures/bands/bandSum.ts';
import { measureBands } from '../core/measures/bands/measureBands.ts';
import type { BandProfile } from '../core/package/bandProfile.ts';
import type { Chip } from '../core/package/package.ts';
import { jensenShannonDistance } from '../core/statistics/jensenShannon.ts';
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { scaled, smallChips, sumsOf } from '../test/benches/bandChips.ts';
import {
  counts,
  hasPredictions,
  judgedDay,
  LIMITS,
  predictedCounts,
  predictionsOfDark,
  REFERENCE,
} from '../test/benches/fifteenDays.ts';
import { readBaselineFile } from '../test/benches/packages.ts';
import { arrivalOf, BAD_SENSOR_DAY, DARK_BAND, DARK_DAY, dateOf, fifteenDays, firstDayBefore, keyOf } from './plan.ts';
import { drawChips, randomOf, type Sample } from './sceneFile.ts';

const WINDOW = 300;
/** The version that has a profile of its bands. */
const PROFILED = new URL('../models/droughtwatch-baseline/1.1.0/', import.meta.url);
const dayNumbers = fifteenDays.map(({ number }) => number);

test('fifteen days, each of two to four files and 360 to 430 chips, in the order of their arrival', () => {
  assert.deepEqual(dayNumbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  for (const { number, scenes } of fifteenDays) {
    assert.ok(scenes.length >= 2 && scenes.length <= 4, `day ${number}: ${scenes.length} files`);
    const chips = scenes.filter(counts).reduce((sum, { draw }) => sum + draw.chips, 0);
    assert.ok(chips >= 360 && chips <= 430, `day ${number}: ${chips} chips`);
    const minutes = scenes.map(({ minute }) => minute);
    assert.deepEqual(
      minutes,
      minutes.toSorted((a, b) => a - b),
    );
    assert.ok(minutes[0]! >= 0 && minutes.at(-1)! < 24 * 60);
    for (const { draw } of scenes.filter(hasPredictions))
      assert.ok(Math.abs(draw.mix.reduce((sum, share) => sum + share, 0) - 1) < 1e-9, `day ${number}: ${draw.mix}`);
  }
});

test('one file is damaged, one comes twice, one has blank chips only', () => {
  const found = fifteenDays.flatMap((day) =>
    day.scenes.filter((scene) => !hasPredictions(scene)).map(({ name }) => [day.number, name]),
  );
  assert.deepEqual(found, [
    [2, 'damaged'],
    [3, 'LC08-scene-1-again'],
    [7, 'blank'],
  ]);
  const [first, , , again] = fifteenDays[2]!.scenes;
  assert.deepEqual({ draw: again!.draw, stream: again!.stream }, { draw: first!.draw, stream: first!.stream });
});

test('the shares of the first class differ between the files of a quiet day by a standard deviation of 0.11', () => {
  const [first] = fifteenDays;
  const shares = first!.scenes.map(({ draw }) => draw.mix[0]! - 0.8);
  const deviation = Math.sqrt(shares.reduce((sum, share) => sum + share ** 2, 0) / shares.length);
  assert.ok(Math.abs(deviation - 0.11) < 0.001, String(deviation));
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share)) < 1e-9);
});

test('a key is never used twice, and names the seed, the day and the file', () => {
  const keys = fifteenDays.flatMap((day) => day.scenes.map((scene) => keyOf(7, day, scene)));
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(keys[0], 'replay-seed-7/day-01/LC08-scene-1.tfrecord');
  for (const key of keys) assert.match(key, /^replay-seed-7\/day-(0[1-9]|1[0-5])\/[A-Za-z\d-]+\.tfrecord$/);
});

test('the last of the fifteen days is yesterday, in UTC', () => {
  const [first, last] = [fifteenDays[0]!, fifteenDays[14]!];
  for (const now of ['2026-03-10T00:00:00.000Z', '2026-03-10T23:59:59.999Z']) {
    const firstDay = firstDayBefore(new Date(now));
    assert.equal(dateOf(firstDay, first), '2026-02-23');
    assert.equal(dateOf(firstDay, last), '2026-03-09');
  }
  assert.equal(
    arrivalOf('2026-02-23', last, { ...last.scenes[0]!, minute: 61 }).toISOString(),
    '2026-03-09T01:01:00.000Z',
  );
});

describe('by arithmetic', async () => {
  const dark = await predictionsOfDark();
  for (const seed of [1, 2, 3, 4, 5])
    test(`with seed ${seed}: the drift alarm goes on on day 4, and off on day 6`, () => {
      const scores = recentScores(seed, dark);
      const beyond = scores.filter(({ score }) => score > LIMITS.threshold);
      assert.equal(beyond[0]?.day, 4);
      assert.equal(scores.find(({ day, score }) => day > 5 && score <= LIMITS.threshold)?.day, 6);
      for (const { day, name, score } of scores) {
        if (day < 4 || day > 6) assert.ok(score < LIMITS.threshold, `day ${day}, ${name}: ${score}`);
        if (day === 5) assert.ok(score > 0.3, `day ${day}, ${name}: ${score}`);
      }
    });

  const baseline = await readModelPackage(readBaselineFile);
  for (const seed of [1, 2, 3, 4, 5])
    test(`with seed ${seed}: the average of the days goes beyond its limit while it gets greener, and back at the end`, () => {
      const days = fifteenDays.map((day) => judgedDay(seed, day, dark, baseline));
      const found = days.flatMap(({ day }, i) => {
        const until = days.slice(0, i + 1);
        const drift = gradualDrift({ first: days.slice(0, 7), days: until }, day, baseline, LIMITS);
        return drift?.verdict === 'drift' ? [i + 1] : [];
      });
      assert.ok(found[0]! >= 9 && found[0]! <= 11 && found.at(-1)! < 15, String(found));
    });

  const small = await smallChips();
  const { profile = [] } = await readModelPackage((file) => readFile(new URL(file, PROFILED)));
  for (const seed of [1, 2, 3, 4, 5])
    test(`with seed ${seed}: the alarm of bands goes on if chips are far from the shard's, and for the dark band alone`, () => {
      const told = recentBands(seed, small, profile);
      for (const { day, name, far } of told) {
        const at = `day ${day}, ${name}: ${far}`;
        const isAfter = (after: number) => day === after && !name.endsWith('scene-1');
        if (day < 4 || isAfter(6) || [7, 8, 9, 10, 11, BAD_SENSOR_DAY].includes(day) || isAfter(13))
          assert.deepEqual(far, [], at);
        if (day === 5) assert.ok(far.length > 0, at);
        if (isAfter(DARK_DAY)) assert.deepEqual(far, [DARK_BAND.band], at);
      }
      assert.deepEqual(told.at(-1), { day: 15, name: 'LC08-scene-3', far: [] });
    });
});

/** The drift after each file: of the newest files that together hold 300 predictions. */
function recentScores(seed: number, dark: Sample<string>): { day: number; name: string; score: number }[] {
  const files: number[][] = [];
  return fifteenDays.flatMap((day) =>
    day.scenes.filter(hasPredictions).map((scene) => {
      files.unshift(predictedCounts(seed, day, scene, dark));
      let window = REFERENCE.map(() => 0);
      for (const counts of files) {
        if (window.reduce((sum, count) => sum + count) >= WINDOW) break;
        window = window.map((count, i) => count + counts[i]!);
      }
      return { day: day.number, name: scene.name, score: jensenShannonDistance(window, REFERENCE) };
    }),
  );
}

/** The bands that drift after each file, in the newest files that together hold 300 chips. */
function recentBands(
  seed: number,
  { model, chips }: Awaited<ReturnType<typeof smallChips>>,
  profile: readonly BandProfile[],
): { day: number; name: string; far: string[] }[] {
  const ofClass = model.classes.map(({ value }) => chips.filter(({ truth }) => truth === value));
  const places = new Map(model.source.bands.map(({ name }, i) => [name, i]));
  const files: { sums: BandSum[]; count: number }[] = [];
  return fifteenDays.flatMap((day) =>
    day.scenes.filter(hasPredictions).map((scene) => {
      const drawn = drawChips<Chip | null>({ ofClass, blank: [null] }, scene.draw, randomOf(seed, day, scene));
      const seen = drawn
        .filter((chip) => chip !== null)
        .map((chip) => (scene.dark === null ? chip : scaled(chip, places.get(scene.dark.band)!, scene.dark.gain)));
      files.unshift({ sums: sumsOf(model, profile, seen).bands!, count: seen.length });
      let [sums, count] = [files[0]!.sums, files[0]!.count];
      for (const file of files.slice(1)) {
        if (count >= WINDOW) break;
        sums = sums.map((sum, i) => addBandSums(sum, file.sums[i]!));
        count += file.count;
      }
      const judged = measureBands(sums, { profile }, LIMITS);
      const far = judged.filter(({ verdict }) => verdict === 'drift').map((one) => one.band);
      return { day: day.number, name: scene.name, far };
    }),
  );
}

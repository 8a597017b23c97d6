import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jensenShannonDistance } from '../core/drift/statistics/jensenShannon.ts';
import { golden } from '../test/suite/golden.ts';
import { arrivalOf, dateOf, fifteenDays, firstDayBefore, keyOf, type PlannedDay, type PlannedScene } from './plan.ts';
import { drawChips, randomOf, type Sample } from './sceneFile.ts';

const REFERENCE = [6002, 1511, 1512, 975];
const THRESHOLD = 0.25;
const WINDOW = 300;
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
    [5, 'damaged'],
    [7, 'scene-1-again'],
    [8, 'blank'],
  ]);
  const [first, , , again] = fifteenDays[6]!.scenes;
  assert.deepEqual({ draw: again!.draw, stream: again!.stream }, { draw: first!.draw, stream: first!.stream });
});

test('a key is never used twice, and names the seed, the day and the file', () => {
  const keys = fifteenDays.flatMap((day) => day.scenes.map((scene) => keyOf(7, day, scene)));
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(keys[0], 'replay-seed-7/day-01/scene-1.tfrecord');
  for (const key of keys) assert.match(key, /^replay-seed-7\/day-(0[1-9]|1[0-5])\/[a-z\d-]+\.tfrecord$/);
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

for (const seed of [1, 2, 3, 4, 5])
  test(`by arithmetic, with seed ${seed}: drift is told on day 10, with its second file, and is over on day 13`, () => {
    const scores = recentScores(seed);
    const beyond = scores.filter(({ score }) => score > THRESHOLD);
    assert.deepEqual([beyond[0]?.day, beyond[0]?.name], [10, 'scene-2']);
    assert.equal(scores.find(({ day, score }) => day > 12 && score <= THRESHOLD)?.day, 13);
    for (const { day, name, score } of scores) {
      if (day < 10) assert.ok(score < 0.22, `day ${day}, ${name}: ${score}`);
      if (day === 11 || day === 12) assert.ok(score > 0.3, `day ${day}, ${name}: ${score}`);
      if (day > 13) assert.ok(score < 0.22, `day ${day}, ${name}: ${score}`);
    }
  });

/** The drift after each file: of the newest files that together hold 300 predictions. */
function recentScores(seed: number): { day: number; name: string; score: number }[] {
  const files: number[][] = [];
  return fifteenDays.flatMap((day) =>
    day.scenes.filter(hasPredictions).map((scene) => {
      files.unshift(predictedCounts(seed, day, scene));
      let window = REFERENCE.map(() => 0);
      for (const counts of files) {
        if (window.reduce((sum, count) => sum + count) >= WINDOW) break;
        window = window.map((count, i) => count + counts[i]!);
      }
      return { day: day.number, name: scene.name, score: jensenShannonDistance(window, REFERENCE) };
    }),
  );
}

function predictedCounts(seed: number, day: PlannedDay, scene: PlannedScene): number[] {
  const predicted = drawChips(predictionsOfShard(), scene.draw, randomOf(seed, day, scene));
  return Object.keys(golden.models.baseline.classes).map((name) => predicted.filter((one) => one === name).length);
}

/** What the model takes each of the shard's chips for, sorted as the chips themselves are. */
function predictionsOfShard(): Sample<string> {
  const { predictions } = golden.models.baseline;
  const ofClass = REFERENCE.map((_, label) =>
    predictions.filter((_, i) => golden.records[i]!.truth === label).map((one) => one.class),
  );
  return { ofClass, blank: ['blank'] };
}

function hasPredictions(scene: PlannedScene): boolean {
  return counts(scene) && scene.draw.blankShare < 1;
}

function counts({ isDamaged, name }: PlannedScene): boolean {
  return !isDamaged && !name.endsWith('-again');
}

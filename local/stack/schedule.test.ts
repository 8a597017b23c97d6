import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { millisecondsUntilNext, startSchedule } from './schedule.ts';

const SCHEDULE = 'cron(15 0 * * ? *)';
const MINUTE = 60_000;

for (const { now, minutes } of [
  { now: '2026-01-31T00:00:00.000Z', minutes: 15 },
  { now: '2026-01-31T00:14:00.000Z', minutes: 1 },
  { now: '2026-01-31T00:15:00.000Z', minutes: 24 * 60 },
  { now: '2026-01-31T23:15:00.000Z', minutes: 60 },
]) {
  test(`at ${now} the next sweep is due in ${minutes} minutes`, () => {
    assert.equal(millisecondsUntilNext(SCHEDULE, new Date(now)), minutes * MINUTE);
  });
}

test('a schedule that a laptop cannot keep is named, with what it can', () => {
  assert.throws(
    () => millisecondsUntilNext('rate(1 day)', new Date()),
    /found "rate\(1 day\)".*cron\(15 0 \* \* \? \*\)/,
  );
});

/** How often it has swept after each step: so many hours go by, after the clock has jumped by so many more. */
function sweepsOver(steps: { jumps?: number; passes: number }[]): number[] {
  mock.timers.enable({ apis: ['setInterval'] });
  let now = Date.parse('2026-03-01T10:00:00Z');
  let sweeps = 0;
  const stop = startSchedule(
    () => {
      sweeps += 1;
    },
    () => now,
  );
  try {
    return steps.map(({ jumps = 0, passes }) => {
      now += jumps * 60 * MINUTE;
      for (let minute = 0; minute < passes * 60; minute += 1) {
        now += MINUTE;
        mock.timers.tick(MINUTE);
      }
      return sweeps;
    });
  } finally {
    stop();
    mock.timers.reset();
  }
}

test('the sweep runs once a day, soon after it is due', () => {
  assert.deepEqual(sweepsOver([{ passes: 14.2 }, { passes: 0.1 }, { passes: 23.9 }, { passes: 0.1 }]), [0, 1, 1, 2]);
});

test('a sweep that came due while the machine slept runs once it is awake, and the next one is due as ever', () => {
  assert.deepEqual(sweepsOver([{ jumps: 70, passes: 0.1 }, { passes: 16.1 }, { passes: 0.1 }]), [1, 1, 2]);
});

test('a clock that is set back has a sweep run at once, and does not put the next one off', () => {
  const month = 30 * 24;
  const steps = [{ jumps: month, passes: 0.1 }, { jumps: -month, passes: 14.1 }, { passes: 0.1 }];
  assert.deepEqual(sweepsOver(steps), [1, 2, 3]);
});

test('a clock that is set back for some seconds only has a sweep run under it, and one once it is right', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const right = Date.parse('2026-03-10T10:00:00Z');
  let [now, sweeps] = [right, 0];
  const stop = startSchedule(
    () => (sweeps += 1),
    () => now,
  );
  try {
    const seen = [right - 5 * 24 * 60 * MINUTE, right + 9000].map((time) => {
      now = time;
      mock.timers.tick(9000);
      return sweeps;
    });
    assert.deepEqual(seen, [1, 2]);
  } finally {
    stop();
    mock.timers.reset();
  }
});

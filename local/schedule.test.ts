import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millisecondsUntilNext } from './schedule.ts';

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

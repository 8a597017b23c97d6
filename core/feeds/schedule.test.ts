import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { periodOf, scheduleText } from './schedule.ts';

describe('a schedule of looks says how often feeds are looked at', () => {
  for (const [schedule, period, text] of [
    ['rate(15 minutes)', 900_000, 'Feeds are looked at every 15 minutes.'],
    ['rate(1 hour)', 3_600_000, 'Feeds are looked at every hour.'],
    ['rate(2 days)', 172_800_000, 'Feeds are looked at every 2 days.'],
    ['cron(0 6 * * ? *)', null, 'Feeds are looked at cron(0 6 * * ? *).'],
    ['', null, 'Nothing looks at feeds yet: deploy the stage with --param="feedSchedule=rate(15 minutes)".'],
  ] as const)
    test(schedule || 'none', () => {
      assert.deepEqual([periodOf(schedule), scheduleText(schedule, false)], [period, text]);
    });
});

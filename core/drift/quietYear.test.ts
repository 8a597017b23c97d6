import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { LIMITS, model, quietDay } from '../../test/benches/quietTile.ts';
import { daysBefore } from '../base/time/days.ts';
import { gradualDrift } from './gradualDrift.ts';

/** How often a stage is alarmed for nothing, with scenes that vary as those of a real tile do. */

const YEARS = 3;

for (const [count, side] of [
  [1, 10],
  [3, 7],
] as const)
  test(`quiet years of ${count} scenes a day, of ${side ** 2} chips each, have at most 4 false alarms a year`, () => {
    const random = sfc32(count, side, 9);
    const days = Array.from({ length: 365 * YEARS }, (_, i) => ({
      day: daysBefore(365 * YEARS - i, '2026-03-01T00:00:00Z'),
      judgement: quietDay(count, side, random),
    }));
    const alarms = { drift: 0, bands: 0, gradual: 0 };
    for (const [i, { day, judgement }] of days.entries()) {
      if (judgement.drift!.verdict === 'drift') alarms.drift += 1;
      if (judgement.bandDrift!.some(({ verdict }) => verdict === 'drift')) alarms.bands += 1;
      const window = { first: days.slice(0, 7), days: days.slice(Math.max(0, i - 44), i + 1) };
      if (gradualDrift(window, day, model, LIMITS)?.verdict === 'drift') alarms.gradual += 1;
    }
    const total = alarms.drift + alarms.bands + alarms.gradual;
    assert.ok(total <= 4 * YEARS, JSON.stringify(alarms));
  });

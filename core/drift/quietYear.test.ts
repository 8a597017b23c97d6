import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { bundledChips } from '../../test/benches/bandChips.ts';
import { LIMITS, model, quietDay } from '../../test/benches/quietTile.ts';
import { daysBefore } from '../base/time/days.ts';
import { addBandSums } from '../measures/bands/bandSum.ts';
import { bands } from '../measures/bands/bands.ts';
import { gradualDrift } from './gradualDrift.ts';
import { judgeDrift } from './window.ts';

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

test('a quiet year of 30 files a day, of two independent rows each, has at most 4 false alarms', async () => {
  const random = sfc32(5, 2, 8);
  const { model: statlog, chips } = await bundledChips('landsat-statlog', 'landsat-statlog/test.csv');
  const reference = statlog.task.reference(statlog).flatMap(({ count }, of) => Array<number>(count).fill(of));
  const oneOf = <Of>(list: readonly Of[]): Of => list[Math.floor(random() * list.length)]!;
  const sums = chips.map((chip) => {
    const look = bands.look(statlog);
    look.at(chip, false);
    return look.sum().bands!;
  });
  let [yesterday, was, alarms] = [[] as { class: number; sums: (typeof sums)[number] }[], false, 0];
  for (let day = 0; day < 365; day += 1) {
    const rows: typeof yesterday = [];
    for (let file = 0; file < 30; file += 1) {
      for (let row = 0; row < 2; row += 1) rows.unshift({ class: oneOf(reference), sums: oneOf(sums) });
      const window = [...rows, ...yesterday]; // the newest first; no day has the 300 chips that a window takes
      const counts = statlog.classes.map((_, of) => window.filter((row) => row.class === of).length);
      const added = window.map((row) => row.sums).reduce((a, b) => a.map((own, i) => addBandSums(own, b[i]!)));
      const totals = { ...statlog.task.summary.zero(statlog), counts, sceneSquares: 2 * window.length };
      const judged = judgeDrift({ ...totals, chips: window.length, blank: 0, bands: added }, statlog, LIMITS);
      const isDrift = [judged.drift!, ...judged.bandDrift!].some(({ verdict }) => verdict === 'drift');
      if (isDrift && !was) alarms += 1;
      was = isDrift;
    }
    yesterday = rows;
  }
  assert.ok(alarms <= 4, String(alarms));
});

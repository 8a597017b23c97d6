import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { drawn } from '../../test/benches/draws.ts';
import { modelOf } from '../../test/benches/predictions.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { daysBefore } from '../base/time/days.ts';
import type { ModelPackage } from '../package/package.ts';
import { jensenShannonDistance } from '../statistics/jensenShannon.ts';
import { gradualDrift } from './gradualDrift.ts';
import { totalsOfRun } from './totals.ts';
import { judgeDrift } from './window.ts';

const SHARES = [0.6, 0.15, 0.14, 0.11];
const classes = SHARES.map((_, value) => ({ name: String(value), value }));
const model = { ...modelOf(classes), reference: SHARES.map((share) => share * 6000), unit: 'chip' as const };
const limits = { threshold: 0.25, minimum: 1 };
const LAST = '2026-03-31';

/** The day that many days before the last one, with these predictions in one file. */
function dayOf(back: number, counts: readonly number[], of: ModelPackage = model) {
  const day = daysBefore(back, `${LAST}T12:00:00Z`);
  const chips = counts.reduce((sum, count) => sum + count, 0);
  const totals = totalsOfRun({ ...storedCounts([...counts]), chips, blank: 0, changed: day });
  return { day, judgement: judgeDrift(totals, of, limits) };
}

/** The reference, of which a share has become of the last class. */
const mixed = (share: number) => SHARES.map((of, i) => (1 - share) * of + (i === SHARES.length - 1 ? share : 0));

const EVEN = [600, 150, 140, 110];
const FAR = [0, 0, 0, 3000];
type Days = ReturnType<typeof dayOf>[];
const averaged = (days: Days, first: Days = [dayOf(60, EVEN)], of: Partial<ModelPackage> = {}) =>
  gradualDrift({ first, days }, days.at(-1)?.day ?? LAST, { ...model, ...of }, limits);

describe('the average of many days', () => {
  test('weighs each day by its independent chips, and 15 % less than the next one', () => {
    const days = [dayOf(2, [50, 30, 10, 10]), dayOf(1, [0, 0, 0, 0]), dayOf(0, [200, 80, 60, 60])];
    const [old, now] = [0.85 ** 2 * 100, 400];
    const counts = [0.5 * (old + now), 0.3 * old + 0.2 * now, 0.1 * old + 0.15 * now, 0.1 * old + 0.15 * now];
    const { jensenShannon, noiseFloor, days: count } = averaged(days)!;
    assert.ok(Math.abs(jensenShannon - jensenShannonDistance(counts, SHARES)) < 1e-12);
    assert.equal(count, 2);
    // The quantile of chi-square is scipy.stats.chi2.isf(0.001, 3).
    const n = (old + now) ** 2 / (0.85 ** 4 * 100 + 400);
    const floor = Math.sqrt((16.26623619623813 / 8) * (1 / n + 1 / 6000));
    assert.ok(Math.abs(noiseFloor - floor) < 1e-9, `${noiseFloor}, not ${floor}`);
  });

  test('is none without predictions, and proves nothing over a few of them or a few scenes', () => {
    assert.equal(averaged([]), null);
    assert.equal(averaged([dayOf(0, [0, 0, 0, 0])]), null);
    const away = [3, 2, 1, 0].map((back) => dayOf(back, [1200, 600, 600, 600]));
    assert.equal(averaged([dayOf(0, [20, 10, 10, 10])])!.verdict, 'not enough data');
    assert.equal(averaged(away)!.verdict, 'drift');
    assert.equal(averaged(away, undefined, { unit: 'scene' })!.verdict, 'not enough data');
  });

  test('leaves out days that drift by themselves', () => {
    const quiet = [3, 2].map((back) => dayOf(back, EVEN));
    const alone = averaged([...quiet, dayOf(1, FAR), dayOf(0, EVEN)])!;
    assert.deepEqual([alone.days, alone.verdict], [3, 'no drift']);
    assert.equal(averaged([dayOf(0, FAR)]), null);
  });

  test('finds a decay of a version whose first days all drifted by themselves, or had nothing to predict', () => {
    const away = [3, 2, 1, 0].map((back) => dayOf(back, [1200, 600, 600, 600]));
    for (const first of [dayOf(9, FAR), dayOf(9, [0, 0, 0, 0])])
      assert.equal(averaged(away, [first])!.verdict, 'drift');
  });

  test('that has been as far from the reference since the first days has not moved', () => {
    const away = [8, 7, 6, 5, 4, 3, 2, 1, 0].map((back) => dayOf(back, [1200, 600, 600, 600]));
    assert.deepEqual([averaged(away, away)!.jensenShannon, averaged(away, away)!.verdict], [0, 'no drift']);
  });

  describe('of a reference with months', () => {
    const [WINTER, SUMMER] = [EVEN, [450, 150, 140, 260]];
    const ofMonth = (counts: readonly number[]) => ({
      reference: counts.map((count) => 2 * count),
      scenes: 30,
      bands: [],
    });
    const months = Object.fromEntries([6, 7, 3].map((month) => [month, ofMonth(month === 3 ? SUMMER : WINTER)]));
    const seasons = { months, segments: {}, ofBands: [] };
    const seasonal = { ...model, seasons } as ModelPackage;
    const daysOf = (first: number, counts: readonly number[]) =>
      Array.from({ length: 7 }, (_, i) => dayOf(first - i, counts, seasonal));
    const off = (counts: readonly number[]) => counts.map((count, i) => count + [150, -150, 0, 0][i]!);

    for (const [title, now, first, is] of [
      ['finds a decay to what was usual when the version went live', WINTER, daysOf(270, WINTER), 'drift'],
      ['finds the same decay of a version that went live in such a month', WINTER, daysOf(30, SUMMER), 'drift'],
      [
        'is quiet of a version that is as far from what is usual as on its first days',
        off(SUMMER),
        daysOf(270, off(WINTER)),
        'no drift',
      ],
    ] as const)
      test(title, () => assert.equal(averaged(daysOf(6, now), first, seasonal)!.verdict, is));

    for (const [unit, size, each] of [
      ['chip', 2000, 1000],
      ['scene', 30, 1],
    ] as const)
      test(`has the noise floor of as many as its months have, where the unit is a ${unit}`, () => {
        const clustering = { scenes: 6000, chips: 1, exponent: 0, degreesOfFreedom: 3 };
        const of = { ...seasonal, unit, clustering, seasons: { ...seasons, clustering } } as ModelPackage;
        const days = Array.from({ length: 7 }, (_, i) => dayOf(6 - i, SUMMER, of));
        const sum = (base: number) => days.reduce((total, _, i) => total + base ** i, 0);
        const n = (each * sum(0.85) ** 2) / sum(0.85 ** 2);
        // As above; of scenes, 3 scipy.stats.f.isf(0.001, 3, 3 * 5999).
        const floor = Math.sqrt(((unit === 'chip' ? 16.26623619623813 : 16.273137104272678) / 8) * (1 / n + 1 / size));
        const { noiseFloor } = averaged(days, undefined, of)!;
        assert.ok(Math.abs(noiseFloor - floor) < 1e-9, `${noiseFloor}, not ${floor}`);
      });
  });

  test('is quiet for a thousand days, and finds a decay of 0.15 within 30 days in 95 of 100 trials', () => {
    const random = sfc32(1, 2, 3);
    const look = (days: Days, i: number) => averaged(days.slice(Math.max(0, i - 44), i + 1), days.slice(0, 7))!.verdict;
    const quiet = Array.from({ length: 1000 }, (_, i) => dayOf(999 - i, drawn(SHARES, 100, random)));
    const alarms = quiet.filter((_, i) => look(quiet, i) === 'drift');
    assert.ok(alarms.length <= 1, `${alarms.length} alarms`);
    const end = 0.18546; // of the last class, in addition
    assert.equal(jensenShannonDistance(mixed(end), SHARES).toFixed(4), '0.1500');
    for (const quietDays of [30, 0]) {
      let found = 0;
      for (let trial = 0; trial < 100; trial += 1) {
        const days = Array.from({ length: quietDays + 30 }, (_, i) =>
          dayOf(59 - i, drawn(mixed((end * Math.max(0, i + 1 - quietDays)) / 30), 100, random)),
        );
        if (days.some((_, i) => i >= quietDays && look(days, i) === 'drift')) found += 1;
      }
      assert.ok(found >= 95, `${found} of 100, after ${quietDays} quiet days`);
    }
  });
});

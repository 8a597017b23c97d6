import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { modelOf } from '../../test/benches/predictions.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { daysBefore } from '../base/time/days.ts';
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
function dayOf(back: number, counts: readonly number[]) {
  const chips = counts.reduce((sum, count) => sum + count, 0);
  const totals = totalsOfRun({ ...storedCounts([...counts]), chips, blank: 0 });
  return { day: daysBefore(back, `${LAST}T12:00:00Z`), judgement: judgeDrift(totals, model, limits) };
}

/** The reference, of which a share has become of the last class. */
const mixed = (share: number) => SHARES.map((of, i) => (1 - share) * of + (i === SHARES.length - 1 ? share : 0));

function drawn(shares: readonly number[], chips: number, random: () => number): number[] {
  const counts = shares.map(() => 0);
  for (let chip = 0; chip < chips; chip += 1) {
    const at = random();
    let [place, upTo] = [0, shares[0]!];
    while (at > upTo && place < shares.length - 1) upTo += shares[++place]!;
    counts[place]! += 1;
  }
  return counts;
}

describe('the average of many days', () => {
  test('weighs each day by its independent chips, and 15 % less than the next one', () => {
    const days = [dayOf(2, [50, 50, 0, 0]), dayOf(1, [0, 0, 0, 0]), dayOf(0, [100, 100, 100, 100])];
    const [old, now] = [0.85 ** 2 * 100, 400];
    const counts = [0.5 * old + 0.25 * now, 0.5 * old + 0.25 * now, 0.25 * now, 0.25 * now];
    const found = gradualDrift(days, LAST, model, limits)!;
    assert.ok(Math.abs(found.jensenShannon - jensenShannonDistance(counts, SHARES)) < 1e-12);
    assert.equal(found.days, 2);
    // The quantile of chi-square is scipy.stats.chi2.isf(0.001, 3).
    const n = (old + now) ** 2 / (0.85 ** 4 * 100 + 400);
    const floor = Math.sqrt((16.26623619623813 / 8) * (1 / n + 1 / 6000));
    assert.ok(Math.abs(found.noiseFloor - floor) < 1e-9, `${found.noiseFloor}, not ${floor}`);
  });

  test('is none without predictions, and proves nothing over a few of them or a few scenes', () => {
    assert.equal(gradualDrift([], LAST, model, limits), null);
    assert.equal(gradualDrift([dayOf(0, [0, 0, 0, 0])], LAST, model, limits), null);
    assert.equal(gradualDrift([dayOf(0, [0, 0, 0, 60])], LAST, model, limits)!.verdict, 'not enough data');
    const far = [3, 2, 1, 0].map((back) => dayOf(back, [0, 0, 0, 3000]));
    assert.equal(gradualDrift(far, LAST, model, limits)!.verdict, 'drift');
    assert.equal(gradualDrift(far, LAST, { ...model, unit: 'scene' }, limits)!.verdict, 'not enough data');
  });

  test('is quiet for a thousand days, and finds a decay of 0.15 within 30 days in 95 of 100 trials', () => {
    const random = sfc32(1, 2, 3);
    const quiet = Array.from({ length: 1000 }, (_, i) => dayOf(999 - i, drawn(SHARES, 100, random)));
    const alarms = quiet.filter(({ day }, i) => {
      const found = gradualDrift(quiet.slice(Math.max(0, i - 44), i + 1), day, model, limits)!;
      return found.verdict === 'drift';
    });
    assert.ok(alarms.length <= 1, `${alarms.length} alarms`);
    const end = 0.18546; // of the last class, in addition
    assert.equal(jensenShannonDistance(mixed(end), SHARES).toFixed(4), '0.1500');
    let found = 0;
    for (let trial = 0; trial < 100; trial += 1) {
      const days = Array.from({ length: 60 }, (_, i) =>
        dayOf(59 - i, drawn(mixed((end * Math.max(0, i - 29)) / 30), 100, random)),
      );
      const isFound = days.some(
        ({ day }, i) => i >= 30 && gradualDrift(days.slice(i - 30, i + 1), day, model, limits)!.verdict === 'drift',
      );
      if (isFound) found += 1;
    }
    assert.ok(found >= 95, `${found} of 100`);
  });
});

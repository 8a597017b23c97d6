import { latestWritten } from '../../core/base/time/clocks.ts';
import { DAY_MILLISECONDS, dayOf } from '../../core/base/time/days.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { SETTLED, STATES } from '../../core/ledger/states.ts';
import type { Datum } from '../../core/metrics/metrics.ts';

/** How many of the newest rows of each state are read: a retry may have put an older file before a newer one. */
const LOOKED_AT = 20;

/** How the closed day's files ended, and how many closed days have passed since the newest arrived. States without files are left out: a metric costs. */
export async function measureArrivals(ledger: Pick<Ledger, 'byState' | 'countByState'>, now: Date): Promise<Datum[]> {
  const today = new Date(dayOf(now));
  const yesterday = new Date(today.getTime() - DAY_MILLISECONDS);
  const ended = await Promise.all(
    SETTLED.map(async (state): Promise<Datum> => {
      const value = await ledger.countByState(state, { from: yesterday, to: today });
      return { metric: 'FilesOfDay', value, dimensions: { State: state } };
    }),
  );
  const files = ended.filter(({ value }) => value > 0);
  // A scene file that came while the clock was ahead must not hide that nothing arrives.
  const until = latestWritten(now);
  const pages = await Promise.all(STATES.map((state) => ledger.byState(state, { limit: LOOKED_AT, until })));
  const arrived = pages.flatMap(({ rows }) => rows.map(({ day, claimedAt }) => day ?? claimedAt.slice(0, 10)));
  const newest = arrived.sort().findLast((day) => day <= dayOf(until));
  if (newest === undefined) return files; // nothing ever arrived, so there is no age
  const days = Math.max(0, (yesterday.getTime() - Date.parse(newest)) / DAY_MILLISECONDS);
  return [...files, { metric: 'DaysSinceArrival', value: days, dimensions: {} }];
}

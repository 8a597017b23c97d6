import { DAY_MILLISECONDS, isDay } from '../core/base/time/days.ts';

/** The UTC days that a page covers, both inclusive. */
export type Period = { from: string; to: string };

/** A chart cannot show more days separately; CloudWatch keeps 455. */
export const MAX_PERIOD_DAYS = 366;

/** Why a period is invalid, in a sentence; null if it is valid. */
export function periodProblem({ from, to }: Period, today: string): string | null {
  for (const [which, day] of Object.entries({ first: from, last: to })) {
    if (day === '')
      return `The ${which} day is missing, or there is no such day; allowed is a UTC day such as 2026-01-31.`;
    if (!isDay(day)) return `The ${which} day is ${JSON.stringify(day)}; allowed is a UTC day such as 2026-01-31.`;
  }
  if (from > to) return `The first day, ${from}, is after the last one, ${to}.`;
  if (to > today) return `The last day, ${to}, is still to come: today is ${today} (UTC).`;
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MILLISECONDS + 1;
  return days > MAX_PERIOD_DAYS
    ? `From ${from} to ${to} are ${days} days; allowed are at most ${MAX_PERIOD_DAYS}.`
    : null;
}

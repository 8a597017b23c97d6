import { daysBefore } from '../../core/days.ts';

/** Lengths that CloudWatch takes for a period, in seconds; each one is made of whole ones of the one before. */
const PERIODS = [60, 300, 900, 3600, 21_600, 86_400] as const;
/** More points than that nobody sees in a chart. */
export const MAX_POINTS = 400;

export type Span = { from: Date; to: Date };

/** Today as far as it has come and the `days` UTC days before it, which are closed. */
export function spanOf(now: Date, days: number): Span {
  return { from: new Date(`${daysBefore(days, now)}T00:00:00.000Z`), to: now };
}

/** The shortest period, not below `least` seconds, that gives a few hundred points; of long spans a day. */
export function periodOf({ from, to }: Span, least: number): number {
  const seconds = (to.getTime() - from.getTime()) / 1000;
  return (
    PERIODS.find((period) => period >= least && seconds / period <= MAX_POINTS) ?? Math.max(least, PERIODS.at(-1)!)
  );
}
